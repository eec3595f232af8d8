"""How the contract's keys are written for people."""

from config.text.texts import Texts
from workflows.messages import N_

RETURNED = N_("returned for completion")
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

BOUNDS = {
    "opens": N_("opens"),
    "target": N_("target"),
    "last": N_("deadline"),
    "statutory": N_("by law"),
}

OUTCOMES = {
    "adopted": N_("adopted"),
    "adopted_with_changes": N_("adopted with changes"),
    "rejected": N_("rejected"),
    "sent_back": N_("referred back"),
    "postponed": N_("postponed"),
    "noted": N_("noted"),
    "dropped": N_("dropped"),
}

NOTICES_AND_MAILS = {  # for the outcome of a notice, and the status of a mail
    "planned": N_("planned"),
    "sent": N_("sent"),
    "superseded": N_("superseded"),
    "expired": N_("expired"),
    "withheld": N_("withheld"),
    "failed": N_("failed"),
    "pending": N_("waiting"),
    "sending": N_("being sent"),
}

SOURCES = {
    "local choice": N_("set locally"),
    "law": N_("law"),
    "letter": N_("covering letter"),
}  # the others are the municipality's own words

# What comes next by itself, by its kind.
ALARMS = {
    "step": N_("the step {rule} happens by itself"),
    "late": N_("overdue from then on"),
    "reminder": N_("reminder to {to}"),
    "overview": N_("in the weekly overview to {to}, because the plan is overdue"),
    "next_cycle": N_("the next cycle opens"),
}


def source_word(source: str, t: Texts) -> str:
    """Where a date comes from, as people read it."""
    return ", ".join(t(SOURCES[part]) if part in SOURCES else part for part in source.split(", "))
