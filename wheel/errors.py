"""The errors of all commands. Each has a translatable message with facts, which the console translates."""

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from workflows.messages import N_

if TYPE_CHECKING:  # every command imports this module, even `arshjul --version`
    from workflows.definition.definition import Definition
    from workflows.rules.named_rules import Reason


ErrorKind = Literal["usage", "refused", "not_found", "conflict", "faulty", "not_well", "unexpected"]


class ArshjulError(Exception):
    """A message with its facts. `kind` decides the exit code and the status (exit_codes.py)."""

    kind: ErrorKind = "unexpected"

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message.format_map(facts) if facts else message)
        self.message = message
        self.facts = facts


class Usage(ArshjulError):
    """The command cannot be understood as it is."""

    kind = "usage"

    @classmethod
    def machine(cls, name: str) -> "Usage":
        return cls(N_("{name} is the program itself and cannot be used as a person."), name=name)


class RefusedError(ArshjulError):
    """A rule, a role or the wrong body stands against it: all the reasons at once.

    `definition`: the one that the plan was judged by; it names the bodies and states in the reasons.
    """

    kind = "refused"

    def __init__(self, reasons: "list[Reason]", definition: "Definition | None" = None) -> None:
        super().__init__(N_("Refused."))
        self.reasons = reasons
        self.definition = definition


class RefusedRow(NamedTuple):
    """A row of a table that is refused, the plan and the step that it names, and all the reasons."""

    row: int
    address: str
    step: str
    reasons: "list[Reason]"
    definition: "Definition | None"


class RefusedRows(RefusedError):
    """Rows of a table stand against its being recorded: all of them at once."""

    def __init__(self, rows: list[RefusedRow]) -> None:
        super().__init__([reason for row in rows for reason in row.reasons])
        self.rows = rows


class NotFound(ArshjulError):
    """There is no such plan, person, cycle or entry."""

    kind = "not_found"

    @classmethod
    def plan(cls, address: str) -> "NotFound":
        return cls(N_("The plan {address} does not exist."), address=address)

    @classmethod
    def person(cls, person: str) -> "NotFound":
        return cls(N_("The person {person} does not exist."), person=person)


class Conflict(ArshjulError):
    """Somebody was faster."""

    kind = "conflict"

    @classmethod
    def on(cls, address: str) -> "Conflict":
        return cls(
            N_("Somebody else changed {address} a moment ago."),
            address=address,
        )
