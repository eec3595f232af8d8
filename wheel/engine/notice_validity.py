"""Whether a planned notice is still true of its plan as it stands now. Whether it is too old to be sent:
notifications/compose/too_late.py."""

from notifications.notices import MOVED_ON
from notifications.tables import Notice
from wheel.engine.deadlines import ABOUT_THE_DEADLINE
from wheel.engine.for_information import RECEIVED, WITHDRAWN
from wheel.engine.plan import Plan
from workflows.messages import N_


def why_invalid(notice: Notice, plan: Plan) -> str:
    """The reason why the notice no longer holds. Empty while it holds."""
    if notice.rule == WITHDRAWN:
        return "" if plan.special_status == "withdrawn" else MOVED_ON
    if not plan.is_active:
        return N_("The plan is out of play.")
    if notice.rule == RECEIVED and plan.reached(notice.state):
        return ""
    if (plan.state, plan.visit) != (notice.state, notice.entry):
        return MOVED_ON
    if plan.held and notice.rule != "moved":  # when it is released, nobody would tell the new day
        return N_("The plan is held.")
    if notice.rule in ABOUT_THE_DEADLINE and notice.deadline_version != plan.stage.version:
        return N_("The deadline was moved.")
    return ""
