"""Instants have one spelling, in documents as in the log."""

from datetime import datetime

import pytest

from workflows.dates.instants import utc


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        ("2027-01-11T08:00+01:00", "2027-01-11T07:00:00Z"),
        ("2027-01-11T07:00:00.000500+00:00", "2027-01-11T07:00:00.000500Z"),
    ],
)
def test_an_instant_is_written_in_utc_and_ends_in_z(instant: str, written: str) -> None:
    assert utc(datetime.fromisoformat(instant)) == written
