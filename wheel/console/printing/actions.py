"""The log's actions in words, as they stand in a plan's history and in `arshjul log show`."""

from collections.abc import Iterable

from config.text.texts import Texts
from wheel.audit.journal import LogRecord
from wheel.format import RETURNED
from workflows.messages import N_

ACTIONS = {
    "agenda.recomputed": N_("all alarms computed again"),
    "alarm.mended": N_("alarm corrected"),
    "checkpoints.mended": N_("checkpoints made again"),
    "clock.stepped": N_("clock set"),
    "cycle.migrated": N_("cycle brought up to date"),
    "cycle.opened": N_("cycle opened"),
    "dates.judged": N_("dates judged"),
    "deadline.confirmed": N_("deadline confirmed"),
    "deadline.moved": N_("deadline moved"),
    "deadline.passed": N_("deadline passed"),
    "decision.corrected": N_("decision corrected"),
    "decision.recorded": N_("decision recorded"),
    "home.created": N_("home created"),
    "home.restored": N_("home restored"),
    "log.checked": N_("log checked"),
    "mail.confirmed": N_("mail confirmed"),
    "mail.delayed": N_("mail delayed"),
    "mail.held_back": N_("mail put on hold"),
    "mail.released": N_("mail released"),
    "mail.resumed": N_("mail resumed"),
    "mail.stopped": N_("mail stopped"),
    "meeting.added": N_("meeting added"),
    "meeting.moved": N_("meeting moved"),
    "meeting.removed": N_("meeting removed"),
    "meetings.imported": N_("meetings imported"),
    "meetings.seeded": N_("meetings read from the files"),
    "message.bounced": N_("mail bounced"),
    "message.delayed": N_("mail delayed"),
    "message.failed": N_("mail failed"),
    "message.made": N_("mail made"),
    "message.retried": N_("mail to be sent again"),
    "message.rewritten": N_("mail written again"),
    "message.sent": N_("mail sent"),
    "message.sent_late": N_("mail sent late"),
    "message.withheld": N_("mail withheld"),
    "notice.expired": N_("notice expired"),
    "notice.failed": N_("notice failed"),
    "notice.planned": N_("notice planned"),
    "notice.superseded": N_("notice superseded"),
    "person.added": N_("person added"),
    "person.changed": N_("person changed"),
    "plan.advanced": N_("new state"),
    "plan.flagged": N_("affected by another plan"),
    "plan.held": N_("paused"),
    "plan.migrated": N_("brought up to date"),
    "plan.opened": N_("plan opened"),
    "plan.postponed": N_("postponed"),
    "plan.put_aside": N_("put aside"),
    "plan.refused": N_("refused"),
    "plan.rejected": N_("rejected"),
    "plan.released": N_("released"),
    "plan.reminded": N_("reminded"),
    "plan.reopened": N_("reopened"),
    "plan.sent_back": N_("sent back"),
    "plan.snoozed": N_("reminders withheld"),
    "plan.undone": N_("step undone"),
    "plan.unflagged": N_("looked at"),
    "plan.unsnoozed": N_("reminders start again"),
    "plan.left_out": N_("no longer concerned"),
    "plan.withdrawn": N_("withdrawn"),
    "role.ended": N_("role ended"),
    "role.given": N_("role given"),
    "step.corrected": N_("day corrected"),
    "step.judged_again": N_("judged again"),
    "tables.taken_over": N_("tables taken over into the log"),
    "tick.delayed": N_("service delayed"),
    "timetable.accepted": N_("recalculated dates accepted"),
    "timetable.replaced": N_("timetable replaced"),
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
# The step's name beside the outcome would say that it was taken.
TAKE_NO_STEP = ("decision.recorded", "plan.rejected", "plan.sent_back", "plan.postponed")


def decided_instead(entry: LogRecord, t: Texts) -> str:
    """`2027-06-16 § 88: noted`; empty for an entry that tells of a step, or of no decision."""
    decision = entry["data"].get("decision")
    if decision is None or entry["action"] not in TAKE_NO_STEP:
        return ""
    return f"{decision['meeting']} § {decision['paragraph']}: {t(OUTCOMES[decision['outcome']])}"


# The fields that a correction may change.
FIELDS = {
    "body": N_("body"),
    "meeting": N_("date"),
    "on": N_("date"),
    "paragraph": N_("§"),
    "point": N_("point"),
    "diary": N_("diary number"),
    "outcome": N_("outcome"),
    "text": N_("text"),
    "link": N_("link"),
    "details": N_("further details"),
}
# Rules without a number of their own.
RULES = {
    "counted": N_("dates that depend on it"),
    "date": N_("a deadline that has passed"),
    "distance": N_("minimum interval"),
    "duplicate": N_("the same §"),
    "join": N_("waits for other plans"),
    "meeting": N_("a doubtful date"),
    "statutory": N_("the law's last day"),
}


def corrected(entry: LogRecord, t: Texts) -> list[str]:
    """The fields corrected, and which warnings came or went with it: `date 2027-06-02 → 2027-06-03`, `warning: R2`.
    Of dates that were judged the warnings."""
    data = entry["data"]
    changed = data.get("changed", {})
    said = [_change(name, *changed[name], t=t) for name in FIELDS if name in changed]
    if "taken_back" in data or entry["action"] == "dates.judged":
        warned = dict.fromkeys(each["rule"] for each in data.get("passed_over", data.get("warnings", ())))
        said += [t("warning: {rules}", rules=_rules(warned, t))] if warned else []
        gone = data.get("taken_back", ())
        said += [t("no longer: {rules}", rules=_rules(gone, t))] if gone else []
    return said


def _change(name: str, old: object, new: object, *, t: Texts) -> str:
    if isinstance(new, dict):
        return t(FIELDS[name])
    before, after = (t(OUTCOMES[str(each)]) if name == "outcome" else each or "–" for each in (old, new))
    return f"{t(FIELDS[name])} {before} → {after}"


def _rules(rules: Iterable[str], t: Texts) -> list[str]:
    return [t(RULES[rule]) if rule in RULES else rule for rule in rules]


def action_words(entry: LogRecord, t: Texts) -> str:
    """An action of a newer version that has no words here is shown as it is."""
    action = entry["action"]
    if action == "plan.sent_back" and "decision" not in entry["data"]:
        return t(RETURNED)
    return t(ACTIONS[action]) if action in ACTIONS else action
