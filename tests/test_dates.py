"""The date rules of a wheel file."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.dates import (
    Anchor,
    DateRule,
    DateRuleError,
    DayOf,
    Exact,
    InMonth,
    LastOf,
    Year,
    is_election_year,
    parse,
)

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


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("  24   FEBRUARY  y - 1 ", "24 February Y-1"),
        ("04 july Y", "4 July Y"),
        ("Last of june e+1", "last of June E+1"),
        ("June Y−1", "June Y-1"),  # the minus sign of the rules' own table
        ("June Y–1", "June Y-1"),
        ("june Y+0", "June Y"),
        ("29 February 2028", "29 February 2028"),
        ("2028-02-29", "2028-02-29"),
    ],
)
def test_small_differences_in_writing_are_one_rule_with_one_text(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("June Y-1", {"Y"}),
        ("24 June Y", {"Y"}),
        ("last of June E+1", {"E"}),
        ("June 2027", set()),
        ("2027-06-24", set()),
    ],
)
def test_a_rule_tells_which_year_it_needs_without_having_it(text: str, needs: set[str]) -> None:
    assert parse(text).needs == needs


@pytest.mark.parametrize("text", ["June Y-1", "24 June Y-1", "last of June Y-1"])
def test_a_budget_rule_has_no_date_in_a_mandate_cycle(text: str) -> None:
    with pytest.raises(DateRuleError, match="`Y-1` counts from a budget year, which this cycle has not; write `E` to"):
        parse(text).first(MANDATE_2026)


@pytest.mark.parametrize("text", ["June E+1", "24 June E+1", "last of June E+1"])
def test_a_mandate_rule_has_no_date_in_a_budget_cycle(text: str) -> None:
    with pytest.raises(DateRuleError, match=r"`E\+1` counts from an election year, .*; write `Y-2` to `Y\+2`"):
        parse(text).last(BUDGET_2028)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "31 June Y-1",
            "31 June never comes: June has 30 days; write `30 June Y-1` or `last of June Y-1`",
        ),
        ("0 June Y-1", "0 June never comes: days count from 1; write `1 June Y-1`"),
        (
            "29 February Y-1",
            "29 February does not come every year; write `28 February Y-1` or `last of February Y-1`",
        ),
        (
            "29 February E+2",
            "29 February does not come every year; write `28 February E+2` or `last of February E+2`",
        ),
        (
            "29 February 2027",
            "29 February does not come every year; write `28 February 2027` or `last of February 2027`",
        ),
        ("2027-02-29", "2027-02-29 never comes: February 2027 has 28 days; write `2027-02-28`"),
        ("2027-04-00", "2027-04-00 never comes: April 2027 has 30 days; write `2027-04-01`"),
        ("2027-13-01", "2027-13-01 never comes: months go from 01 to 12; write one as in `2027-06-30`"),
        ("junni Y-1", "`junni` is no month; write `June`"),
        ("15 maj Y-1", "`maj` is no month; write `May`"),
        ("last of feb Y-1", "`feb` is no month; write `February`"),
        ("Ju Y", "`Ju` is no month; write `June` or `July`"),
        ("xyzzy Y", "`xyzzy` is no month; write the English name, `January` to `December`"),
        ("February 24 Y-1", "`February 24 Y-1` has the month before the day; write `24 February Y-1`"),
    ],
)
def test_a_slip_is_refused_with_a_sentence_that_mends_it(text: str, sentence: str) -> None:
    with pytest.raises(DateRuleError) as refused:
        parse(text)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("June Y-3", "`Y-3` is no year of a wheel"),
        ("June Y+3", "`Y+3` is no year of a wheel"),
        ("June E-1", "`E-1` is no year of a wheel"),
        ("June E+9", "`E+9` is no year of a wheel"),
        ("24 June 2207", "`2207` is no year of a wheel"),
        ("1927-02-24", "`1927` is no year of a wheel"),
        ("June next year", "`next year` is no year"),
        ("24 June B-1", "`B-1` is no year"),
        ("June", "`June` has no year"),
        ("24 June", "`24 June` has no year"),
        ("last of June", "`last of June` has no year"),
    ],
)
def test_a_year_that_no_wheel_has_is_refused_with_those_it_has(text: str, start: str) -> None:
    with pytest.raises(DateRuleError) as refused:
        parse(text)
    assert str(refused.value).startswith(start)
    assert str(refused.value).endswith(
        "`Y-2` to `Y+2` (budget year), `E` to `E+8` (election year) or a plain year from 2000 to 2099"
    )


@pytest.mark.parametrize("text", ["Monday", "first Monday of June Y-1", "Friday 24 June Y-1", "sundays Y"])
def test_a_weekday_is_no_rule(text: str) -> None:
    with pytest.raises(DateRuleError, match="names a weekday, which is no date rule; write `24 February Y-1`"):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "Y-1",
        "24/2 Y-1",
        "2027-6-1",
        "24th June Y",
        "next meeting",
        "14 days before KF",
        "in June Y",
        "x" * 500,
    ],
)
def test_other_words_are_refused_with_the_forms_that_are_known(text: str) -> None:
    with pytest.raises(DateRuleError, match="is no date rule; write `24 February Y-1`, `last of") as refused:
        parse(text)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_text_is_no_rule(text: str) -> None:
    with pytest.raises(DateRuleError, match=r"^an empty text is no date rule; write `24 February Y-1`"):
        parse(text)


def test_a_day_that_never_comes_cannot_be_built_without_a_text_either() -> None:
    with pytest.raises(DateRuleError, match="31 November never comes"):
        DayOf(31, 11, Year("Y", -1))


def test_sweden_votes_in_2026_and_2030() -> None:
    assert [year for year in range(2022, 2035) if is_election_year(year)] == [2022, 2026, 2030, 2034]


months = st.integers(1, 12)
years = st.one_of(
    st.builds(Year, st.just("Y"), st.integers(-2, 2)),
    st.builds(Year, st.just("E"), st.integers(0, 8)),
    st.builds(Year, st.none(), st.integers(2000, 2099)),
)
rules: st.SearchStrategy[DateRule] = st.one_of(
    st.builds(Exact, st.dates(date(2000, 1, 1), date(2099, 12, 31))),
    st.builds(InMonth, months, years),
    st.builds(LastOf, months, years),
    st.builds(DayOf, st.integers(1, 28), months, years),
)
anchors = st.builds(Anchor, st.integers(2020, 2060), st.integers(2018, 2058))


@given(rules)
def test_every_rule_is_read_back_from_its_text(rule: DateRule) -> None:
    assert parse(str(rule)) == rule
    assert parse(str(rule).upper()) == rule


@given(rules, anchors)
def test_no_rule_closes_before_it_opens_or_in_another_month(rule: DateRule, anchor: Anchor) -> None:
    first, last = rule.first(anchor), rule.last(anchor)
    assert first <= last
    assert (first.year, first.month) == (last.year, last.month)


@given(rules, anchors)
def test_a_rule_uses_only_the_years_that_it_says_it_needs(rule: DateRule, anchor: Anchor) -> None:
    only = Anchor(
        anchor.budget_year if "Y" in rule.needs else None, anchor.election_year if "E" in rule.needs else None
    )
    assert rule.last(only) == rule.last(anchor)


@given(st.one_of(st.text(), st.from_regex(r"(last of |[0-9]{1,2} )?[A-Za-z]+ [YE][+-][0-9]", fullmatch=True)))
def test_any_text_is_a_rule_or_a_sentence_never_a_crash(text: str) -> None:
    try:
        rule = parse(text)
    except DateRuleError:
        return
    assert parse(str(rule)) == rule
