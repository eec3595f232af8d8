"""A whole reference to a decision is read as people paste it."""

from datetime import date

import pytest

from wheel.decision_reference import parse_reference
from wheel.errors import Usage

DAY = {"meeting": date(2027, 6, 16)}


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (
            "KF 2027-06-16 § 88 p. 2, dnr KS 2026/300",
            {"body": "KF", "paragraph": "88", "point": "2", "diary": "KS 2026/300"},
        ),
        ("KF 2027-06-16 § 88", {"body": "KF", "paragraph": "88"}),
        ("kf, 2027-06-16, §88, Dnr: KS 2026/300 ", {"body": "kf", "paragraph": "88", "diary": "KS 2026/300"}),
        (
            "Barn- och utbildningsnämnden 2027-06-16 § 7 punkt 3",
            {
                "body": "Barn- och utbildningsnämnden",
                "paragraph": "7",
                "point": "3",
            },
        ),
        (
            "KS\u00a02027-06-16 §\u00a084, diarienummer KS-2026-300",
            {"body": "KS", "paragraph": "84", "diary": "KS-2026-300"},
        ),
    ],
)
def test_the_parts_are_found(text: str, fields: dict[str, str]) -> None:
    assert parse_reference(text) == {**fields, **DAY}


@pytest.mark.parametrize("text", ["", "KF § 88", "2027-06-16 § 88", "KF 2027-06-16", "§ 88"])
def test_a_text_that_is_no_reference_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Usage) as refused:
        parse_reference(text)
    assert "KF 2027-06-16 § 88 p. 2, dnr KS 2026/300" in str(refused.value)


def test_a_day_that_does_not_exist_is_said_to_be_none() -> None:
    with pytest.raises(Usage) as refused:
        parse_reference("KF 2027-06-31 § 88")
    assert str(refused.value).startswith("'2027-06-31' is not a date")
