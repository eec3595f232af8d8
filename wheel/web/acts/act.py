"""The form of an act: its fields, and the call of the desk that it becomes."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from wheel.engine.plan import Plan
from wheel.engine.request_and_result import Result
from wheel.engine.verb_preconditions import PRECONDITIONS
from wheel.web.forms import Form
from wheel.web.visit import Visit
from workflows.messages import N_

REASON = N_("Give a reason. It is kept in the log.")


@dataclass(frozen=True)
class Field:
    """One field, its texts in the reader's language. `choices`: value and label; of a date the days to suggest.

    `more`: it stands among the further fields, which are folded in."""

    name: str
    label: str
    kind: Literal["text", "date", "area", "radio", "check"] = "text"
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    more: bool = False

    def said(self, value: str) -> str:
        """The value as the form shows it."""
        return dict(self.choices).get(value, value) if self.kind == "radio" else value


@dataclass(frozen=True)
class Call:
    """What the desk is asked: `desk.carry_out(request, subject, verb, action, *arguments, **named)`."""

    subject: str
    verb: str
    action: Callable[..., Result]
    arguments: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)


class Act(ABC):
    """One act on a plan. `path`: the last part of its address; `verb`: whose preconditions it has."""

    path: str
    verb: str
    title: str
    lead: str

    def bodies(self, plan: Plan) -> Iterable[str]:
        """Whose matter it is."""
        return plan.owing

    def allowed(self, visit: Visit, plan: Plan) -> bool:
        """Whether a role of the visitor's allows it."""
        return visit.may(PRECONDITIONS[self.verb].right, self.bodies(plan))

    def fits(self, visit: Visit, plan: Plan) -> bool:
        """Whether the plan is such that the act makes sense."""
        return plan.is_active

    def fields(self, visit: Visit, plan: Plan) -> list[Field]:
        """The fields of the form beside the reason."""
        return []

    def preset(self, visit: Visit, plan: Plan) -> dict[str, str]:
        """What the form begins with."""
        return {}

    @abstractmethod
    def call(self, visit: Visit, plan: Plan, form: Form) -> Call:
        """The call that the form asks for. The form notes the faults of its fields."""

    def reason_needed(self, form: Form) -> str:
        """What to write where the reason is missing; "" where none is needed."""
        return REASON if PRECONDITIONS[self.verb].reason else ""


def with_boards_field(visit: Visit, plan: Plan) -> list[Field]:
    """The question whether the boards' plans follow, for a phase that has boards."""
    if plan.board is not None or plan.cycle.definition.wheel.phases[plan.phase].board is None:
        return []
    t = visit.texts
    choices = (("ja", t(N_("Yes, all that are not done"))), ("nej", t(N_("No, they go on by themselves"))))
    return [Field("with_boards", t(N_("Do the boards' plans follow?")), "radio", choices=choices)]


def with_boards(visit: Visit, plan: Plan, form: Form) -> bool | None:
    """The answer to it; None where it is not asked."""
    if not with_boards_field(visit, plan):
        return None
    said = form.get("with_boards")
    if said not in ("ja", "nej"):
        form.faults["with_boards"] = visit.texts(N_("Choose whether the boards' plans follow."))
    return said == "ja"
