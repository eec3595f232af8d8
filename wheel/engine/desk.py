"""What every verb is asked with and answers with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from notifications.mail_settings import MailSettings
from wheel.database.store import Deadlock, Store
from wheel.engine.plan import Plan, Status
from wheel.engine.transition import catch_up
from wheel.engine.unit_of_work import UnitOfWork, unit_of_work
from wheel.errors import Conflict, NotFound, RefusedError, Usage
from workflows.messages import N_
from workflows.rules.rules import Reason


@dataclass(frozen=True)
class Request:
    """Who asks, when, and on which terms. `if_version`: the version of the plan that they saw."""

    actor: str
    now: datetime
    reason: str = ""
    anyway: bool = False
    dry_run: bool = False
    if_version: int | None = None


@dataclass(frozen=True)
class Result:
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
    def unit_of_work(self, request: Request) -> Iterator[UnitOfWork]:
        with unit_of_work(self.store, request.now, request.actor, self.mail) as uow:
            if request.actor not in uow.directory.people:
                raise NotFound.person(request.actor)
            yield uow
            if request.dry_run:
                raise _DryRun

    def carry_out(self, request: Request, subject: str, verb: str, do: Callable[[UnitOfWork], Result]) -> Result:
        """Run `do` in a transaction. A refusal rolls it back and is an entry of the log by itself.

        A tick and an act may lock the same plans in turn; the one that the database ends is done again.
        """
        for _ in range(DEADLOCKS):
            with suppress(Deadlock):
                return self._carry_out(request, subject, verb, do)
        return self._carry_out(request, subject, verb, do)

    def _carry_out(self, request: Request, subject: str, verb: str, do: Callable[[UnitOfWork], Result]) -> Result:
        if request.anyway and not request.reason.strip():
            raise Usage(N_("--anyway needs --reason: it stands in the log why the rule was passed over."))
        done: Result | None = None
        uow: UnitOfWork | None = None
        try:
            with self.unit_of_work(request) as uow:
                done = do(uow)
        except _DryRun:
            pass
        except RefusedError as refused:
            if not request.dry_run:
                self._log_refusal(request, subject, verb, refused.reasons)
            raise
        assert done is not None
        assert uow is not None
        return replace(done, log=[] if request.dry_run else uow.log_seqs, notices=uow.notices, dry_run=request.dry_run)

    def _log_refusal(self, request: Request, subject: str, verb: str, reasons: list[Reason]) -> None:
        with unit_of_work(self.store, request.now, request.actor, self.mail) as uow:
            told = [{"rule": r.rule, "message": r.message, "facts": r.facts, "step": r.step} for r in reasons]
            uow.log("plan.refused", subject, verb=verb, reasons=told)


def load_current(uow: UnitOfWork, request: Request, address: str, verb: str = "") -> Plan:
    """The plan that an act is about, as it would stand if the daemon had been on time; but the act's own step
    is left to it.

    Raises NotFound, and Conflict if it is not the version that the actor saw.
    """
    return catch_up(uow, load_stored(uow, request, address), verb)


def load_stored(uow: UnitOfWork, request: Request, address: str) -> Plan:
    """The plan as it is stored. Raises NotFound, Conflict."""
    plan = uow.plan(address)
    if request.if_version is not None and request.if_version != plan.version:
        raise Conflict.on(address)
    return plan


def refuse_or_warn(request: Request, reasons: list[Reason]) -> list[Reason]:
    """Refuse with every reason, or answer what is to be recorded: warnings, and rules passed over with a reason."""
    refusing = [r for r in reasons if r.severity == "refuse" and not (request.anyway and r.overridable)]
    if refusing:
        raise RefusedError([r for r in reasons if r.severity == "refuse"])
    return [replace(r, severity="warn") for r in reasons]


def permit(uow: UnitOfWork, plan: Plan, verb: str, *bodies: str) -> list[Reason]:
    """The objection to the actor doing that in this matter, if any."""
    return permitted(uow, verb, uow.today(plan.cycle), *bodies)


def permitted(uow: UnitOfWork, verb: str, day: date, *bodies: str) -> list[Reason]:
    """The objection to the actor doing that on that day in a matter of these bodies, if any."""
    objection = uow.directory.objection(uow.actor, verb, bodies, day)
    return [objection] if objection else []


def reason_missing(request: Request, verb: str) -> list[Reason]:
    text = N_("State why with --reason; it stands in the log.")
    return [] if request.reason.strip() else [Reason("reason", text, step=verb)]


def done(uow: UnitOfWork, plan: Plan, warnings: list[Reason] | None = None) -> Result:
    status = plan.status(uow.today(plan.cycle))
    return Result(plan.address, plan.state, status, plan.version, warnings=warnings or [])
