"""Tells the entries of the log in sentences: who did what, which body decided it, where, and why.

A document has the entries as they are stored; every door shows them to people in these words.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlmodel import col

from config.municipality.roles import DAEMON, roles
from config.text.texts import Texts
from notifications.endings import in_words
from wheel.audit.journal import LogRecord, as_shown
from wheel.database.definitions import definition_of
from wheel.database.tables import LogEntry, Message
from wheel.engine.titles import title_of
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.format import BOUNDS, OUTCOMES, RETURNED
from wheel.plan_address import Address
from wheel.reads.names import Names, names_at
from wheel.reads.result_documents import sentence
from workflows.messages import N_
from workflows.rules.named_rules import Reason

ACTIONS = {
    "account.invited": N_("invited to choose a password"),
    "account.password_chosen": N_("password chosen"),
    "account.refused": N_("sign-in refused"),
    "account.signed_in": N_("signed in"),
    "account.signed_out": N_("signed out"),
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

# The acts that can be refused and are no steps of a plan's own workflow.
VERBS = {
    "accept-timetable": N_("to accept recalculated dates"),
    "advance": N_("to take the steps to a state"),
    "correct": N_("to correct an entry"),
    "hold": N_("to pause the plan"),
    "meetings": N_("to change meetings"),
    "migrate": N_("to bring the cycle up to date"),
    "move-deadline": N_("to move a deadline"),
    "open": N_("to open the cycle"),
    "outbox": N_("to change mails"),
    "people": N_("to change people or roles"),
    "postpone": N_("to postpone the matter"),
    "release": N_("to let the plan go on"),
    "remind": N_("to remind"),
    "reopen": N_("to open the plan again"),
    "replace-timetable": N_("to replace the timetable"),
    "restore": N_("to restore a backup"),
    "send-back": N_("to send the matter back"),
    "snooze": N_("to withhold reminders"),
    "take-over": N_("to take the tables over into the log"),
    "tick": N_("to release mail"),
    "undo": N_("to undo a step"),
    "unflag": N_("to note that the plan was looked at"),
    "withdraw": N_("to withdraw the plan"),
}
MAIL = "message/"

_ENTRY = LogEntry.__table__  # type: ignore[attr-defined]
_OF_CYCLES = (
    select(_ENTRY.c.payload)
    .where(_ENTRY.c.subject.in_(bindparam("cycles", expanding=True)), _ENTRY.c.action == "cycle.migrated")
    .order_by(_ENTRY.c.seq.desc())
)


class Told(NamedTuple):
    """An entry in words. `who`: the person with the id, or the service. `about`: the title of a plan and its address,
    or the subject as it is stored; empty if the sentence names it. `name`, `title`: the same without the ids."""

    entry: LogRecord
    who: str
    about: str
    said: str
    name: str
    title: str


def tell(uow: UnitOfWork, entries: Sequence[LogRecord], t: Texts) -> list[Told]:
    """The entries in words, in their order."""
    subjects = [entry["subject"] for entry in entries]
    named = [*subjects, *(str(each) for entry in entries for each in _because(entry))]
    names, titles, mails = names_at(uow, named, t.language), titles_of(uow, named, t), _mails(uow, subjects)
    then = _names_then(uow, {Address.parse(subject).cycle for subject in subjects}, names)
    return [_Words(t, then(entry), titles, mails).tell(entry) for entry in entries]


def counted(entries: Sequence[LogRecord], t: Texts) -> str:
    """`mejl skapat: 4, mejl skickat: 4`"""
    count = Counter(entry["action"] for entry in entries)
    return ", ".join(f"{t(ACTIONS.get(action, action))}: {n}" for action, n in count.items())


def _names_then(uow: UnitOfWork, cycles: set[str], today: Names) -> Callable[[LogRecord], Names]:
    """The names as they were when an entry was written: what happened before a migration is told in the words of the
    wheel that held then, and not in those of another workflow."""
    eras: dict[str, list[tuple[int, Names]]] = {}  # of a cycle: the migrations that ended them, newest first
    for payload in uow.connection.execute(_OF_CYCLES, {"cycles": list(cycles)}).scalars():
        entry = as_shown(payload)
        cycle = entry["subject"]
        before = eras.setdefault(cycle, [])
        with suppress(ValueError):  # a definition that cannot be read
            held = {cycle: definition_of(uow.session, entry["data"]["from"])}
            later = before[-1][1] if before else today
            before.append((entry["seq"], Names(today.language, held.get, today.persons, later)))

    def then(entry: LogRecord) -> Names:
        since = [names for seq, names in eras.get(Address.parse(entry["subject"]).cycle, ()) if entry["seq"] < seq]
        return since[-1] if since else today

    return then


def _because(entry: LogRecord) -> list[str]:
    """The plans that an entry about a flag names."""
    because = entry["data"].get("because")
    return [because] if isinstance(because, str) else list(because or ())


def titles_of(uow: UnitOfWork, addresses: Iterable[str], t: Texts) -> dict[str, str]:
    """The titles of the plans that exist, by their addresses."""
    query = select(PLAN).where(PLAN.c.address.in_({each for each in addresses if Address.parse(each).phase}))
    return {plan.address: title_of(plan, t.language) for plan in uow.readable(query)}


def _mails(uow: UnitOfWork, subjects: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Of the mails: to whom, and the subject."""
    ids = [subject.removeprefix(MAIL) for subject in subjects if subject.startswith(MAIL)]
    query = select(col(Message.message_id), col(Message.person_id), col(Message.subject))
    found = uow.connection.execute(query.where(col(Message.message_id).in_(dict.fromkeys(ids))))
    return {id: (person, subject) for id, person, subject in found}


class _Words:
    def __init__(self, t: Texts, names: Names, titles: dict[str, str], mails: dict[str, tuple[str, str]]) -> None:
        self.t, self.names, self.titles, self.mails = t, names, titles, mails

    def tell(self, entry: LogRecord) -> Told:
        actor, subject = entry["actor"], entry["subject"]
        service = self.t("the service") if actor == DAEMON else ""
        about = self._about(subject)
        title = self.titles.get(subject) or self.names.persons.get(subject) or about
        name = service or self.names.persons.get(actor) or actor
        return Told(entry, service or self.names.person(actor), about, self._said(entry), name, title)

    def _said(self, entry: LogRecord) -> str:
        try:
            parts = [part.rstrip(".") for part in (self._lead(entry), *self._facts(entry)) if part]
        except (
            KeyError,
            TypeError,
            ValueError,
            AttributeError,
        ):  # somebody has changed it, or it is of a newer version
            return self.t("The entry {seq} cannot be told in words: look at its data.", seq=entry["seq"])
        return "".join(f"{part[:1].upper()}{part[1:]}. " for part in parts).rstrip()

    def _about(self, subject: str) -> str:
        if subject.startswith(MAIL) or subject in ("home", "log"):
            return ""
        if subject in self.titles:
            return f"{self.titles[subject]} ({subject})"
        return self.names.person(subject) if subject in self.names.persons else subject

    def _lead(self, entry: LogRecord) -> str:
        action, data, t = entry["action"], entry["data"], self.t
        words = t(ACTIONS[action]) if action in ACTIONS else action  # one of a newer version has no words here
        if action == "plan.sent_back" and "decision" not in data:
            words = t(RETURNED)
        if action == "deadline.moved" and data.get("old") == data.get("new"):
            words = t("date moved")  # another one than the last day
        elif action == "deadline.moved" and not data.get("old"):
            words = t("deadline set")
        if action == "plan.advanced":
            return self.names.step_label(entry["subject"], data["step"])
        if action == "plan.refused":
            verb = data["verb"]
            return f"{words}: {t(VERBS[verb]) if verb in VERBS else self.names.step_label(entry['subject'], verb)}"
        if entry["subject"].startswith(MAIL):
            person, subject = self.mails.get(entry["subject"].removeprefix(MAIL), (data.get("person", ""), ""))
            told = t("{words} to {people}", words=words, people=self.names.people([person]))
            return f"{told}: {subject}" if subject else told
        if data.get("people"):
            return t("{words} to {people}", words=words, people=self.names.people(data["people"]))
        return words

    def _facts(self, entry: LogRecord) -> Iterator[str]:
        """The facts of the entry beside its action, in the order in which people read them."""
        data, t = entry["data"], self.t
        if decision := data.get("decision"):
            yield self.reference(entry["subject"], decision)
        yield self._moved(entry)
        changed = data.get("changed", {})
        for name in (each for each in FIELDS if each in changed):
            yield self._change(name, *changed[name])
        yield from self._role(data)
        if data.get("old") != data.get("new"):
            yield f"{_written(data.get('old'))} → {_written(data.get('new'))}"
        if entry["action"] == "deadline.moved":  # its other dates
            for bound, (old, new) in data.get("dates", {}).items():
                if bound != "last":
                    yield f"{t(BOUNDS[bound])} {_written(old)} → {_written(new)}"
        if data.get("on"):
            yield t("the step was taken on {day}", day=data["on"])
        if entry["action"] == "account.invited":
            yield t("the link holds until {day}", day=data["until"][:10])
        elif data.get("until"):
            yield t("withheld until {day}", day=data["until"])
        if data.get("day") or data.get("last"):
            yield _written(data.get("day") or data["last"])
        for name, text in (("added", N_("added: {days}")), ("removed", N_("removed: {days}"))):
            if data.get(name):
                yield t(text, days=data[name])
        if data.get("file"):
            yield str(data["file"])
        yield from self._causes(entry)
        if data.get("reason"):
            yield t("Reason: {reason}", reason=data["reason"])
        for each in data.get("reasons", ()):
            yield self._sentence(entry, each)
        for each in data.get("passed_over", data.get("warnings", ())):
            text = N_("Deviation: {what}") if each.get("overridden") else N_("Note: {what}")
            yield t(text, what=self._sentence(entry, each))
        if gone := data.get("taken_back"):
            yield t("no longer: {rules}", rules=gone)

    def reference(self, subject: str, decision: dict[str, Any]) -> str:
        """`KF 2027-06-16 § 88 p. 2, KS 2026/300: adopted`"""
        point = f" p. {decision['point']}" if decision.get("point") else ""
        diary = f", {decision['diary']}" if decision.get("diary") else ""
        body = self.names.short(subject, decision["body"])
        outcome = self.t(OUTCOMES[decision["outcome"]])
        return f"{body} {decision['meeting']} § {decision['paragraph']}{point}{diary}: {outcome}"

    def _moved(self, entry: LogRecord) -> str:
        """From which state to which; of a deadline, the state whose it is."""
        data, subject = entry["data"], entry["subject"]
        if subject in self.titles and "from" in data and "to" in data:
            if data["from"] == data["to"] and entry["action"] in ("plan.migrated", "plan.reopened"):
                return self.names.state_label(subject, data["to"])
            after = (self.names.later if entry["action"] == "plan.migrated" else None) or self.names
            return f"{self.names.state_label(subject, data['from'])} → {after.state_label(subject, data['to'])}"
        return self.names.state_label(subject, data["state"]) if entry["action"].startswith("deadline.") else ""

    def _change(self, name: str, old: object, new: object) -> str:
        if isinstance(new, dict):
            return self.t(FIELDS[name])
        before, after = (self.t(OUTCOMES[str(each)]) if name == "outcome" else _written(each) for each in (old, new))
        return f"{self.t(FIELDS[name])} {before} → {after}"

    def _role(self, data: dict[str, Any]) -> Iterator[str]:
        held = data["roles"] if isinstance(data.get("roles"), list) else [data] if data.get("role") else []
        for each in held:
            known = roles().get(each["role"])
            label = known.label.to(self.t.language) if known else each["role"]
            yield f"{label}, {each['body']}" if each.get("body") else label
        if data.get("valid_from") or data.get("valid_to"):
            yield f"{_written(data.get('valid_from'))} – {_written(data.get('valid_to'))}"
        if data.get("instead_of"):
            yield self.t("in place of {person}", person=self.names.people([data["instead_of"]]))

    def _causes(self, entry: LogRecord) -> Iterator[str]:
        """Another plan, or why a mail or notice ended."""
        if entry["action"].startswith(("notice.", "message.")):
            if because := entry["data"].get("because"):
                yield in_words(str(because), "", self.t)
            return
        for address in _because(entry):
            plan = self._about(address)
            yield self.t("because of {plan}", plan=plan) if entry["action"] == "deadline.moved" else plan

    def _sentence(self, entry: LogRecord, kept: dict[str, Any]) -> str:
        """A reason or a warning as it was given then."""
        facts, who = kept.get("facts", {}), tuple(kept.get("who", ()))
        reason = Reason(kept["rule"], kept["message"], facts, who, step=kept.get("step", ""))
        definition = self.names.definition_of(Address.parse(entry["subject"]).cycle)
        return sentence(reason, self.t, definition)


def _written(value: object) -> str:
    return str(value) if value else "–"
