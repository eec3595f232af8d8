"""The words of a mail: subjects, headings, facts. Pure. The templates decide its layout."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from config.text.texts import Texts
from notifications.content.content import NoticeContent
from workflows.messages import N_

LONGEST_SUBJECT = 70  # the length that a phone shows
SHORTEST_LABEL = 12  # so much of a title says what it is
LONGEST_NAME = 60  # so that the header of a name stays a few lines
UNSENT = "unsent"  # reminders that waited until they were too old: nobody was reminded
# Rules that tell of something that has happened; the others tell what is to be done by when.
NEWS = frozenset({
    "sent_back", "returned", "rejected", "postponed", "moved", "your_turn", "received", "undelivered", "withdrawn",
    "flagged", UNSENT,
})  # fmt: skip
_WITH_DEADLINE = NEWS - {"received", "undelivered", UNSENT, "withdrawn", "flagged"}
_YEAR = re.compile(r" \d{4}(–\d{4})?(, .+)?$")
_TITLE = "\x00"  # stands for the title while a subject is made: the one character that no title has


_BY = {
    "sent_back": N_("Sent back by"),
    "returned": N_("Returned by"),
    "rejected": N_("Rejected by"),
    "postponed": N_("Postponed by"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str
    aside: str = ""  # shown after the value, in a lighter colour


def one_line(text: str) -> str:
    """The text without line breaks, control and direction characters: fit for a header or a heading."""
    return " ".join(_seen(text).split())


def paragraphs(text: str) -> str:
    """The text with its lines, without control and direction characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_seen(line).rstrip() for line in lines).strip()


def _seen(text: str) -> str:
    if text.isprintable():  # nearly all text is printable, and control characters are not
        return text
    return "".join(" " if _hidden(c) else c for c in text)


def _hidden(c: str) -> bool:
    # Cf: a direction mark could make an address read backwards. But the joiners belong to words and emoji.
    kind = unicodedata.category(c)
    return kind in ("Cc", "Cs", "Zl", "Zp") or (kind == "Cf" and c not in "\u200c\u200d\u00ad")


def cut(text: str, room: int) -> str:
    """At most `room` characters, cut at a word with an ellipsis."""
    if len(text) <= room:
        return text
    head = text[: max(room - 1, 1)]
    at_word = head.rpartition(" ")[0] if text[len(head)] != " " else head
    return (at_word or head).rstrip(" ,.:;–-") + "…"


def subject(t: Texts, items: Sequence[NoticeContent], day: date, before: str = "", *, weekday: bool = False) -> str:
    """The mail's subject, at most 70 characters. `before` comes first: that it is practice, or who it was meant for.
    `weekday`: with the day's name, to tell the mail from another one. Beside a single matter, the year's report of the
    week is not counted."""
    matters = [item for item in items if not item.report] or items[:1]
    if len({item.address for item in matters}) == 1 and len({item.rule in NEWS for item in matters}) == 1:
        said = _subject(t, matters[0])
        said = t("{weekday}: {subject}", weekday=t.weekday(day).capitalize(), subject=said) if weekday else said
        said = before + said
    else:
        said = before + _digest_subject(t, items, day, weekday=weekday)
    head, _, tail = said.partition(_TITLE)
    if _TITLE not in said:
        return cut(said, LONGEST_SUBJECT)
    room = LONGEST_SUBJECT - len(head)
    title = one_line(matters[0].title)
    shorter = one_line(matters[0].shorter) or title
    for each in (title, shorter):  # cut, it would often say only whose it is
        if len(each) <= room - len(tail):
            return one_line(head + each + tail)
    return one_line(head + _cut_before_the_year(shorter, room))  # the tail says less than the rest of the title


def _cut_before_the_year(title: str, room: int) -> str:
    """At most `room` characters of the title, with its year and whose it is: they tell one plan from another."""
    end = _YEAR.search(title)
    if len(title) <= room or end is None or len(end[0]) > room - SHORTEST_LABEL:
        return cut(title, room)
    return cut(title[: end.start()], room - len(end[0])) + end[0]


def _subject(t: Texts, item: NoticeContent) -> str:
    match item.rule, item.deadline, item.old_deadline:
        case "sent_back", _, _:
            return t("Sent back: {title}, reason inside", title=_TITLE)
        case "returned", _, _:
            return t("Returned for completion: {title} (reason inside)", title=_TITLE)
        case "rejected", _, _:
            return t("Rejected: {title}", title=_TITLE)
        case "received", _, _:
            return t("For information: {title}", title=_TITLE)
        case "flagged", _, _:
            return t("Look again: {title}", title=_TITLE)
        case "withdrawn", _, _:
            return t("Withdrawn: {title}", title=_TITLE)
        case "undelivered", _, _:
            return t("A mail did not arrive: {title}", title=_TITLE)
        case "unsent", _, _:
            return t("Nobody was reminded: {title}", title=_TITLE)
        case "postponed", date() as new, _:
            return t("Postponed to {day}: {title}", day=_day(t, new, item.clock), title=_TITLE)
        case "moved", date() as new, date() as old:
            said = {"day": _day(t, new, item.clock), "old": t.short_date(old)}
            return t("New deadline {day} (was {old}): {title}", **said, title=_TITLE)
        case "moved", date() as new, None:
            return t("New deadline {day}: {title}", day=_day(t, new, item.clock), title=_TITLE)
        case "moved", None, _:
            return t("No deadline for now: {title}", title=_TITLE)
        case "your_turn", _, _ if item.opens is not None:
            return t("Your turn from {day}: {title}", day=_day(t, item.opens, item.opens_clock), title=_TITLE)
        case "your_turn", _, _ if (item.days or 0) < 0:
            late = -(item.days or 0)
            return t.plural(
                "Your turn, {n} day overdue: {title}", "Your turn, {n} days overdue: {title}", late, title=_TITLE
            )
        case "your_turn", date() as last, _:
            return t("Your turn ({day}): {title}", day=_day(t, last, item.clock), title=_TITLE)
        case "your_turn", _, _:
            return t("Your turn: {title}", title=_TITLE)
    return _when(t, item)


def _day(t: Texts, day: date, clock: str) -> str:
    """`5 nov`, with the time of day at which it begins or ends: `5 nov kl. 12:00`."""
    return t.at(t.short_date(day), clock)


def _when(t: Texts, item: NoticeContent) -> str:
    if item.deadline is None or item.days is None:
        return _TITLE
    if item.meeting and item.is_missed:
        return t("Decided on {day}? {title}", day=t.short_date(item.meeting), title=_TITLE)
    day = item.counted or item.deadline
    said = {"day": _day(t, day, item.clock if day == item.deadline else ""), "title": _TITLE}
    if item.days < 0:
        return t.plural("{n} day overdue: {title}", "{n} days overdue: {title}", -item.days, title=_TITLE)
    if item.days == 0:
        return t("Today ({day}): {title}", **said)
    if item.days == 1:
        return t("Tomorrow ({day}): {title}", **said)
    return t("In {n} days ({day}): {title}", n=item.days, **said)


def _digest_subject(t: Texts, items: Sequence[NoticeContent], day: date, *, weekday: bool) -> str:
    tasks = sum(item.rule == "your_turn" for item in items)
    news = sum(item.rule in NEWS for item in items) - tasks
    # Of plans: somebody may be reminded of one twice, for two reasons.
    late = {item.address for item in items if _is_late(item)}
    ahead = {item.address for item in items if item.deadline is not None and item.rule not in NEWS} - late
    undated = {item.address for item in items if item.deadline is None and item.rule not in NEWS and not item.report}
    parts = []
    if ahead:
        parts.append(t.plural("{n} deadline", "{n} deadlines", len(ahead)))
    if late:
        parts.append(t.plural("{n} overdue", "{n} overdue", len(late)))
    if undated:
        parts.append(t.plural("{n} task", "{n} tasks", len(undated)))
    if tasks:
        parts.append(t.plural("{n} new task", "{n} new tasks", tasks))
    if news:
        parts.append(t.plural("{n} update", "{n} updates", news))
    what = parts[0] if len(parts) == 1 else t("{first}, {last}", first=", ".join(parts[:-1]), last=parts[-1])
    said = {"week": day.isocalendar().week, "what": what}
    if weekday:
        return t("Week {week}, {weekday}: {what}", **said, weekday=t.weekday(day))
    return t("Week {week}: {what}", **said)


def _is_late(item: NoticeContent) -> bool:
    return item.rule not in NEWS and item.days is not None and item.days < 0


def in_order(items: Sequence[NoticeContent]) -> list[NoticeContent]:
    """The items in the order in which a mail tells them, without repetitions:

    1. overdue items, those overdue for longest first,
    2. news,
    3. the others by deadline.

    Two items that say the same (a reminder by hand and the week's overview) are told once, and a plan of which there is
    news with its deadline needs no reminder beside it, unless it is late.
    """

    def rank(item: NoticeContent) -> tuple[bool, bool, date, str]:
        return not _is_late(item), item.rule not in NEWS, item.deadline or date.max, item.address

    anew = {item.address for item in items if item.rule in _WITH_DEADLINE}
    needed = [item for item in items if item.rule in NEWS or _is_late(item) or item.address not in anew]
    told = {item if item.rule in NEWS else replace(item, rule=""): item for item in needed}
    return sorted(told.values(), key=rank)


def heading(t: Texts, item: NoticeContent) -> str:
    """The item in one sentence."""
    title = one_line(item.title)
    match item.rule, item.deadline:
        case "sent_back", _:
            return t("{title} has been sent back", title=title)
        case "returned", _:
            return t("{title} has been returned for completion", title=title)
        case "rejected", _:
            return t("{title} has been rejected", title=title)
        case "received", _:
            return t("For information: {title}. You need do nothing.", title=title)
        case "flagged", _:
            return t("Look again at {title}: what it builds on has changed", title=title)
        case "withdrawn", _:
            return t("Withdrawn: {title}. You need do nothing more.", title=title)
        case "undelivered", _:
            return t("A mail did not arrive: {title}", title=title)
        case "unsent", _:
            return t("Nobody was reminded: {title}", title=title)
        case "postponed", date() as new:
            return t("{title} has been postponed to {day}", title=title, day=new)
        case "moved", date() as new:
            return t("{title} has a new deadline: {day}", title=title, day=new)
        case "moved", None:
            return t("{title} has no deadline for now", title=title)
        case "your_turn", _ if item.opens is not None:
            return t("It is your turn from {day}: {title}", day=item.opens, title=title)
        case "your_turn", _ if (item.days or 0) < 0:
            late = -(item.days or 0)
            return t.plural(
                "It is your turn, {n} day overdue: {title}",
                "It is your turn, {n} days overdue: {title}",
                late,
                title=title,
            )
        case "your_turn", _:
            return t("It is your turn: {title}", title=title)
    return _due(t, item, title)


def _due(t: Texts, item: NoticeContent, title: str) -> str:
    must = one_line(item.must)
    if item.days is None:
        return title
    if item.is_missed:
        return t("Nothing is recorded from the last meeting before the deadline: {title}", title=title)
    if item.days < 0:
        return t.plural("{n} day overdue: {title}", "{n} days overdue: {title}", -item.days, title=title)
    if item.days == 0:
        return t("{title} {must} today", title=title, must=must) if must else t("Due today: {title}", title=title)
    if item.days == 1:
        return t("{title} {must} tomorrow", title=title, must=must) if must else t("Due tomorrow: {title}", title=title)
    if must:
        return t("{title} {must} in {n} days", title=title, must=must, n=item.days)
    return t("Due in {n} days: {title}", title=title, n=item.days)


def facts(t: Texts, item: NoticeContent) -> list[Fact]:
    """The facts that the item has, in the order in which a mail shows them."""
    found = [Fact(one_line(label), paragraphs(text)) for label, text in item.report if text]
    if item.opens:
        found.append(Fact(t("Not before"), t.at(t.long_date(item.opens), item.opens_clock), f"({t.week(item.opens)})"))
    if item.deadline:
        found.append(Fact(t("Deadline"), t.at(t.long_date(item.deadline), item.clock), f"({t.week(item.deadline)})"))
    if item.meeting:
        found.append(Fact(t("Last meeting before it"), t.long_date(item.meeting), f"({t.week(item.meeting)})"))
    if item.next_meeting:
        found.append(Fact(t("Next meeting"), t.long_date(item.next_meeting), f"({t.week(item.next_meeting)})"))
    if item.deadline and item.provisional:
        found.append(Fact(t("Provisional"), t("the day may change, because its meeting is not certain")))
    if item.statutory and item.statutory != item.deadline:
        found.append(Fact(t("Deadline by law"), t.at(t.long_date(item.statutory), item.statutory_clock)))
    if item.old_deadline and item.old_deadline != item.deadline:
        found.append(Fact(t("Earlier deadline"), t.long_date(item.old_deadline)))
    rest = [
        (one_line(item.task_label) or t("To hand in"), one_line(item.task)),
        (t(_BY.get(item.rule, _BY["returned"])), one_line(item.returned_by)),
        (t("What happened") if item.rule in ("undelivered", UNSENT) else t("Reason"), paragraphs(item.reason)),
        (t("Who is waiting"), one_line(item.waiting)),
        (t("How"), one_line(item.how)),
        (t("Next"), one_line(item.then)),
        (t("Progress"), one_line(item.standing)),
    ]
    return found + [Fact(label, value) for label, value in rest if value]
