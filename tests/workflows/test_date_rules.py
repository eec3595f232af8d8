"""The meaning of date rules."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.dating import SWEDEN, anchors, calendar_rules, days, forwards, months, rules, untimed, years
from workflows.dates.date_rules import (
    Anchor,
    DateRule,
    DateRuleError,
    DayOf,
    InMonth,
    NoMeeting,
    NotYetDated,
    Reference,
    Undecided,
    Year,
)
from workflows.dates.parse_date import parse
from workflows.dates.relative_dates import After, Meeting, Offset
from workflows.definition.definition import Elections

BUDGET_2028 = Anchor(budget_year=2028)
MANDATE_2026 = Anchor(election_year=2026)


@pytest.mark.parametrize(
    ("text", "anchor", "first", "last"),
    [
        ("2027-02-24", BUDGET_2028, date(2027, 2, 24), date(2027, 2, 24)),
        ("24 February Y-1", BUDGET_2028, date(2027, 2, 24), date(2027, 2, 24)),
        ("24 February 2030", BUDGET_2028, date(2030, 2, 24), date(2030, 2, 24)),
        ("last of February Y-1", BUDGET_2028, date(2027, 2, 28), date(2027, 2, 28)),
        ("last of February Y", BUDGET_2028, date(2028, 2, 29), date(2028, 2, 29)),
        ("last of November Y-1", BUDGET_2028, date(2027, 11, 30), date(2027, 11, 30)),
        ("November Y-2", BUDGET_2028, date(2026, 11, 1), date(2026, 11, 30)),
        ("June Y-1", BUDGET_2028, date(2027, 6, 1), date(2027, 6, 30)),
        ("February Y", BUDGET_2028, date(2028, 2, 1), date(2028, 2, 29)),
        ("15 April Y+1", BUDGET_2028, date(2029, 4, 15), date(2029, 4, 15)),
        ("January Y+2", BUDGET_2028, date(2030, 1, 1), date(2030, 1, 31)),
        ("October E", MANDATE_2026, date(2026, 10, 1), date(2026, 10, 31)),
        ("31 December E+1", MANDATE_2026, date(2027, 12, 31), date(2027, 12, 31)),
        ("last of February E+2", MANDATE_2026, date(2028, 2, 29), date(2028, 2, 29)),
        ("December E+8", MANDATE_2026, date(2034, 12, 1), date(2034, 12, 31)),
        ("June 2027", MANDATE_2026, date(2027, 6, 1), date(2027, 6, 30)),
    ],
)
def test_a_rule_is_a_date_once_the_year_is_known(text: str, anchor: Anchor, first: date, last: date) -> None:
    rule = parse(text)
    assert (rule.first(anchor), rule.last(anchor)) == (first, last)


# Each in an election year, an ordinary year and a leap year, counted on a wall calendar.
@pytest.mark.parametrize(
    ("text", "in_2026", "in_2027", "in_2028"),
    [
        ("begin of June {}", "06-01 06-10", "06-01 06-10", "06-01 06-10"),
        ("middle of February {}", "02-11 02-20", "02-11 02-20", "02-11 02-20"),
        ("end of February {}", "02-21 02-28", "02-21 02-28", "02-21 02-29"),
        ("begin of Q1 {}", "01-01 01-31", "01-01 01-31", "01-01 01-31"),
        ("middle of Q1 {}", "02-01 02-28", "02-01 02-28", "02-01 02-29"),
        ("end of H2 {}", "11-01 12-31", "11-01 12-31", "11-01 12-31"),
        ("begin of year {}", "01-01 04-30", "01-01 04-30", "01-01 04-30"),
        ("middle of year {}", "05-01 08-31", "05-01 08-31", "05-01 08-31"),
        ("end of year {}", "09-01 12-31", "09-01 12-31", "09-01 12-31"),
        ("end of summer {}", "08-01 08-31", "08-01 08-31", "08-01 08-31"),
        ("turn of February/March {}", "02-24 03-05", "02-24 03-05", "02-25 03-05"),
        ("turn of May/June {}", "05-27 06-05", "05-27 06-05", "05-27 06-05"),
        ("Q1 {}", "01-01 03-31", "01-01 03-31", "01-01 03-31"),
        ("Q4 {}", "10-01 12-31", "10-01 12-31", "10-01 12-31"),
        ("T1 {}", "01-01 04-30", "01-01 04-30", "01-01 04-30"),
        ("T3 {}", "09-01 12-31", "09-01 12-31", "09-01 12-31"),
        ("H1 {}", "01-01 06-30", "01-01 06-30", "01-01 06-30"),
        ("year {}", "01-01 12-31", "01-01 12-31", "01-01 12-31"),
        ("spring {}", "03-01 05-31", "03-01 05-31", "03-01 05-31"),
        ("summer {}", "06-01 08-31", "06-01 08-31", "06-01 08-31"),
        ("autumn {}", "09-01 11-30", "09-01 11-30", "09-01 11-30"),
        ("week 24 {}", "06-08 06-14", "06-14 06-20", "06-12 06-18"),
        ("Wednesday of week 24 {}", "06-10 06-10", "06-16 06-16", "06-14 06-14"),
        ("15 August to 30 September {}", "08-15 09-30", "08-15 09-30", "08-15 09-30"),
        ("January to February {}", "01-01 02-28", "01-01 02-28", "01-01 02-29"),
        ("17 to 18 August {}", "08-17 08-18", "08-17 08-18", "08-17 08-18"),
        ("April or May {}", "04-01 05-31", "04-01 05-31", "04-01 05-31"),
        ("September or 5 February {}", "02-05 09-30", "02-05 09-30", "02-05 09-30"),
        ("before 28 February {}", "02-27 02-27", "02-27 02-27", "02-27 02-27"),
        ("before March {}", "02-28 02-28", "02-28 02-28", "02-29 02-29"),
        ("after 31 August {}", "09-01 09-01", "09-01 09-01", "09-01 09-01"),
        ("after February {}", "03-01 03-01", "03-01 03-01", "03-01 03-01"),
        ("by 15 October {}", "10-15 10-15", "10-15 10-15", "10-15 10-15"),
        ("from April to June {}", "04-01 06-30", "04-01 06-30", "04-01 06-30"),
        ("14 days before 10 March {}", "02-24 02-24", "02-24 02-24", "02-25 02-25"),
        ("14 days before March {}", "02-15 02-15", "02-15 02-15", "02-16 02-16"),
        ("3 weeks after February {}", "03-21 03-21", "03-21 03-21", "03-21 03-21"),
        ("1 month after 31 August {}", "09-30 09-30", "09-30 09-30", "09-30 09-30"),
        ("1 month after 31 January {}", "02-28 02-28", "02-28 02-28", "02-29 02-29"),
        ("1 month after last of February {}", "03-28 03-28", "03-28 03-28", "03-29 03-29"),
        ("1 month before 31 March {}", "02-28 02-28", "02-28 02-28", "02-29 02-29"),
        ("6 months after 15 May {}", "11-15 11-15", "11-15 11-15", "11-15 11-15"),
        # 6 June is a Saturday, a Sunday, and a Tuesday on which nobody works.
        ("10 working days after 1 June {}", "06-15 06-15", "06-15 06-15", "06-16 06-16"),
        # 1 May is a Friday, a Saturday, a Monday.
        ("1 working day before 1 May {}", "04-30 04-30", "04-30 04-30", "04-28 04-28"),
        ("1 week after 14 days before 10 March {}", "03-03 03-03", "03-03 03-03", "03-03 03-03"),
        ("about 2 weeks after 15 February {}", "03-01 03-01", "03-01 03-01", "02-29 02-29"),
        ("15 March {} at 12:00", "03-15 03-15", "03-15 03-15", "03-15 03-15"),
    ],
)  # fmt: skip
def test_a_form_in_an_election_year_an_ordinary_year_and_a_leap_year(
    text: str, in_2026: str, in_2027: str, in_2028: str
) -> None:
    anchor = Anchor(2028, 2026, calendar=SWEDEN)
    for year, written, expected in (
        (2026, "Y-2", in_2026), (2027, "Y-1", in_2027), (2028, "Y", in_2028),
        (2026, "E", in_2026), (2027, "E+1", in_2027), (2028, "E+2", in_2028),
    ):  # fmt: skip
        rule = parse(text.format(written))
        assert f"{rule.first(anchor)} {rule.last(anchor)}" == " ".join(f"{year}-{day}" for day in expected.split())


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("winter Y-1", date(2027, 12, 1), date(2028, 2, 29)),
        ("winter Y", date(2028, 12, 1), date(2029, 2, 28)),
        ("begin of winter Y-1", date(2027, 12, 1), date(2027, 12, 31)),
        ("end of winter Y-1", date(2028, 2, 1), date(2028, 2, 29)),
        ("turn of December/January Y-1", date(2027, 12, 27), date(2028, 1, 5)),
        ("week 1 Y-2", date(2025, 12, 29), date(2026, 1, 4)),
        ("week 53 2026", date(2026, 12, 28), date(2027, 1, 3)),
        ("week 52 Y", date(2028, 12, 25), date(2028, 12, 31)),
        ("15 November Y-1 to 15 January Y", date(2027, 11, 15), date(2028, 1, 15)),
        ("30 May Y-2 to week 22 Y-2", date(2026, 5, 30), date(2026, 5, 31)),
        ("2 months after 31 December Y-1", date(2028, 2, 29), date(2028, 2, 29)),
        ("1 month before 31 January Y", date(2027, 12, 31), date(2027, 12, 31)),
        ("12 months after 29 February 2028", date(2029, 2, 28), date(2029, 2, 28)),
        ("before year Y", date(2027, 12, 31), date(2027, 12, 31)),
        ("after winter Y-1", date(2028, 3, 1), date(2028, 3, 1)),
        ("April to May Y-1 or 9 September Y-1", date(2027, 4, 1), date(2027, 9, 9)),
        ("after 31 August Y-1 to 15 October Y-1", date(2027, 9, 1), date(2027, 10, 15)),
    ],
)
def test_periods_across_new_year_and_composed_rules(text: str, first: date, last: date) -> None:
    rule = parse(text)
    assert (rule.first(BUDGET_2028), rule.last(BUDGET_2028)) == (first, last)


def test_the_end_of_a_window_is_never_before_its_beginning() -> None:
    """Week 22 ends on 6 June in 2027, on 30 May in 2032."""
    rule = parse("31 May to week 22 Y")
    assert rule.last(Anchor(2027)) == date(2027, 6, 6)
    assert rule.last(Anchor(2032)) == date(2032, 5, 31)


# ---- another date of the cycle -------------------------------------------------------------------------------


OTHERS = {
    Reference("mrp", False, None, "last"): date(2027, 6, 16),
    Reference("mrp", True, "draft", "opens"): date(2027, 4, 1),
    Reference("budget-kf", False, "kf", "target"): date(2027, 11, 10),
    Reference("mrp", True, None, "statutory"): date(2027, 12, 31),
}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("last day of mrp", date(2027, 6, 16)),
        ("opening of mrp.board.draft", date(2027, 4, 1)),
        ("target of budget-kf.kf", date(2027, 11, 10)),
        ("statutory day of mrp.board", date(2027, 12, 31)),
        ("after last day of mrp", date(2027, 6, 17)),
        ("about a month after the last day of mrp", date(2027, 7, 16)),
        ("10 days before opening of mrp.board.draft", date(2027, 3, 22)),
    ],
)
def test_another_date_of_the_same_cycle(text: str, day: date) -> None:
    assert parse(text).first(Anchor(2028, other=OTHERS.__getitem__)) == day


def test_a_rule_names_the_dates_that_it_counts_from_once_each() -> None:
    rule = parse("last day of mrp to 3 weeks after last day of mrp or opening of budget-kf.kf")
    assert rule.references == (Reference("mrp", False, None, "last"), Reference("budget-kf", False, "kf", "opens"))
    assert parse("June Y-1").references == ()


def test_another_date_is_not_known_without_its_cycle() -> None:
    with pytest.raises(NotYetDated, match="`last day of mrp` is another date, which is not known here"):
        parse("14 days after last day of mrp").first(BUDGET_2028)


def test_an_error_about_the_other_date_is_passed_on() -> None:
    def circular(reference: Reference) -> date:
        raise DateRuleError("`{rule}` counts from itself.", "Write a date.", rule=str(reference))

    with pytest.raises(DateRuleError, match="`last day of mrp` counts from itself; write a date"):
        parse("1 week after last day of mrp").last(Anchor(2028, other=circular))


# ---- meetings ------------------------------------------------------------------------------------------------


KF = (date(2027, 1, 20), date(2027, 5, 19), date(2027, 6, 2), date(2027, 6, 16), date(2027, 10, 6), date(2027, 12, 8))
MEETINGS = Anchor(2028, meetings={"kf": KF, "ks": (date(2027, 9, 1),)}, calendar=SWEDEN)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("kf meeting in June Y-1", date(2027, 6, 2)),
        ("second kf meeting in June Y-1", date(2027, 6, 16)),
        ("last kf meeting in June Y-1", date(2027, 6, 16)),
        ("kf meeting in 3 to 30 June Y-1", date(2027, 6, 16)),
        ("kf meeting in 16 to 30 June Y-1", date(2027, 6, 16)),
        ("second kf meeting in 1 to 16 June Y-1", date(2027, 6, 16)),
        ("last kf meeting in May or October Y-1", date(2027, 10, 6)),
        ("fifth kf meeting in year Y-1", date(2027, 10, 6)),
        ("last kf meeting before summer Y-1", date(2027, 5, 19)),
        ("last kf meeting before 16 June Y-1", date(2027, 6, 2)),
        ("last kf meeting before 17 June Y-1", date(2027, 6, 16)),
        ("first kf meeting after 16 June Y-1", date(2027, 10, 6)),
        ("second kf meeting after 16 June Y-1", date(2027, 12, 8)),
        ("first kf meeting on or after 16 June Y-1", date(2027, 6, 16)),
        ("first kf meeting on or after June Y-1", date(2027, 6, 2)),
        ("first kf meeting after June Y-1", date(2027, 10, 6)),
        ("14 days before kf meeting in October Y-1", date(2027, 9, 22)),
        ("first kf meeting after first ks meeting in autumn Y-1", date(2027, 10, 6)),
        ("10 working days before first kf meeting after 1 June Y-1", date(2027, 5, 19)),
    ],
)
def test_a_meeting_that_is_known(text: str, day: date) -> None:
    rule = parse(text)
    assert (rule.first(MEETINGS), rule.last(MEETINGS), rule.provisional(MEETINGS)) == (day, day, False)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("kf meeting in June Y", date(2028, 6, 1), date(2028, 6, 30)),
        ("last kf meeting in June Y", date(2028, 6, 1), date(2028, 6, 30)),
        ("nb meeting in June Y-1", date(2027, 6, 1), date(2027, 6, 30)),
        ("last kf meeting before summer Y", date(2028, 5, 31), date(2028, 5, 31)),
        ("first kf meeting after 31 August Y", date(2028, 9, 1), date(2028, 9, 30)),
        ("first kf meeting on or after 31 August Y", date(2028, 8, 31), date(2028, 9, 30)),
        ("14 days before kf meeting in June Y", date(2028, 5, 18), date(2028, 5, 18)),
        ("14 days after kf meeting in June Y", date(2028, 7, 14), date(2028, 7, 14)),
        ("last kf meeting before 10 January Y-1", date(2027, 1, 9), date(2027, 1, 9)),
        # The year before is known, and has none left: the year that is not may have one.
        ("first kf meeting after 20 December Y-1", date(2027, 12, 21), date(2028, 1, 20)),
        ("last kf meeting in winter Y-1", date(2027, 12, 1), date(2028, 2, 29)),
        ("last kf meeting before 10 January Y", date(2028, 1, 9), date(2028, 1, 9)),
    ],
)
def test_a_meeting_that_is_not_known_yet_is_provisional(text: str, first: date, last: date) -> None:
    rule = parse(text)
    assert (rule.first(MEETINGS), rule.last(MEETINGS), rule.provisional(MEETINGS)) == (first, last, True)


@pytest.mark.parametrize(
    ("text", "ks", "day"),
    [
        # Spring is not entered: the meeting of the year before is not the nearest one.
        ("last ks meeting before 17 June Y-1", ["2026-12-16", "2027-08-11"], date(2027, 6, 16)),
        ("last ks meeting before 10 January Y-1", ["2026-12-16", "2027-08-11"], date(2026, 12, 16)),
        # Nor is autumn, and the next one is of the year after.
        ("first ks meeting after 31 August Y-1", ["2027-06-09", "2028-01-12"], date(2027, 9, 1)),
        ("first ks meeting after 10 December Y-1", ["2027-06-09", "2028-01-12"], date(2028, 1, 12)),
    ],
)
def test_a_meeting_of_another_year_months_away_is_not_the_nearest_one(text: str, ks: list[str], day: date) -> None:
    anchor = Anchor(2028, meetings={"ks": tuple(date.fromisoformat(each) for each in ks)}, calendar=SWEDEN)
    rule = parse(text)
    assert (rule.first(anchor), rule.provisional(anchor)) == (day, day.isoformat() not in ks)


def test_before_a_meeting_that_is_not_known_is_before_the_last_day_it_may_have() -> None:
    """Otherwise KS would have to propose in August what it may take up in September at the earliest."""
    rule = parse("last nb meeting before last kf meeting in September Y")
    assert rule.last(MEETINGS) == date(2028, 9, 29)
    assert rule.provisional(MEETINGS)
    known = Anchor(2028, meetings={"kf": (date(2028, 9, 20),)}, calendar=SWEDEN)
    assert rule.last(known) == date(2028, 9, 19)


def test_the_first_meeting_of_a_winter_is_known_before_the_next_year_is() -> None:
    rule = parse("kf meeting in winter Y-1")
    assert (rule.first(MEETINGS), rule.provisional(MEETINGS)) == (date(2027, 12, 8), False)


@pytest.mark.parametrize(
    "text",
    [
        "kf meeting in August Y-1",
        "third kf meeting in June Y-1",
        "last ks meeting before 1 April Y-1",
        "first kf meeting on or after 9 October Y-1",
        "first ks meeting after 1 September Y-1",
        "14 days before kf meeting in August Y-1",
    ],
)
def test_a_meeting_missing_among_the_known_ones_is_an_error(text: str) -> None:
    known = {"kf": (date(2025, 4, 2), date(2026, 4, 1), *KF[:5]), "ks": (date(2027, 9, 1),)}
    anchor = Anchor(2028, meetings=known)
    for ask in (parse(text).first, parse(text).last, parse(text).provisional):
        with pytest.raises(NoMeeting):
            ask(anchor)


def test_the_sentence_names_the_body_the_period_and_what_to_do() -> None:
    with pytest.raises(NoMeeting) as missing:
        parse("third kf meeting in June Y-1").last(MEETINGS)
    assert str(missing.value) == (
        "no known meeting of kf in 2027 matches `third kf meeting in June Y-1`; add the meeting, or write another date"
    )


def test_a_rule_names_the_bodies_that_it_waits_for() -> None:
    assert parse("2 weeks after kf meeting in June Y to first ks meeting after June Y").bodies == {"kf", "ks"}
    assert parse("last kf meeting before first ks meeting after June Y").bodies == {"kf", "ks"}
    assert parse("June Y").bodies == frozenset()


def test_a_known_meeting_after_a_provisional_day_is_provisional() -> None:
    rule = parse("first kf meeting after about a week after 1 June Y-1")
    assert (rule.first(MEETINGS), rule.provisional(MEETINGS)) == (date(2027, 6, 16), True)


# ---- provisional, undecided, time of day ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "is_provisional"),
    [
        ("June Y-1", False),
        ("2 weeks after 1 June Y-1", False),
        ("about 2 weeks after 1 June Y-1", True),
        ("1 June Y-1 to about 2 weeks after 1 June Y-1", True),
        ("May Y-1 or about a month after 1 June Y-1", True),
        ("before about a month after 1 June Y-1", True),
        ("3 days after about a month after 1 June Y-1 at 12:00", True),
    ],
)
def test_an_approximate_part_makes_the_whole_rule_provisional(text: str, is_provisional: bool) -> None:
    assert parse(text).provisional(BUDGET_2028) is is_provisional


def test_undecided_has_no_date() -> None:
    rule = parse("Undecided")
    assert rule == Undecided()
    for ask in (rule.first, rule.last):
        with pytest.raises(NotYetDated, match="not been decided yet; write the date as soon as it is decided"):
            ask(BUDGET_2028)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("15 March Y-1", None),
        ("15 March Y-1 at 12:00", (time(12), None)),
        ("30 August Y-1 at 19:00-21:00", (time(19), time(21))),
        ("14 days before kf meeting in June Y-1 at 9.05", (time(9, 5), None)),
    ],
)
def test_the_time_of_day_does_not_change_the_date(text: str, clock: tuple[time, time | None] | None) -> None:
    assert parse(text).clock == clock


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1 working day after 12 June Y-1", date(2027, 6, 14)),  # a Saturday
        ("1 working day before 12 June Y-1", date(2027, 6, 11)),
        ("1 working day after 11 June Y-1", date(2027, 6, 14)),
        ("1 working day before 14 June Y-1", date(2027, 6, 11)),
    ],
)
def test_working_days_counted_from_a_day_off(text: str, day: date) -> None:
    assert parse(text).first(MEETINGS) == parse(text).last(MEETINGS) == day


def test_working_days_are_not_guessed_without_a_calendar() -> None:
    with pytest.raises(DateRuleError, match="counts working days, but they are not known here; count in days"):
        parse("3 working days after 1 June Y").first(BUDGET_2028)


def test_working_days_of_a_year_whose_holidays_nobody_knows_are_refused() -> None:
    rule = "400 working days after 400 months after 1 June 2099"
    with pytest.raises(DateRuleError, match=f"`{rule}` is counted from 2132-10-01, but the holidays of that"):
        parse(rule).first(MEETINGS)


# ---- years ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("June Y-1", {"Y"}),
        ("24 June Y", {"Y"}),
        ("last of June E+1", {"E"}),
        ("June 2027", set()),
        ("2027-06-24", set()),
        ("middle of Q1 Y", {"Y"}),
        ("Wednesday of week 24 E+1", {"E"}),
        ("14 days before kf meeting in June Y-1 at 12:00", {"Y"}),
        ("after June E to 3 May Y or 2027-01-01", {"Y", "E"}),
        ("last day of mrp", set()),
        ("undecided", set()),
    ],
)
def test_a_rule_tells_which_year_it_needs_without_having_it(text: str, needs: set[str]) -> None:
    assert parse(text).needs == needs


@pytest.mark.parametrize("text", ["June Y-1", "24 June Y-1", "last of June Y-1"])
def test_a_budget_rule_has_no_date_in_a_mandate_cycle(text: str) -> None:
    with pytest.raises(
        DateRuleError, match="`Y-1` is counted from a budget year, but this cycle has none; write `E` to"
    ):
        parse(text).first(MANDATE_2026)


@pytest.mark.parametrize("text", ["June E+1", "24 June E+1", "last of June E+1"])
def test_a_mandate_rule_has_no_date_in_a_budget_cycle(text: str) -> None:
    with pytest.raises(DateRuleError, match=r"`E\+1` is counted from an election year, .*; write `Y-2` to `Y\+2`"):
        parse(text).last(BUDGET_2028)


def test_a_day_that_never_comes_cannot_be_built_without_a_text_either() -> None:
    with pytest.raises(DateRuleError, match="31 November does not exist"):
        DayOf(31, 11, Year("Y", -1))


def test_sweden_votes_in_2026_and_2030() -> None:
    assert [year for year in range(2022, 2035) if Elections().in_year(year)] == [2022, 2026, 2030, 2034]


# ---- whatever the rule ---------------------------------------------------------------------------------------


@given(calendar_rules, anchors)
def test_a_day_or_period_of_the_calendar_lies_about_its_year(rule: DateRule, anchor: Anchor) -> None:
    first, last = rule.first(anchor), rule.last(anchor)
    assert first <= last
    assert (last - first).days < 366


@given(st.one_of(days, st.builds(InMonth, months, years)), anchors)
def test_a_day_and_a_month_lie_in_one_month(rule: DateRule, anchor: Anchor) -> None:
    first, last = rule.first(anchor), rule.last(anchor)
    assert (first.year, first.month) == (last.year, last.month)


@given(rules, anchors)
def test_no_rule_closes_before_it_opens(rule: DateRule, anchor: Anchor) -> None:
    try:
        first, last = rule.first(anchor), rule.last(anchor)
    except DateRuleError:
        return
    assert first <= last


@given(st.one_of(forwards, forwards.map(After)), anchors)
def test_counted_forwards_no_date_moves_backwards(rule: DateRule, anchor: Anchor) -> None:
    while isinstance(rule, After | Offset) or (isinstance(rule, Meeting) and rule.where == "after"):
        try:
            assert rule.first(anchor) >= rule.of.last(anchor)
        except DateRuleError:
            return
        rule = rule.of


@given(untimed, anchors)
def test_a_rule_uses_only_what_it_says_it_needs(rule: DateRule, anchor: Anchor) -> None:
    only = Anchor(
        anchor.budget_year if "Y" in rule.needs else None,
        anchor.election_year if "E" in rule.needs else None,
        {body: days for body, days in anchor.meetings.items() if body in rule.bodies},
        anchor.calendar,
        anchor.other if rule.references else None,
    )
    try:
        last = rule.last(anchor)
    except DateRuleError as error:
        with pytest.raises(type(error)):
            rule.last(only)
        return
    assert rule.last(only) == last
    assert rule.provisional(only) == rule.provisional(anchor)
