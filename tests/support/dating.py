"""Random date rules, and what they count from, for the tests of the date language."""

from collections.abc import Callable
from datetime import date, time

from hypothesis import assume
from hypothesis import strategies as st

from workflows.dates.date_rules import (
    BOUNDS,
    Anchor,
    DateRule,
    DateRuleError,
    DayOf,
    Exact,
    InMonth,
    LastOf,
    Period,
    Reference,
    Undecided,
    Year,
)
from workflows.dates.parse_date import MAX_LENGTH
from workflows.dates.periods import NAMED, PARTS, Choice, NamedPeriod, Part, TurnOfMonths, Week, WeekdayOf, Window
from workflows.dates.relative_dates import LAST, MAX_COUNT, UNITS, After, Before, Meeting, Offset, Timed
from workflows.dates.workdays import Calendar

SWEDEN = Calendar("SE", "Europe/Stockholm")
BODIES = ("kf", "ks", "skolnamnden", "barn-och-utbildning", "b2")

Rules = st.SearchStrategy[DateRule]
months = st.integers(1, 12)
years = st.one_of(
    st.builds(Year, st.just("Y"), st.integers(-2, 2)),
    st.builds(Year, st.just("E"), st.integers(0, 8)),
    st.builds(Year, st.none(), st.integers(2000, 2099)),
)
days: Rules = st.one_of(
    st.builds(Exact, st.dates(date(2000, 1, 1), date(2099, 12, 31))),
    st.builds(LastOf, months, years),
    st.builds(DayOf, st.integers(1, 28), months, years),
)
whole_months: st.SearchStrategy[Period] = st.one_of(
    st.builds(InMonth, months, years), st.builds(NamedPeriod, st.sampled_from(list(NAMED)), years)
)
weeks = st.builds(Week, st.integers(1, 52), years)
thirds: Rules = st.builds(Part, st.sampled_from(PARTS), whole_months.filter(lambda of: of.months[1] != 4))
periods: Rules = st.one_of(whole_months, weeks, thirds, st.builds(TurnOfMonths, months, years))
calendar_rules: Rules = st.one_of(days, periods, st.builds(WeekdayOf, st.integers(1, 7), weeks))
references: Rules = st.builds(
    Reference,
    st.sampled_from(("mrp", "budget-kf", "delar2")),
    st.booleans(),
    st.sampled_from((None, "draft", "kf", "handed_in", "8")),
    st.sampled_from(list(BOUNDS)),
)


def window(start: DateRule, end: DateRule) -> Window:
    """In the order in which it is one."""
    try:
        return Window(start, end)
    except DateRuleError:
        return Window(end, start)


def choice(*options: DateRule) -> Choice:
    return Choice(options)


def of_one_year(year: Year) -> Rules:
    """Periods that can contain a meeting: one, or several of the same year, because the text has the year only once."""
    named = st.one_of(
        st.builds(InMonth, months, st.just(year)), st.builds(DayOf, st.integers(1, 28), months, st.just(year))
    )
    return st.one_of(
        st.builds(window, named, named), st.builds(choice, named, named), st.builds(choice, named, named, named)
    )


ordinals = st.sampled_from((1, 2, 3, 4, 5, LAST))
bodies = st.sampled_from(BODIES)
meetings_in: Rules = st.builds(Meeting, st.one_of(periods, years.flatmap(of_one_year)), bodies, st.just("in"), ordinals)


def _forwards(of: Rules) -> Rules:
    counts = st.integers(1, MAX_COUNT)
    return st.one_of(
        st.builds(Offset, of, counts, st.sampled_from(UNITS), st.just("after"), st.booleans()),
        st.builds(Meeting, of, bodies, st.sampled_from(("after", "on or after")), st.integers(1, 5)),
    )


def _around(of: Rules) -> Rules:
    counts = st.integers(1, MAX_COUNT)
    return st.one_of(
        _forwards(of),
        st.builds(Offset, of, counts, st.sampled_from(UNITS), st.just("before"), st.booleans()),
        st.builds(Meeting, of, bodies, st.just("before"), st.just(LAST)),
    )


def _short(rules: Rules) -> Rules:
    """Without what is too long to be read. No filter: it would write the whole strategy down for each retry."""

    @st.composite
    def short(draw: st.DrawFn) -> DateRule:
        rule = draw(rules)
        assume(len(str(rule)) <= MAX_LENGTH - len(" at 12:00-13:00"))
        return rule

    return short()


unmoved: Rules = st.one_of(calendar_rules, references, meetings_in)
forwards: Rules = _short(st.recursive(unmoved, _forwards, max_leaves=3))
points: Rules = _short(st.recursive(unmoved, _around, max_leaves=3))
operands: Rules = st.one_of(points, st.builds(Before, points), st.builds(After, points))
windows: Rules = st.builds(window, operands, operands)
choices: Rules = st.one_of(
    st.builds(choice, st.one_of(unmoved, windows), operands), st.builds(choice, unmoved, calendar_rules, windows)
)
untimed: Rules = _short(st.one_of(operands, windows, choices))
clocks = st.builds(time, st.integers(0, 22), st.integers(0, 59))
late = st.one_of(st.none(), st.builds(time, st.just(23), st.integers(0, 59)))
rules: Rules = st.one_of(untimed, st.builds(Timed, untimed, clocks, late), st.just(Undecided()))


def _other(day: date) -> Callable[[Reference], date]:
    return lambda reference: day


meeting_days = st.lists(st.dates(date(2016, 1, 1), date(2066, 12, 31)), max_size=40).map(sorted)
anchors = st.builds(
    Anchor,
    st.integers(2020, 2060),
    st.integers(2018, 2058),
    st.dictionaries(bodies, meeting_days),
    st.just(SWEDEN),
    st.dates(date(2020, 1, 1), date(2060, 12, 31)).map(_other),
)
