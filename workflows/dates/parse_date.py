"""Parses a date rule, such as `14 days before kf meeting in June Y-1 at 12:00`.

The text is parsed from the outside in:

1. the time of day,
2. the parts joined by `or` and `to`,
3. rules that count from another date,
4. the days and periods of `parse_calendar_date`.

Each step returns None if the text does not have its form, and raises DateRuleError for a mistake in it.
"""

import re
from contextlib import suppress
from datetime import time
from difflib import get_close_matches

from workflows.dates.date_rules import (
    BOUND_WORDS,
    Dated,
    DateRule,
    DateRuleError,
    DayOf,
    Exact,
    LastOf,
    Reference,
    Referred,
    Undecided,
)
from workflows.dates.habits import as_choice, without_habits
from workflows.dates.months import MONTHS
from workflows.dates.parse_calendar_date import (
    FORMS,
    NUMBERS,
    calendar_rule,
    form,
    has_year,
    names_a_period,
    quoted,
    suggestion,
    written_year,
)
from workflows.dates.periods import WEEKDAYS, Choice, WeekdayOf, Window
from workflows.dates.relative_dates import (
    LAST,
    ORDINALS,
    UNITS,
    About,
    After,
    Before,
    Meeting,
    Offset,
    Side,
    Timed,
    Unit,
    Where,
)
from workflows.messages import N_

MAX_LENGTH = 300  # characters; no date rule is longer
COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
          "ten": 10, "eleven": 11, "twelve": 12}  # fmt: skip
SLUG = "[a-z0-9]+(?:-[a-z0-9]+)*"
WORD = "[a-z0-9_]+"
KINDS: dict[str, Referred] = {text: bound for bound, text in BOUND_WORDS.items()}
PLACES: dict[str, Where] = {"in": "in", "before": "before", "after": "after", "on or after": "on or after"}
SIDES: dict[str, Side] = {"before": "before", "after": "after"}
WORDS = [*NUMBERS, *map(str.lower, WEEKDAYS), *ORDINALS, "day", "days", "working", "week", "weeks", "months", "year",
         "spring", "summer", "autumn", "winter", "begin", "beginning", "middle", "turn", "before", "after", "about",
         "from", "meeting", "opening", "target", "statutory", "undecided", "actual"]  # fmt: skip


_ARTICLE = form(r"(?<!\S)the\s")
_AT = form(r"(?P<rule>.+)\sat\s(?P<clock>.+)")
_CLOCK = form(r"([0-9]{1,2})[:.]([0-9]{2})(?:\s?[-–]\s?([0-9]{1,2})[:.]([0-9]{2}))?")
_BY = form(r"(?:by|from|not?\slater\sthan|on\sor\sbefore|at\slatest|senast(?:\sden)?)\s(?P<rule>.+)")
_ABOUT = form(r"about\s(?P<rule>.+)")
_LATEST = form(r"\sat\slatest$")
_JOINED = form(r"(?<!\son)\s(or|to)\s")
_SIDE = form(r"(?P<side>before|after)\s(?P<point>.+)")
_COUNTED = form(
    rf"(?P<about>about\s)?(?P<count>[0-9]+|{'|'.join(COUNTS)})\s(?P<unit>[a-z]+(?:\s[a-z]+)?)"
    r"\s(?P<side>before|after)\s(?P<point>.+)"
)
_MEETING = form(
    r"(?:(?P<ordinal>\S+)\s)?(?P<body>\S+)\smeeting\s(?P<where>in|before|after|on\sor\safter)\s(?P<point>.+)"
)
_OPEN_MEETING = form(r"(?:.+\s)?meeting\sin\s.+")
_REFERENCE = form(
    rf"(?P<bound>{'|'.join(KINDS)})\sof\s(?P<phase>{SLUG})(?P<board>\.board)?(?:\.(?P<state>{WORD}))?(?:\s(?P<year>[YE].*|[0-9]{{4}}))?"
)


def parse(text: str) -> DateRule:
    """Parse a date rule. Raises DateRuleError, which says what is wrong and what to write instead."""
    text = " ".join(text.split())
    if not text:
        raise DateRuleError(N_("An empty text is not a date rule."), FORMS)
    if len(text) > MAX_LENGTH:
        raise DateRuleError(N_("`{text}` is not a date rule."), FORMS, text=quoted(text))
    try:
        rule = _whole(text)
    except DateRuleError:
        _offer_near_form(text)
        raise
    if rule is not None:
        return rule
    _offer_near_form(text)
    for word in re.findall(r"[^\W\d_]+", text.lower()):
        if word not in WORDS and (near := get_close_matches(word, WORDS, 1, cutoff=0.8)):
            cure, facts = suggestion(near)
            raise DateRuleError(
                N_("`{text}` is not a date rule: it contains `{word}`."), cure, text=quoted(text), word=word, **facts
            )
    raise DateRuleError(N_("`{text}` is not a date rule."), FORMS, text=quoted(text))


def _whole(text: str) -> DateRule | None:
    return _timed(_LATEST.sub("", _ARTICLE.sub("", text)))


def _offer_near_form(text: str) -> None:
    """Raises DateRuleError with the date rule that the text can be taken for, if there is one."""
    near = without_habits(text)
    for said in (near, f"{near} Y-1") if near != text else ():
        if _is_rule(said):
            raise DateRuleError(N_("`{text}` is not a date rule."), N_("Write `{near}`."), text=quoted(text), near=said)
    if (choice := as_choice(near)) != near and _is_rule(choice):
        message = N_("`{text}` names several dates, but a date rule is one.")
        cure = N_("Write `to` between beginning and end, or `or` between days of which one applies.")
        raise DateRuleError(message, cure, text=quoted(text))


def _is_rule(text: str) -> bool:
    with suppress(DateRuleError):
        return _whole(text) is not None
    return False


def _timed(text: str) -> DateRule | None:
    if text.lower() == "undecided":
        return Undecided()
    found = _AT.fullmatch(text)
    rule = _about(_BY.sub(r"\g<rule>", found["rule"] if found else text))
    if found is None or rule is None:
        return rule
    return Timed(rule, *_clock(found["clock"]))


def _about(text: str) -> DateRule | None:
    """`about` before a distance belongs to the distance; before any other date to the whole of it."""
    found = None if _COUNTED.fullmatch(text) else _ABOUT.fullmatch(text)
    if found is None:
        return _joined(text)
    rule = _joined(found["rule"])
    return rule and About(rule)


def _clock(text: str) -> tuple[time, time | None]:
    try:
        if found := _CLOCK.fullmatch(text):
            hour, minute, *end = (int(number) for number in found.groups() if number)
            return time(hour, minute), time(end[0], end[1]) if end else None
    except ValueError:
        pass
    cure = N_("Write hours and minutes, for example `12:00` or `19:00-21:00`.")
    raise DateRuleError(N_("`{text}` is not a time of day."), cure, text=quoted(text))


def _joined(text: str) -> DateRule | None:
    """Parse windows and choices.

    A part without a year takes it from the part to its right (in `17 to 18 August Y` the month as well), so the parts
    are parsed from right to left.
    """
    options: list[DateRule] = []
    following: DateRule | None = None
    for option in reversed(_options(text)):
        rules: list[DateRule] = []
        for operand in reversed(option):
            if (rule := _counted(operand) or calendar_rule(_filled(operand, following))) is None:
                return None
            rules.insert(0, rule)
            following = rule
        if len(rules) > 2:
            return None
        options.insert(0, Window(*rules) if len(rules) == 2 else rules[0])
    if len(options) == 1:
        return options[0]
    for rule in options[:-1]:
        if isinstance(rule, Before | After | Offset) or (isinstance(rule, Meeting) and rule.where != "in"):
            cure = N_("Write each part as a day or a period of its own.")
            raise DateRuleError(N_("`{rule} or …` can be read in two ways."), cure, rule=str(rule))
    return Choice(tuple(options))


def _options(text: str) -> list[list[str]]:
    """Split the text at `or`, and each option at `to`.

    The period of a meeting extends to the next year: `kf meeting in April or May Y-1` is one text.
    """
    first, *rest = _JOINED.split(text)
    options = [[first]]
    for joint, piece in zip(rest[::2], rest[1::2], strict=True):
        before = options[-1][-1]
        if _OPEN_MEETING.fullmatch(before) and not has_year(before):
            options[-1][-1] = f"{before} {joint} {piece}"
        elif joint.lower() == "or":
            options.append([piece])
        else:
            options[-1].append(piece)
    return options


def _filled(text: str, following: DateRule | None) -> str:
    if not isinstance(following, Dated) or has_year(text):
        return text
    if isinstance(following, DayOf) and re.fullmatch("[0-9]{1,2}", text):
        return f"{text} {MONTHS[following.month - 1]} {following.year}"
    return f"{text} {following.year}"


def _counted(text: str) -> DateRule | None:
    """Parse a rule that counts from another date."""
    if found := _SIDE.fullmatch(text):
        point = _point(found["point"])
        return point and (Before(point) if found["side"].lower() == "before" else After(point))
    if found := _MEETING.fullmatch(text):
        return _meeting(found)
    if found := _COUNTED.fullmatch(text):
        if (point := _point(found["point"])) is None:
            return None
        count = COUNTS.get(found["count"].lower()) or int(found["count"][:9])
        return Offset(point, count, _unit(found["unit"]), SIDES[found["side"].lower()], bool(found["about"]))
    if (found := _REFERENCE.fullmatch(text)) and not _of_the_calendar(found):
        state = found["state"] and found["state"].lower()
        year = found["year"] and written_year(found["year"])
        return Reference(
            found["phase"].lower(), bool(found["board"]), state, KINDS[found["bound"].lower()], year or None
        )
    return None


def _of_the_calendar(found: re.Match[str]) -> bool:
    """Whether `last day of …` names a period of the calendar, and no phase."""
    return found["phase"].lower() in NUMBERS or bool(found["year"] and names_a_period(found["phase"]))


def _point(text: str) -> DateRule | None:
    rule = _counted(text) or calendar_rule(text)
    return None if isinstance(rule, Before | After) else rule


def _unit(text: str) -> Unit:
    units = {name: unit for unit in UNITS for name in (unit, f"{unit}s")}
    if unit := units.get(text.lower()):
        return unit
    cure, facts = N_("Write `days`, `working days`, `weeks` or `months`."), dict[str, object]()
    if near := get_close_matches(text.lower(), units, 1):
        cure, facts = suggestion(near)
    raise DateRuleError(N_("`{text}` is not a unit to count in."), cure, text=quoted(text), **facts)


def _meeting(found: re.Match[str]) -> Meeting | None:
    where = PLACES[found["where"].lower()]
    period = _joined(found["point"]) if where == "in" else _point(found["point"])
    if period is None:
        return None
    said, body = found["ordinal"] and found["ordinal"].lower(), found["body"].lower()
    if body in ORDINALS or not re.fullmatch(SLUG, body):
        cure = N_("Write the body's id before `meeting`, for example `last kf meeting before summer Y-1`.")
        raise DateRuleError(N_("`{text}` names no body."), cure, text=quoted(found.string))
    if said and said not in ORDINALS:
        cure, facts = N_("Write `first` to `fifth`, or `last`."), dict[str, object]()
        if near := get_close_matches(said, ORDINALS, 1):
            cure, facts = suggestion(near)
        raise DateRuleError(N_("`{text}` is not an ordinal number."), cure, text=quoted(said), **facts)
    rule = Meeting(period, body, where, ORDINALS[said] if said else LAST if where == "before" else 1)
    _check_place(rule, found.string)
    return rule


def _check_place(meeting: Meeting, text: str) -> None:
    """Reject ambiguous meetings: `before` a date only allows the last, `after` it any but the last, `in` a period."""
    facts = {"text": quoted(text), "body": meeting.body, "point": str(meeting.of)}
    if meeting.where == "in" and not _is_period(meeting.of):
        cure = N_("Write a period of the calendar, for example `{body} meeting in June Y-1`.")
        raise DateRuleError(N_("`{text}`: `{point}` is not a period."), cure, **facts)
    if meeting.where == "before" and meeting.ordinal != LAST:
        cure = N_("Write `last {body} meeting before {point}`.")
        raise DateRuleError(N_("`{text}`: the meetings before a day have no beginning to count from."), cure, **facts)
    if meeting.where in ("after", "on or after") and meeting.ordinal == LAST:
        cure = N_("Write `first {body} meeting {where} {point}`.")
        raise DateRuleError(N_("`{text}`: the meetings after a day have no end."), cure, where=meeting.where, **facts)


def _is_period(rule: DateRule) -> bool:
    if isinstance(rule, Window | Choice):
        return all(isinstance(part, Dated) for part in rule.parts)
    return isinstance(rule, Dated) and not isinstance(rule, DayOf | LastOf | WeekdayOf | Exact)
