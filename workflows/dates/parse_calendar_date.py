"""Parses calendar rules, which count from no other date: days, months, weeks, quarters, seasons."""

import re
from calendar import monthrange
from datetime import date
from difflib import get_close_matches

from workflows.dates.date_rules import WRITE_YEAR, DateRule, DateRuleError, DayOf, Exact, InMonth, LastOf, Period, Year
from workflows.dates.months import MONTHS
from workflows.dates.periods import (
    NAMED,
    WEEKDAYS,
    NamedPeriod,
    Part,
    PartName,
    TurnOfMonths,
    Week,
    WeekdayOf,
    year_after,
)
from workflows.messages import N_

FORMS = N_("Write `24 February Y-1`, `last of February Y-1`, `June Y-1` or `2027-02-24`.")
NUMBERS = {name.lower(): number for number, name in enumerate(MONTHS, 1)}
_NAMES = {name.lower(): name for name in NAMED}
_DAYS = {name.lower(): number for number, name in enumerate(WEEKDAYS, 1)}
_PART_NAMES: dict[str, PartName] = {
    "begin": "begin", "beginning": "begin", "mid": "middle", "middle": "middle", "end": "end",
}  # fmt: skip
_LETTERS = {"q": N_("Write `Q1` to `Q4`."), "t": N_("Write `T1` to `T3`."), "h": N_("Write `H1` or `H2`.")}

_YEAR = r"(?:\s+(?P<year>.+))?"  # any text, so that an error can quote the wrong year
_WORD = r"[^\s\d_.,:/–-]+"  # any word, in any alphabet, for the same reason
_MONTH_YEAR = rf"(?P<month>{_WORD})\.?{_YEAR}"
_DAY = "(?P<day>[0-9]{1,2})"
_WEEK = rf"week\s+(?P<week>[0-9]{{1,2}}){_YEAR}"


def form(pattern: str) -> re.Pattern[str]:
    """Compile a pattern, case-insensitive. ASCII only: otherwise a dotless i would match an i."""
    return re.compile(pattern, re.IGNORECASE | re.ASCII)


_EXACT = form(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_WEEKDAY = form(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b")
_WEEKDAY_OF = form(rf"(?P<weekday>{'|'.join(WEEKDAYS)})\s+of\s+{_WEEK}")
_WEEK_FORM = form(_WEEK)
_NAMED = form(rf"(?P<name>(?P<letter>[qth])[0-9]|{'|'.join(NAMED)}){_YEAR}")
_PART = form(r"(?:(?P<part>begin|beginning|middle|mid|end)\s+of\s+|(?P<mid>mid)[\s-])(?P<period>.+)")
_TURN = form(rf"turn\s+of\s+(?P<one>{_WORD})\s*(?:[/–-]|\sand\s)\s*(?P<other>{_WORD}){_YEAR}")
_TURN_OF_YEAR = form(r"turn\s+of\s+December\s+(?P<year>\S+)\s*(?:/|–|\sand\s)\s*January\s+(?P<next>\S+)")
_DAY_OF = form(rf"{_DAY}\s+{_MONTH_YEAR}")
_LAST_OF = form(rf"last\s+(?:day\s+)?of\s+(?P<month>{_WORD}|[qth][0-9])\.?{_YEAR}")
_MONTH_FIRST = form(rf"(?P<month>{_WORD})\.?\s+{_DAY}(?:,?\s+(?P<year>.+))?")
_IN_MONTH = form(_MONTH_YEAR)
_YEAR_FORM = form(r"([YE])(?:\s*([-+−–])\s*([0-9]{1,2}))?|([0-9]{4})")
_ENDS_WITH_YEAR = form(rf"(?:.*\s)?(?:{_YEAR_FORM.pattern}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})")


def calendar_rule(text: str) -> DateRule | None:
    """Parse a calendar rule; None if the text has another form. Raises DateRuleError for a mistake in a rule."""
    if found := _WEEKDAY_OF.fullmatch(text):
        return WeekdayOf(_DAYS[found["weekday"].lower()], Week(int(found["week"]), _year(found)))
    if _WEEKDAY.search(text):
        raise DateRuleError(N_("`{text}` names a weekday, which is not a date rule."), FORMS, text=quoted(text))
    if found := _EXACT.fullmatch(text):
        return _exact(*map(int, found.groups()))
    if found := _WEEK_FORM.fullmatch(text):
        return Week(int(found["week"]), _year(found))
    if found := _NAMED.fullmatch(text):
        return _named(found)
    if found := _PART.fullmatch(text):
        return _part(text, _PART_NAMES[(found["part"] or found["mid"]).lower()], found["period"])
    if found := _TURN_OF_YEAR.fullmatch(text):
        return _turn_of_year(found)
    if found := _TURN.fullmatch(text):
        return _turn(found)
    return _of_month(text)


def _of_month(text: str) -> DateRule | None:
    if found := _match(_DAY_OF, text):
        return DayOf(int(found["day"]), _month(found["month"]), _year(found))
    if found := _match(_LAST_OF, text):
        return _last_of(found["month"], _year(found))
    if found := _match(_MONTH_FIRST, text):
        rule = DayOf(int(found["day"]), _month(found["month"]), _year(found))
        message = N_("`{text}` has the month before the day.")
        raise DateRuleError(message, N_("Write `{rule}`."), text=quoted(text), rule=str(rule))
    if found := _match(_IN_MONTH, text):
        return InMonth(_month(found["month"]), _year(found))
    return None


def has_year(text: str) -> bool:
    return _ENDS_WITH_YEAR.fullmatch(text) is not None


def names_a_period(word: str) -> bool:
    """Whether the word is, or nearly is, the name of a period of the calendar, such as `June`, `Q1` or `spring`."""
    word = word.lower()
    return (
        word in _NAMES
        or (word[:1] in _LETTERS and word[1:].isdigit())
        or bool(get_close_matches(word, NUMBERS, 1, cutoff=0.8))
    )


def quoted(text: str) -> str:
    """The text, cut to 60 characters, for use in an error message."""
    return text if len(text) <= 60 else text[:59] + "…"


def suggestion(words: list[str]) -> tuple[str, dict[str, object]]:
    """A cure, with its facts, that offers the one or two words nearest to the misspelled one."""
    if len(words) == 1:
        return N_("Write `{near}`."), {"near": words[0]}
    return N_("Write `{near}` or `{other}`."), {"near": words[0], "other": words[1]}


def _match(form: re.Pattern[str], text: str) -> re.Match[str] | None:
    """A match with a valid month or year: "24 Juni Y" is a misspelled date, "next meeting" is not a date."""
    found = form.fullmatch(text)
    if found and (found["month"].lower() in NUMBERS or _YEAR_FORM.fullmatch(found["year"] or "")):
        return found
    return None


def _exact(year: int, month: int, day: int) -> Exact:
    Year(None, year)
    said = f"{year:04}-{month:02}-{day:02}"
    if not 1 <= month <= 12:
        message = N_("{day} does not exist: months go from 01 to 12.")
        raise DateRuleError(message, N_("Write, for example, `{year}-06-30`."), day=said, year=year)
    days = monthrange(year, month)[1]
    if not 1 <= day <= days:
        nearest = date(year, month, min(max(day, 1), days)).isoformat()
        facts = {"day": said, "month": MONTHS[month - 1], "year": year, "days": days, "near": nearest}
        raise DateRuleError(N_("{day} does not exist: {month} {year} has {days} days."), N_("Write `{near}`."), **facts)
    return Exact(date(year, month, day))


def _named(found: re.Match[str]) -> NamedPeriod:
    name = _NAMES.get(found["name"].lower())
    if name is None:
        message = N_("`{text}` is not a part of a year.")
        raise DateRuleError(message, _LETTERS[found["letter"].lower()], text=found["name"])
    return NamedPeriod(name, _year(found))


def _part(text: str, part: PartName, period: str) -> Part | None:
    of = calendar_rule(period)
    if of is None:
        return None
    if not isinstance(of, Period):
        message = N_("`{text}`: only whole months have a beginning, a middle and an end.")
        cure = N_("Write a month, a quarter, a season or a year, for example `middle of June Y-1`.")
        raise DateRuleError(message, cure, text=quoted(text))
    return Part(part, of)


def _last_of(word: str, year: Year) -> LastOf:
    """The last day of a month, or of the last month of a longer period."""
    if word.lower() not in _NAMES:
        return LastOf(_month(word), year)
    month, count = NAMED[_NAMES[word.lower()]]
    years, month = divmod(month + count - 2, 12)
    return LastOf(month + 1, Year(year.letter, year.number + years))


def _turn(found: re.Match[str]) -> TurnOfMonths:
    month, other = _month(found["one"]), _month(found["other"])
    year = _year(found)
    if other != month % 12 + 1:
        message = N_("`{text}`: the turn of the month is between two months that follow each other.")
        cure = N_("Write, for example, `{rule}`.")
        raise DateRuleError(message, cure, text=quoted(found.string), rule=str(TurnOfMonths(month, year)))
    return TurnOfMonths(month, year)


def _turn_of_year(found: re.Match[str]) -> TurnOfMonths:
    rule = TurnOfMonths(12, _year(found))
    if found["next"].upper() != year_after(rule.year):
        message = N_("`{text}`: January is of the year after December.")
        raise DateRuleError(message, N_("Write, for example, `{rule}`."), text=quoted(found.string), rule=str(rule))
    return rule


def names_one_year_at_its_turn(text: str) -> bool:
    """Whether the text is a turn of December and January with one year, which can be that of either."""
    return re.search(r"turn\s+of\s+dec\w*\.?\s*(?:[/–-]|\sand\s)\s*jan", text.lower()) is not None


def _month(word: str) -> int:
    if number := NUMBERS.get(word.lower()):
        return number
    known = [*NUMBERS, "spring", "summer", "autumn", "winter"]
    near = [name for name in NUMBERS if name.startswith(word.lower())] or get_close_matches(word.lower(), known, 2)
    cure, facts = N_("Write the English name, `January` to `December`."), dict[str, object]()
    if near:
        cure, facts = suggestion([name.title() if name in NUMBERS else name for name in near])
    raise DateRuleError(N_("`{text}` is not a month."), cure, text=quoted(word), **facts)


def _year(found: re.Match[str]) -> Year:
    text: str | None = found["year"]
    if text is None:
        add = N_("Add `Y-2` to `Y+2` (budget year), `E` to `E+8` (election year) or a plain year from 2000 to 2099.")
        raise DateRuleError(N_("`{text}` has no year."), add, text=quoted(found.string))
    return written_year(text)


def written_year(text: str) -> Year:
    """`Y-1`, `E+4` or `2027`. Raises DateRuleError for another text."""
    if not (form := _YEAR_FORM.fullmatch(text)):
        raise DateRuleError(N_("`{text}` is not a year."), WRITE_YEAR, text=quoted(text))
    letter, sign, number, plain = form.groups()
    if plain:
        return Year(None, int(plain))
    # Word processors turn a hyphen into a typographic minus or dash.
    years = int(number or 0) * (1 if sign == "+" else -1)
    return Year("Y" if letter in "Yy" else "E", years)
