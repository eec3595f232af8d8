"""What must hold before a verb acts on a plan or the municipality: one table for every verb and every door."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from wheel.engine.objections import draft_objections
from wheel.engine.plan import OUT_OF_PLAY, Plan, SpecialStatus
from wheel.engine.request_and_result import Request
from wheel.engine.transition import catch_up
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import Conflict, Usage
from workflows.messages import N_
from workflows.rules.named_rules import Reason
from workflows.visible import is_blank

HELD = N_("The plan is paused.")
STATE_WHY = Reason("reason", N_("Give a reason. It is kept in the log."))
NO_LONGER_ACTIVE = N_("The plan is no longer active ({mark}).")
ALONG_THE_WAY: dict[SpecialStatus, str] = {
    "withdrawn": N_("The plan is withdrawn."),
    "not_concerned": N_("This board does not take part in this phase."),
}
_ENDED: tuple[SpecialStatus, ...] = ("withdrawn", "not_concerned")


class Preconditions(NamedTuple):
    """`right`: what a role must list in roles.toml. `moves`: the verb may change the plan's state, which R1 (§ 1.2)
    forbids in a draft cycle. `held`: the objection on a held plan, if it is one. `refused_for`: the special statuses
    in which the verb is refused. `reason`: the objection where no reason is given, if one is needed."""

    right: str
    moves: bool = False
    held: str = ""
    refused_for: tuple[SpecialStatus, ...] = ()
    reason: Reason | None = None


PRECONDITIONS = {
    # along the plan's way
    "advance": Preconditions("advance", moves=True, held=HELD, refused_for=_ENDED),
    "decide": Preconditions("decide", moves=True, held=HELD, refused_for=_ENDED),
    "postpone": Preconditions("postpone", moves=True, held=HELD, refused_for=_ENDED),
    "send-back": Preconditions(
        "send-back", moves=True, held=HELD, refused_for=_ENDED,
        reason=Reason("decision", N_("The reason is missing. Write word for word what must be completed.")),
    ),
    "reopen": Preconditions("reopen", moves=True, held=HELD, reason=STATE_WHY),
    "undo": Preconditions("undo", moves=True, held=HELD),
    # beside the way
    "correct": Preconditions("correct", reason=STATE_WHY),
    "move-deadline": Preconditions("move-deadline", refused_for=OUT_OF_PLAY, reason=STATE_WHY),
    "hold": Preconditions("hold", held=N_("The plan is already paused."), refused_for=OUT_OF_PLAY, reason=STATE_WHY),
    "release": Preconditions("release"),
    "snooze": Preconditions("snooze", reason=STATE_WHY),
    "withdraw": Preconditions("withdraw", refused_for=OUT_OF_PLAY, reason=STATE_WHY),
    "remind": Preconditions("remind"),
    "unflag": Preconditions("unflag", reason=STATE_WHY),
    # on a cycle or the municipality
    "open": Preconditions("open"),
    "accept-timetable": Preconditions("timetable", reason=STATE_WHY),
    "replace-timetable": Preconditions("timetable"),
    "migrate": Preconditions("migrate", reason=STATE_WHY),
    "meetings": Preconditions("meetings"),
    "people": Preconditions("people"),
    "outbox": Preconditions("outbox"),
    "tick": Preconditions("tick"),
    "restore": Preconditions("restore"),
    "take-over": Preconditions("restore", reason=STATE_WHY),
}  # fmt: skip


def load_current(uow: UnitOfWork, request: Request, address: str, step: str = "") -> Plan:
    """The plan as it would stand if the daemon had been on time. `step`: the step that the request itself will take,
    which is left to it.

    Raises NotFound, and Conflict if the plan is no longer the version that the actor saw.
    """
    return catch_up(uow, load_stored(uow, request, address), step)


def load_stored(uow: UnitOfWork, request: Request, address: str) -> Plan:
    """The plan as it is stored. Raises NotFound, Conflict."""
    plan = uow.plan(address)
    if request.if_version is not None and request.if_version != plan.version:
        raise Conflict.on(address)
    return plan


def check_state(plan: Plan, state: str) -> None:
    """Raises Usage for a state that the plan's workflow does not have. It names those that it has."""
    if not plan.workflow.has(state):
        text = N_("The plan {address} has no state {state}. Its states are: {states}.")
        states = [each.label.with_id(each.id) for each in plan.workflow.states]
        raise Usage(text, address=plan.address, state=state, states=states)


def plan_objections(
    uow: UnitOfWork, request: Request, plan: Plan, verb: str, bodies: Iterable[str] | None = None, step: str = ""
) -> list[Reason]:
    """Every precondition of the verb that does not hold for the plan.

    `bodies`: whose matter it is; the body that owes the next step, if nothing else is said. `step`: the step of the
    workflow that is asked for, named in the answers.
    """
    rule = PRECONDITIONS[verb]
    found = draft_objections(uow, plan, step) if rule.moves else []
    if plan.held and rule.held:
        found.append(Reason("held", rule.held))
    if plan.special_status is not None and plan.special_status in rule.refused_for:
        if rule.moves:
            found.append(Reason(plan.special_status, ALONG_THE_WAY[plan.special_status]))
        else:
            found.append(Reason("state", NO_LONGER_ACTIVE, {"mark": plan.special_status}))
    if bodies is None:
        bodies = plan.owing
    found += right_objections(uow, request, verb, uow.today(plan.cycle), bodies)
    return [replace(reason, step=step) for reason in found] if step else found


def right_objections(
    uow: UnitOfWork, request: Request, verb: str, day: date, bodies: Iterable[str] = ()
) -> list[Reason]:
    """The objections to the actor's right on that day, in a matter of these bodies, and to a missing reason."""
    rule = PRECONDITIONS[verb]
    objection = role_objection(uow, verb, day, bodies)
    found = [objection] if objection else []
    if rule.reason and is_blank(request.reason):
        found.append(replace(rule.reason, step=verb))
    return found


def role_objection(uow: UnitOfWork, verb: str, day: date, bodies: Iterable[str] = ()) -> Reason | None:
    """The objection to the actor's right alone, on that day, in a matter of these bodies."""
    return uow.directory.objection(uow.actor, PRECONDITIONS[verb].right, bodies, day)
