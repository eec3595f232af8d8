"""The practice home that `make run` makes for somebody who looks at Årshjul for the first time."""

import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.installed import Arshjul

ROOT = Path(__file__).parents[2]

# The first day of a year; a leap day; an election year beyond the sample's calendar of meetings.
DAYS = ["2027-01-01T09:00+01:00", "2028-02-29T14:00+01:00", "2030-11-01T16:00+01:00"]


@pytest.mark.parametrize("now", DAYS)
def test_the_first_home_stands_in_the_middle_of_its_work(now: str, tmp_path: Path) -> None:
    home = Arshjul(tmp_path / "var")
    made = subprocess.run(
        [sys.executable, ROOT / "docs" / "first_home.py", home.home, now],
        env={**os.environ, "ARSHJUL_LANG": "en"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (made.returncode, made.stderr) == (0, "")
    today = datetime.fromisoformat(now).date()
    home.now = now

    plans = home.done("plans")["plans"]
    known = {plan["status"] for plan in plans}
    assert {"done", "overdue", "sent_back"} <= known
    assert sum(plan["status"] == "done" for plan in plans) > 10
    assert home.done("log", "verify")["ok"] is True

    status = home.status()
    assert status["problems"] == []
    assert status["outbox"]["failed"] == 0

    mails = home.done("outbox", "list")["messages"]
    assert {mail["status"] for mail in mails} == {"sent"}
    late = next(plan["address"] for plan in plans if plan["status"] == "overdue" and plan["board"])
    assert [notice["due"] for notice in home.done("explain", late)["notices"] if notice["outcome"] == "planned"]

    cycles = {plan["address"].partition("/")[0] for plan in plans}
    assert {str(today.year - 1), str(today.year), str(today.year + 1)} <= cycles
    assert (str(today.year + 2) in cycles) == (today >= date(today.year, 11, 1))


def test_this_years_wheel_has_late_and_returned_matters_on_every_day(tmp_path: Path) -> None:
    home = Arshjul(tmp_path / "var")
    subprocess.run(
        [sys.executable, ROOT / "docs" / "first_home.py", home.home, "2027-12-31T20:00+01:00"],
        check=True, capture_output=True,
    )  # fmt: skip
    home.now = "2028-01-01T06:00+01:00"
    for day in (date(2027, 1, 2) + timedelta(days=13 * n) for n in range(28)):
        known = {plan["status"] for plan in home.done("plans", "--at", day.isoformat())["plans"]}
        assert {"done", "overdue", "sent_back"} <= known, day


def test_half_a_home_is_removed(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, ROOT / "docs" / "first_home.py", tmp_path / "var", "2095-03-01T09:00+01:00"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode != 0
    assert not (tmp_path / "var").exists()
