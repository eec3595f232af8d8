"""What every verb is asked with and answers with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from notifications.mail_settings import MailSettings
from wheel.database.store import Deadlock, Store
from wheel.engine.plan import Matter, Status
from wheel.engine.transition import on_time
from wheel.engine.unit_of_work import Work, at_work
from wheel.errors import Conflict, NotFound, RefusedError, Usage
from workflows.messages import N_
from workflows.rules.rules import Reason


@dataclass(frozen=True)
class Act:
    """Who asks, when, and on which terms. `if_version`: the version of the plan that they saw."""

    actor: str
    now: datetime
    reason: str = ""
    anyway: bool = False
    dry_run: bool = False
    if_version: int | None = None


@dataclass(frozen=True)
class Done:
    """What a write did: the contract's `write` object. `more`: what some acts answer besides, as JSON."""

    address: str
    state: str | None = None
    status: Status | None = None
    version: int | None = None
    log: list[int] = field(default_factory=list)
    notices: int = 0
    warnings: list[Reason] = field(default_factory=list)
    dry_run: bool = False
    more: dict[str, Any] = field(default_factory=dict)


DEADLOCKS = 3  # in a row; more is no chance


class _DryRun(Exception):
    """Raised to roll the transaction back after it has answered."""


class Desk:
    """Where acts are carried out: one transaction each, the refusal logged in its own."""

    def __init__(self, store: Store, mail: MailSettings) -> None:
        self.store = store
        self.mail = mail

    @contextmanager
    def work(self, act: Act) -> Iterator[Work]:
        with at_work(self.store, act.now, act.actor, self.mail) as work:
            if act.actor not in work.directory.people:
                raise NotFound.person(act.actor)
            yield work
            if act.dry_run:
                raise _DryRun

    def carry_out(self, act: Act, subject: str, verb: str, do: Callable[[Work], Done]) -> Done:
        """Run `do` in a transaction. A refusal rolls it back and is an entry of the log by itself.

        A tick and an act may lock the same plans in turn; the one that the database ends is done again.
        """
        for _ in range(DEADLOCKS):
            with suppress(Deadlock):
                return self._carry_out(act, subject, verb, do)
        return self._carry_out(act, subject, verb, do)

    def _carry_out(self, act: Act, subject: str, verb: str, do: Callable[[Work], Done]) -> Done:
        if act.anyway and not act.reason.strip():
            raise Usage(N_("--anyway needs --reason: it stands in the log why the rule was passed over."))
        done: Done | None = None
        work: Work | None = None
        try:
            with self.work(act) as work:
                done = do(work)
        except _DryRun:
            pass
        except RefusedError as refused:
            if not act.dry_run:
                self._log_refusal(act, subject, verb, refused.reasons)
            raise
        assert done is not None
        assert work is not None
        return replace(done, log=[] if act.dry_run else work.log_seqs, notices=work.notices, dry_run=act.dry_run)

    def _log_refusal(self, act: Act, subject: str, verb: str, reasons: list[Reason]) -> None:
        with at_work(self.store, act.now, act.actor, self.mail) as work:
            told = [{"rule": r.rule, "message": r.message, "facts": r.facts, "step": r.step} for r in reasons]
            work.log("plan.refused", subject, verb=verb, reasons=told)


def take_up(work: Work, act: Act, address: str, verb: str = "") -> Matter:
    """The plan that an act is about, as it would stand if the daemon had been on time; but the act's own step
    is left to it.

    Raises NotFound, and Conflict if it is not the version that the actor saw.
    """
    return on_time(work, as_it_stands(work, act, address), verb)


def as_it_stands(work: Work, act: Act, address: str) -> Matter:
    """The plan as it is stored. Raises NotFound, Conflict."""
    matter = work.matter(address)
    if act.if_version is not None and act.if_version != matter.version:
        raise Conflict.on(address)
    return matter


def settle(act: Act, reasons: list[Reason]) -> list[Reason]:
    """Refuse with every reason, or answer what is to be recorded: warnings, and rules passed over with a reason."""
    refusing = [r for r in reasons if r.severity == "refuse" and not (act.anyway and r.overridable)]
    if refusing:
        raise RefusedError([r for r in reasons if r.severity == "refuse"])
    return [replace(r, severity="warn") for r in reasons]


def permit(work: Work, matter: Matter, verb: str, *bodies: str) -> list[Reason]:
    """The objection to the actor doing that in this matter, if any."""
    return permitted(work, verb, work.today(matter.turn), *bodies)


def permitted(work: Work, verb: str, day: date, *bodies: str) -> list[Reason]:
    """The objection to the actor doing that on that day in a matter of these bodies, if any."""
    objection = work.directory.objection(work.actor, verb, bodies, day)
    return [objection] if objection else []


def reason_missing(act: Act, verb: str) -> list[Reason]:
    text = N_("State why with --reason; it stands in the log.")
    return [] if act.reason.strip() else [Reason("reason", text, step=verb)]


def done(work: Work, matter: Matter, warnings: list[Reason] | None = None) -> Done:
    status = matter.status(work.today(matter.turn))
    return Done(matter.address, matter.state, status, matter.version, warnings=warnings or [])
