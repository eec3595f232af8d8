"""Words for what the contract names by keys."""

from workflows.messages import N_

STATUS = {
    "upcoming": N_("upcoming"),
    "in_progress": N_("in progress"),
    "done": N_("done"),
    "sent_back": N_("sent back"),
    "overdue": N_("overdue"),
    "postponed": N_("postponed"),
    "withdrawn": N_("withdrawn"),
    "not_concerned": N_("not concerned"),
    "before_introduction": N_("before introduction"),
    "draft": N_("draft"),
}
