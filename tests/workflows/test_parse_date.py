"""Parsing date rules: every mistake is answered with a sentence that says what to write instead."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.dating import rules
from workflows.dates.date_rules import DateRule, DateRuleError, InMonth, Year
from workflows.dates.parse_calendar_date import quoted
from workflows.dates.parse_date import MAX_LENGTH, parse
from workflows.dates.periods import Window
from workflows.dates.relative_dates import Meeting, Offset


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
        ("the last day of june Y", "last of June Y"),
        ("last of q1 Y", "last of March Y"),
        ("last day of the year Y-1", "last of December Y-1"),
        ("last of winter Y-1", "last of February Y"),
        ("Beginning of the June Y-1", "begin of June Y-1"),
        ("mid of June Y-1", "middle of June Y-1"),
        ("mid-june Y-1", "middle of June Y-1"),
        ("mid June Y-1", "middle of June Y-1"),
        ("turn of may and june Y", "turn of May/June Y"),
        ("turn of May–June Y", "turn of May/June Y"),
        ("q1 y", "Q1 Y"),
        ("WINTER y-1", "winter Y-1"),
        ("Year Y-1", "year Y-1"),
        ("wednesday of Week 04 Y", "Wednesday of week 4 Y"),
        ("15 August Y-1 to 30 September Y-1", "15 August to 30 September Y-1"),
        ("17 August Y-1 to 18 August Y-1", "17 to 18 August Y-1"),
        ("from 17 to 18 August Y-1", "17 to 18 August Y-1"),
        ("from 15 November Y-1 to 15 January Y", "15 November Y-1 to 15 January Y"),
        ("April Y-1 or May Y-1 or 3 June Y-1", "April or May or 3 June Y-1"),
        ("1 or 2 or 3 May Y", "1 or 2 or 3 May Y"),
        ("April Y-1 or April Y", "April Y-1 or April Y"),
        ("April to May Y or September Y", "April to May Y or September Y"),
        ("By the 15 October Y", "15 October Y"),
        ("BEFORE the summer Y", "before summer Y"),
        ("one month after 31 August Y", "1 month after 31 August Y"),
        ("a week before 31 August Y", "1 week before 31 August Y"),
        ("Twelve working days after the Q1 Y", "12 working days after Q1 Y"),
        ("1 days after 3 May Y", "1 day after 3 May Y"),
        ("about a month after the last day of MRP.Board.draft", "about 1 month after last day of mrp.board.draft"),
        ("30 days after the actual day of MRP.Board.draft", "30 days after actual day of mrp.board.draft"),
        ("last day of mrp.draft y-1", "last day of mrp.draft Y-1"),
        ("2 weeks after opening of mrp E+4", "2 weeks after opening of mrp E+4"),
        ("last day of Q1 Y", "last of March Y"),
        ("first KF meeting in June Y-1", "kf meeting in June Y-1"),
        ("About the end of May Y-1", "about end of May Y-1"),
        ("by about 15 May Y-1 at 12:00", "about 15 May Y-1 at 12:00"),
        ("about 2 weeks after 1 June Y", "about 2 weeks after 1 June Y"),
        ("about KF meeting in June Y-1", "about kf meeting in June Y-1"),
        ("turn of December Y/January Y+1", "turn of December Y/January Y+1"),
        ("turn of December Y-1 and January Y", "turn of December Y-1/January Y"),
        ("the second ks meeting in the autumn Y", "second ks meeting in autumn Y"),
        ("ks meeting after June Y", "first ks meeting after June Y"),
        ("kf meeting before the summer Y", "last kf meeting before summer Y"),
        ("kf meeting in April or May Y-1", "kf meeting in April or May Y-1"),
        ("kf meeting in June Y-1 to 15 July Y-1", "kf meeting in June Y-1 to 15 July Y-1"),
        ("15 March Y-1 at 9.00", "15 March Y-1 at 09:00"),
        ("15 March Y-1 at 19:00 – 21:00", "15 March Y-1 at 19:00-21:00"),
        ("UNDECIDED", "undecided"),
        ("no later than 15 June Y-1", "15 June Y-1"),
        ("Not later than 2 weeks after 1 June Y", "2 weeks after 1 June Y"),
        ("on or before 15 June Y-1", "15 June Y-1"),
        ("at the latest 15 June Y-1 at 12:00", "15 June Y-1 at 12:00"),
        ("15 June Y-1 at the latest", "15 June Y-1"),
        ("15 June Y-1 at 12:00 at the latest", "15 June Y-1 at 12:00"),
        ("senast den 15 June Y-1", "15 June Y-1"),
    ],
)
def test_small_differences_in_writing_are_one_rule_with_one_text(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical


def test_the_period_of_a_meeting_extends_to_the_next_year() -> None:
    months = [InMonth(month, Year("Y", -1)) for month in (4, 6, 7)]
    meeting = Meeting(Window(months[0], months[1]), "kf", "in")
    assert parse("kf meeting in April to June Y-1") == meeting
    assert parse("kf meeting in April to June Y-1 to July Y-1") == Window(meeting, months[2])


def test_an_offset_ends_with_the_date_that_it_counts_from() -> None:
    months = [InMonth(month, Year("Y", -1)) for month in (4, 6)]
    assert parse("14 days before April Y-1 to June Y-1") == Window(Offset(months[0], 14, "day", "before"), months[1])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "31 June Y-1",
            "31 June does not exist: June has 30 days; write `30 June Y-1` or `last of June Y-1`",
        ),
        ("0 June Y-1", "0 June does not exist: days count from 1; write `1 June Y-1`"),
        (
            "29 February Y-1",
            "29 February does not exist every year; write `28 February Y-1` or `last of February Y-1`",
        ),
        (
            "29 February E+2",
            "29 February does not exist every year; write `28 February E+2` or `last of February E+2`",
        ),
        (
            "29 February 2027",
            "29 February does not exist every year; write `28 February 2027` or `last of February 2027`",
        ),
        ("2027-02-29", "2027-02-29 does not exist: February 2027 has 28 days; write `2027-02-28`"),
        ("2027-04-00", "2027-04-00 does not exist: April 2027 has 30 days; write `2027-04-01`"),
        ("2027-13-01", "2027-13-01 does not exist: months go from 01 to 12; write, for example, `2027-06-30`"),
        ("junni Y-1", "`junni` is not a month; write `June`"),
        ("15 februári Y-1", "`februári` is not a month; write `February`"),
        ("15 maj Y-1", "`maj` is not a month; write `May`"),
        ("senast 15 juni Y-1", "`juni` is not a month; write `June`"),
        ("last of feb Y-1", "`feb` is not a month; write `February`"),
        ("Ju Y", "`Ju` is not a month; write `June` or `July`"),
        ("xyzzy Y", "`xyzzy` is not a month; write the English name, `January` to `December`"),
        ("February 24 Y-1", "`February 24 Y-1` has the month before the day; write `24 February Y-1`"),
    ],
)
def test_a_mistake_is_refused_with_a_sentence_that_corrects_it(text: str, sentence: str) -> None:
    with pytest.raises(DateRuleError) as refused:
        parse(text)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("June Y-3", "`Y-3` is not a year of a wheel"),
        ("June Y+3", "`Y+3` is not a year of a wheel"),
        ("June E-1", "`E-1` is not a year of a wheel"),
        ("June E+9", "`E+9` is not a year of a wheel"),
        ("24 June 2207", "`2207` is not a year of a wheel"),
        ("1927-02-24", "`1927` is not a year of a wheel"),
        ("June next year", "`next year` is not a year"),
        ("24 June B-1", "`B-1` is not a year"),
        ("June", "`June` has no year"),
        ("24 June", "`24 June` has no year"),
        ("last of June", "`last of June` has no year"),
    ],
)
def test_an_invalid_year_is_refused_with_the_valid_ones(text: str, start: str) -> None:
    with pytest.raises(DateRuleError) as refused:
        parse(text)
    assert str(refused.value).startswith(start)
    assert str(refused.value).endswith(
        "`Y-2` to `Y+2` (budget year), `E` to `E+8` (election year) or a plain year from 2000 to 2099"
    )


@pytest.mark.parametrize("text", ["Monday", "first Monday of June Y-1", "Friday 24 June Y-1", "sundays Y"])
def test_a_weekday_is_no_rule(text: str) -> None:
    with pytest.raises(DateRuleError, match="names a weekday, which is not a date rule; write `24 February Y-1`"):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "Y-1",
        "24/2 Y-1",
        "2027-6-1",
        "next meeting",
        "14 days before KF",
        "in June Y",
        "x" * 500,
    ],
)
def test_other_words_are_refused_with_the_forms_that_are_known(text: str) -> None:
    with pytest.raises(DateRuleError, match="is not a date rule; write `24 February Y-1`, `last of") as refused:
        parse(text)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("week 24 to 25 Y-1", "week 24 to week 25 Y-1"),
        ("week 24/25 Y-1", "week 24 to week 25 Y-1"),
        ("weeks 24-25", "week 24 to week 25 Y-1"),
        ("week24 Y", "week 24 Y"),
        ("20-21 August Y-1", "20 to 21 August Y-1"),
        ("20\u201321 August", "20 to 21 August Y-1"),
        ("August 20-21 Y", "20 to 21 August Y"),
        ("1 June - 3 June Y", "1 June to 3 June Y"),
        ("2027-05-01/2027-05-03", "2027-05-01 to 2027-05-03"),
        ("24th June Y", "24 June Y"),
        ("3. June Y", "3 June Y"),
        ("ultimo June Y-1", "end of June Y-1"),
        ("medio June Y", "middle of June Y"),
        ("primo June Y at 12:00", "beginning of June Y at 12:00"),
        ("at least 14 days before 3 May Y", "14 days before 3 May Y"),
    ],
)
def test_what_people_write_by_habit_is_refused_with_the_date_rule_of_it(text: str, near: str) -> None:
    with pytest.raises(DateRuleError, match=f"is not a date rule; write `{near}`$"):
        parse(text)
    parse(near)


@pytest.mark.parametrize("text", ["8 May and 12 June Y-1", "8 and 12 June Y", "May and June Y-1"])
def test_several_dates_are_no_date_rule(text: str) -> None:
    with pytest.raises(DateRuleError, match="names several dates, but a date rule is one; write `to` between"):
        parse(text)


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_text_is_no_rule(text: str) -> None:
    with pytest.raises(DateRuleError, match=r"^an empty text is not a date rule; write `24 February Y-1`"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sumer Y-1", "`sumer` is not a month; write `summer`"),
        ("wintr Y-1", "`wintr` is not a month; write `winter`"),
        ("middle of Jne Y-1", "`Jne` is not a month; write `June`"),
        ("Aprl to June Y-1", "`Aprl` is not a month; write `April`"),
        ("biginning of June Y", "`biginning of June Y` is not a date rule: it contains `biginning`; write `beginning`"),
        ("befor 28 February Y", "`befor 28 February Y` is not a date rule: it contains `befor`; write `before`"),
        (
            "kf meetting in June Y",
            "`kf meetting in June Y` is not a date rule: it contains `meetting`; write `meeting`",
        ),
        ("undecidd", "`undecidd` is not a date rule: it contains `undecidd`; write `undecided`"),
        ("Q5 Y", "`Q5` is not a part of a year; write `Q1` to `Q4`"),
        ("T4 Y", "`T4` is not a part of a year; write `T1` to `T3`"),
        ("last of Q7 Y", "`Q7` is not a month; write the English name, `January` to `December`"),
        (
            "last of winter Y+2",
            "`Y+3` is not a year of a wheel; write `Y-2` to `Y+2` (budget year), `E` to `E+8` "
            "(election year) or a plain year from 2000 to 2099",
        ),
        ("end of H3 Y", "`H3` is not a part of a year; write `H1` or `H2`"),
        (
            "end of T1 Y",
            "`T1 Y` has 4 months, which cannot be divided by three; write the months instead, for example `January to "
            "February Y-1`",
        ),
        (
            "end of week 24 Y",
            "`end of week 24 Y`: only whole months have a beginning, a middle and an end; write a month, a quarter, a "
            "season or a year, for example `middle of June Y-1`",
        ),
        (
            "turn of May/July Y-1",
            "`turn of May/July Y-1`: the turn of the month is between two months that follow each other; write, for "
            "example, `turn of May/June Y-1`",
        ),
        ("week 53 Y-1", "week 53 does not exist every year; write `week 52 Y-1`"),
        ("week 53 2027", "week 53 does not exist every year; write `week 52 2027`"),
        ("week 0 Y", "week 0 does not exist: weeks go from 1 to 52, in some years 53; write, for example, `week 24 Y`"),
        (
            "Friday of week 54 2026",
            "week 54 does not exist: weeks go from 1 to 52, in some years 53; write, for example, `week 24 2026`",
        ),
        (
            "June to April Y-1",
            "`June to April Y-1` ends before it begins; write the earlier one first (`April Y-1 to June Y-1`), "
            "or give each its own year",
        ),
        (
            "1 May E+3 to 1 May E+1",
            "`1 May E+3 to 1 May E+1` ends before it begins; write the earlier one first (`1 May E+1 to 1 May E+3`), "
            "or give each its own year",
        ),
        (
            "30 September Y-1 to 15 August Y-1",
            "`30 September to 15 August Y-1` ends before it begins; write the earlier one first "
            "(`15 August Y-1 to 30 September Y-1`), or give each its own year",
        ),
        (
            "before 1 April Y or 1 May Y",
            "`before 1 April Y or …` can be read in two ways; write each part as a day or a period of its own",
        ),
        (
            "first kf meeting after 3 to 30 June Y",
            "`first kf meeting after 3 to 30 June Y` is not a date rule; write `24 February Y-1`, `last of February "
            "Y-1`, `June Y-1` or `2027-02-24`",
        ),
        (
            "1 April Y or before 1 May Y or 1 June Y",
            "`before 1 May Y or …` can be read in two ways; write each part as a day or a period of its own",
        ),
        (
            "14 days after 1 April Y or 1 May Y",
            "`14 days after 1 April Y or …` can be read in two ways; write each part as a day or a period of its own",
        ),
        (
            "kf meeting after 1 April Y or 1 May Y",
            "`first kf meeting after 1 April Y or …` can be read in two ways; "
            "write each part as a day or a period of its own",
        ),
        ("3 dys after 1 May Y", "`dys` is not a unit to count in; write `days`"),
        (
            "2 years after 1 May Y",
            "`years` is not a unit to count in; write `days`, `working days`, `weeks` or `months`",
        ),
        ("0 days after 1 May Y", "`0` cannot be counted from a date; write a number from 1 to 400"),
        ("500 weeks before 1 May Y", "`500` cannot be counted from a date; write a number from 1 to 400"),
        ("secnd kf meeting in June Y", "`secnd` is not an ordinal number; write `second`"),
        ("next kf meeting after June Y", "`next` is not an ordinal number; write `first` to `fifth`, or `last`"),
        (
            "last meeting before summer Y-1",
            "`last meeting before summer Y-1` names no body; write the body's id before `meeting`, for example `last "
            "kf meeting before summer Y-1`",
        ),
        (
            "kf meeting in 3 May Y-1",
            "`kf meeting in 3 May Y-1`: `3 May Y-1` is not a period; write a period of the calendar, for example `kf "
            "meeting in June Y-1`",
        ),
        (
            "kf meeting in Monday of week 24 Y",
            "`kf meeting in Monday of week 24 Y`: `Monday of week 24 Y` is not a period; write a period of the "
            "calendar, for example `kf meeting in June Y-1`",
        ),
        (
            "second kf meeting before summer Y-1",
            "`second kf meeting before summer Y-1`: the meetings before a day have no beginning to count from; "
            "write `last kf meeting before summer Y-1`",
        ),
        (
            "last kf meeting after 1 June Y",
            "`last kf meeting after 1 June Y`: the meetings after a day have no end; "
            "write `first kf meeting after 1 June Y`",
        ),
        (
            "last kf meeting on or after 1 June Y",
            "`last kf meeting on or after 1 June Y`: the meetings after a day have no end; "
            "write `first kf meeting on or after 1 June Y`",
        ),
        (
            "3 May Y at noon",
            "`noon` is not a time of day; write hours and minutes, for example `12:00` or `19:00-21:00`",
        ),
        (
            "3 May Y at 24:00",
            "`24:00` is not a time of day; write hours and minutes, for example `12:00` or `19:00-21:00`",
        ),
        (
            "3 May Y at 12:00-12:00",
            "`12:00-12:00` ends before it begins; write the earlier time first, for example `19:00-21:00`",
        ),
        (
            "3 May Y at 21:00-19:00",
            "`21:00-19:00` ends before it begins; write the earlier time first, for example `19:00-21:00`",
        ),
    ],
)
def test_a_mistake_in_the_longer_forms_is_refused_with_a_sentence_that_corrects_it(text: str, sentence: str) -> None:
    with pytest.raises(DateRuleError) as refused:
        parse(text)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "text",
    ["Q1", "week 24", "spring", "turn of May/June", "begin of June", "15 to 17 August", "before April or May Y-1",
     "after 31 August to 15 October Y", "last day of june", "14 days before 3 May"],
)  # fmt: skip
def test_a_date_without_a_year_is_refused_and_none_is_lent_to_what_counts_from_it(text: str) -> None:
    with pytest.raises(DateRuleError, match=r"has no year; add `Y-2` to"):
        parse(text)


@pytest.mark.parametrize(
    "text",
    ["before before 3 May Y", "14 days before undecided", "A to B to C", "May to June to July Y", "to",
     "undecided at 12:00", "14 days after", "last day of", "last day of mrp.board.kf.x"]
,
)  # fmt: skip
def test_a_wrong_combination_of_forms_is_no_rule(text: str) -> None:
    with pytest.raises(DateRuleError, match="is not a date rule; write `24 February Y-1`, `last of"):
        parse(text)


def test_an_error_is_two_sentences_with_their_facts_for_the_translation() -> None:
    with pytest.raises(DateRuleError) as refused:
        parse("31 June Y-1")
    error = refused.value
    assert error.message == "{day} {month} does not exist: {month} has {days} days."
    assert error.cure == "Write `{days} {month} {year}` or `last of {month} {year}`."
    assert error.facts == {"day": 31, "month": "June", "days": 30, "year": "Y-1"}


@given(rules)
def test_every_rule_is_read_back_from_its_text(rule: DateRule) -> None:
    assert parse(str(rule)) == rule
    assert parse(str(rule).upper()) == rule


WORDS = (
    "the by from to or at before after on about in of 14 1 a two days day working weeks months week 24 53 June "
    "May/June February 30 Y Y-1 E+1 2027 2027-06-01 Q1 T2 H3 year spring winter begin middle end turn last first "
    "second kf ks meeting day opening target statutory mrp mrp.board.draft undecided 12:00 19:00-21:00 Wednesday "
    "Monday junni"
)


@example("ſpring Y")
@example("laſt day of mrp")
@example("kf meetıng ın June Y")
@example("1 May Y at ٣:00")
@example("1 day after " * 24 + "3 May Y")
@example("before " * (MAX_LENGTH // 7))
@example("400 months before " * 15 + "1 May 2000")
@given(
    st.one_of(
        st.text(),
        st.from_regex(r"(last of |[0-9]{1,2} )?[A-Za-z]+ [YE][+-][0-9]", fullmatch=True),
        st.lists(st.sampled_from(WORDS.split(" ")), max_size=14).map(" ".join),
    )
)
def test_any_text_is_a_rule_or_a_sentence_never_a_crash(text: str) -> None:
    refused: DateRuleError | None = None
    try:
        rule = parse(text)
    except DateRuleError as error:
        refused = error
    if refused is None:
        assert parse(str(rule)) == rule
    else:
        assert refused.cure.format_map(refused.facts)
        assert 0 < str(refused).index("; ") < len(str(refused)) < 400


@pytest.mark.parametrize(("length", "shown"), [(60, "x" * 60), (61, "x" * 59 + "…")])
def test_a_long_text_is_quoted_by_its_beginning(length: int, shown: str) -> None:
    assert quoted("x" * length) == shown


def test_a_rule_has_at_most_three_hundred_characters() -> None:
    longest, longer = ("1 day before " * 22 + day for day in ("14 August 2000", "14 October 2000"))
    assert (len(longest), len(longer)) == (MAX_LENGTH, MAX_LENGTH + 1)
    assert str(parse(longest)) == longest
    with pytest.raises(DateRuleError, match="is not a date rule"):
        parse(longer)
