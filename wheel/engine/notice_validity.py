"""Whether a planned notice is still true of its plan as it stands now. Whether it is too old to be sent:
notifications/compose/too_late.py."""

from notifications.tables import Notice
from wheel.engine.deadlines import ABOUT_THE_DEADLINE
from wheel.engine.for_information import FLAGGED, RECEIVED, WITHDRAWN
from wheel.engine.plan import Plan, PlanFlag


def why_invalid(notice: Notice, plan: Plan) -> str:
    """Why the notice no longer holds, as a code of notifications/endings.py. Empty while it holds."""
    if notice.rule == WITHDRAWN:
        here = (plan.state, plan.visit) == (notice.state, notice.entry) and plan.workflow.state(plan.state).done
        return "" if here or not plan.is_active else "moved_on"
    if not plan.is_active:
        return "out_of_play"
    if plan.cycle.draft and not plan.is_timetable:
        return "cycle_stopped"
    if notice.rule == FLAGGED:
        return "held" if plan.held else "" if flags_told(notice, plan) else "looked_at"
    if notice.rule == RECEIVED and plan.reached(notice.state):
        return ""
    if (plan.state, plan.visit) != (notice.state, notice.entry):
        return "moved_on"
    if plan.held and notice.rule != "moved":  # when it is released, nobody would tell the new day
        return "held"
    if notice.rule in ABOUT_THE_DEADLINE and notice.deadline_version != plan.stage.version:
        return "deadline_moved"
    return ""


def flags_told(notice: Notice, plan: Plan) -> list[PlanFlag]:
    """The flags that the notice tells of: one when it is new, in the week's overview all that the plan has."""
    told = notice.facts
    return [f for f in plan.flags if "because" not in told or (f.because, f.at) == (told["because"], told["at"])]
