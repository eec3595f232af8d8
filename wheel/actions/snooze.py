"""The verb `snooze`: reminders of a plan wait until a day, or until the snooze is ended. The deadline stays."""

from datetime import date

from sqlalchemy import bindparam, update

from notifications.notices import NOTICE
from wheel.engine.desk import refuse_or_warn
from wheel.engine.plan import OVER
from wheel.engine.request_and_result import Request, Result, result_of
from wheel.engine.unit_of_work import UnitOfWork
from wheel.engine.verb_preconditions import load_current, plan_objections
from wheel.engine.withheld_reminders import REMINDERS, snooze_ends
from workflows.messages import N_
from workflows.rules.named_rules import Reason

_PUT_OFF = (
    update(NOTICE)
    .where(
        NOTICE.c.plan_id == bindparam("of"), NOTICE.c.rule.in_(REMINDERS), NOTICE.c.outcome == "planned",
        NOTICE.c.message_id.is_(None),
    )
    .values(send_after=bindparam("until"))
)  # fmt: skip


def snooze(uow: UnitOfWork, request: Request, address: str, until: date) -> Result:
    """Withhold the plan's reminders until that day. Those that become due meanwhile are then sent in one mail. A second
    snooze replaces the first."""
    plan = load_current(uow, request, address)
    reasons = plan_objections(uow, request, plan, "snooze")
    today = uow.today(plan.cycle)
    status = plan.status(today)
    if status in OVER:
        reasons.append(
            Reason("state", N_("Nobody has anything to do in this plan now ({status})."), {"status": status})
        )
    if until <= today:
        reasons.append(Reason("date", N_("Give a day to come instead of {date}."), {"date": until}))
    last = plan.stage.last
    if last is not None and today <= last < until:
        text = N_("The deadline {last} passes meanwhile and does not change.")
        reasons.append(Reason("snooze", text, {"last": last}, severity="warn"))
    warnings = refuse_or_warn(request, reasons, plan)
    after = uow.save(plan, snoozed_until=until, snooze_reason=request.reason)
    put_off = uow.connection.execute(_PUT_OFF, {"of": plan.id, "until": snooze_ends(uow, after)}).rowcount
    uow.log("plan.snoozed", plan, state=plan.state, until=until, reason=request.reason, put_off=put_off)
    return result_of(uow, after, warnings)


def end_snooze(uow: UnitOfWork, request: Request, address: str) -> Result:
    """End the snooze. Reminders that have waited are sent at the next sending time, in one mail."""
    plan = load_current(uow, request, address)
    reasons = plan_objections(uow, request, plan, "snooze")
    if not plan.is_snoozed(uow.today(plan.cycle)):
        reasons.append(Reason("snoozed", N_("The plan's reminders are not withheld.")))
    warnings = refuse_or_warn(request, reasons, plan)
    after = uow.save(plan, snoozed_until=None, snooze_reason="")
    released = uow.connection.execute(_PUT_OFF, {"of": plan.id, "until": uow.now}).rowcount
    uow.log("plan.unsnoozed", plan, state=plan.state, reason=request.reason, released=released)
    return result_of(uow, after, warnings)
