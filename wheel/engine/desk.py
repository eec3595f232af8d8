"""The desk carries out actions, each in one transaction. A refusal gives all reasons at once and is logged; after a
deadlock the action is run again."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Concatenate, ParamSpec

from notifications.mail_settings import MailSettings
from wheel.audit.names_in_text import name_warnings
from wheel.database.store import Deadlock, Store
from wheel.engine.plan import Plan
from wheel.engine.request_and_result import Request, Result, kept
from wheel.engine.unit_of_work import UnitOfWork, unit_of_work
from wheel.errors import NotFound, RefusedError, RefusedRows, Usage
from workflows.messages import N_
from workflows.rules.named_rules import Reason
from workflows.visible import is_blank

P = ParamSpec("P")

DEADLOCKS = 3  # in a row; more than that is not chance


class Desk:
    """Carries out actions in one transaction each. A refusal is logged in a transaction of its own.

    `follow`: what follows from the steps of an action, in its transaction; it returns what is to be noted about that.
    """

    def __init__(self, store: Store, mail: MailSettings, follow: Callable[[UnitOfWork], list[Reason]]) -> None:
        self.store = store
        self.mail = mail
        self._follow = follow

    def carry_out(
        self,
        request: Request,
        subject: str,
        verb: str,
        action: "Callable[Concatenate[UnitOfWork, Request, P], Result]",
        *args: P.args,
        **more: P.kwargs,
    ) -> Result:
        """Run the action in one transaction. A refusal rolls it back; an entry in the log of its own keeps the refusal.

        `subject` and `verb` name the act in that entry. If the database ends the transaction because it deadlocks with
        a tick, the action is run again.
        Raises what the action raises, NotFound for an unknown actor, Usage for `anyway` without a reason.
        """

        def act(uow: UnitOfWork) -> Result:
            return action(uow, request, *args, **more)

        for _ in range(DEADLOCKS):
            with suppress(Deadlock):
                return self._carry_out(request, subject, verb, act)
        return self._carry_out(request, subject, verb, act)

    def _carry_out(self, request: Request, subject: str, verb: str, act: Callable[[UnitOfWork], Result]) -> Result:
        if request.anyway and is_blank(request.reason):
            raise Usage(N_("To pass over a rule, give a reason: the log must show why."))
        try:
            with unit_of_work(self.store, request.now, request.actor, self.mail, dry_run=request.dry_run) as uow:
                if request.actor not in uow.directory.people:
                    raise NotFound.person(request.actor)
                uow.journal.check(request.reason)  # not every act logs it; mails may quote it
                result = _current(uow, act(uow), self._follow(uow))
                warnings = result.warnings + name_warnings(uow.session, uow.journal.text)
        except RefusedError as refused:
            if not request.dry_run:
                self._log_refusal(request, subject, verb, refused)
            raise
        return replace(
            result,
            warnings=warnings,
            log=uow.log_seqs,
            notices=uow.notices,
            dry_run=request.dry_run,
            send_after=uow.first_leaves,
            told=tuple(uow.told),
        )

    def _log_refusal(self, request: Request, subject: str, verb: str, refused: RefusedError) -> None:
        """One entry, or one for each row of a table that is an act."""
        acts = [(subject, verb, refused.reasons)]
        if isinstance(refused, RefusedRows):
            acts = [(row.address, row.step, row.reasons) for row in refused.rows if row.definition]
        with unit_of_work(self.store, request.now, request.actor, self.mail) as uow:
            for about, step, reasons in acts:
                told = [kept(reason) | {"step": reason.step} for reason in reasons]
                uow.log("plan.refused", about, verb=step, reasons=told)


def _current(uow: UnitOfWork, result: Result, followed: list[Reason]) -> Result:
    """The result after what followed, which may have changed the plan once more."""
    if not followed:
        return result
    version = result.version if result.version is None else uow.plan(result.address).version
    return replace(result, warnings=result.warnings + followed, version=version)


def refuse_or_warn(request: Request, reasons: list[Reason], plan: Plan | None = None) -> list[Reason]:
    """Refuse with every reason, or return the warnings to record, including rules that were passed over.

    Raises RefusedError with the definition of the `plan`.
    """
    if refusing(request, reasons):
        definition = plan.cycle.definition if plan else None
        raise RefusedError([r for r in reasons if r.severity == "refuse"], definition)
    return [replace(r, severity="warn") for r in reasons]


def refusing(request: Request, reasons: list[Reason]) -> list[Reason]:
    """The reasons that refuse, although the request may pass over those that can be overridden."""
    return [r for r in reasons if r.severity == "refuse" and not (request.anyway and r.overridable)]
