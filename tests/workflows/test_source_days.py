"""A day that the source names is compared with the date (W206): weekday before or after it, week, day."""

from datetime import date

import pytest

from workflows.checks.source_days import source_days
from workflows.definition.definition import DateOf

THURSDAY = date(2027, 6, 24)  # week 25


def said(rule: str, source: str, day: date = THURSDAY, **more: str) -> list[str]:
    of = DateOf.model_validate({"date": rule, "source": source, **more})
    return [problem.message.format_map(problem.facts) for problem in source_days(of, day, ("phase",))]


@pytest.mark.parametrize(
    ("rule", "source", "quoted"),
    [
        ("24 June Y-1", "onsdag den 24 juni 2027", "onsdag den 24"),
        ("24 June Y-1", "24 juni 2027, onsdag", "24 juni 2027, onsdag"),
        ("24 June Y-1", "ons 24/6 2027", "ons 24"),
        ("24 June Y-1", "24/6 2027 (fre)", "24/6 2027 fre"),
        ("2027-06-24", "fredag 24 juni", "fredag 24"),
        ("Thursday of week 25 Y-1", "Vecka 25, onsdag", "onsdag"),
        ("kf meeting in June Y-1", "Wednesday 24 June 2027", "Wednesday 24"),
    ],
)
def test_another_weekday(rule: str, source: str, quoted: str) -> None:
    (found,) = said(rule, source)
    assert found.startswith(f"According to the source it is {quoted}, but 2027-06-24 is another weekday (")


@pytest.mark.parametrize(
    ("rule", "source"),
    [("24 June Y-1", "Vecka 26, torsdag 24 juni 2027"), ("24 June Y-1", "v. 26 2027"), ("week 25 Y-1", "uge 26")],
)
def test_another_week(rule: str, source: str) -> None:
    assert said(rule, source) == ["According to the source it is week 26, but 2027-06-24 is in week 25."]


@pytest.mark.parametrize(
    ("rule", "source", "quoted"),
    [("24 June Y-1", "onsdag 23 juni 2027", "23 juni"), ("24 June Y-1", "Wednesday 23 June 2027", "23 June")],
)
def test_another_day(rule: str, source: str, quoted: str) -> None:
    assert said(rule, source) == [f"According to the source it is {quoted}, but the date is 2027-06-24."]


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        ("24 June Y-1", "torsdagen den 24 juni 2027, vecka 25"),
        ("24 June Y-1", "onsdag 24 juni 2026"),  # of another year
        ("24 June Y-1", "onsdag"),  # of no day
        ("23 to 24 June Y-1", "23–24 juni 2027, onsdag–torsdag"),
        ("24 June Y-1", "onsdag och torsdag 23–24 juni 2027"),
        ("24 June Y-1", "vecka 24-26 2027"),
        ("24 June Y-1", "tisdag 1 juni till torsdag 24 juni 2027"),
        ("June Y-1", "torsdag 17 juni 2027"),  # the rule names no day
        ("Thursday of week 25 Y-1", "vecka 25, torsdag"),
        ("24 June Y-1", "2027 års plan, § 24"),
    ],
)
def test_nothing_is_said_where_both_agree_or_the_source_names_no_such_day(rule: str, source: str) -> None:
    assert said(rule, source) == []


def test_a_date_that_is_moved_from_a_day_off_may_be_another_day() -> None:
    assert said("26 June Y-1", "lördag 26 juni 2027", date(2027, 6, 25), day_off="previous") == []
