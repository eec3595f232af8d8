"""A plan as it was read: its status, its last day, and the bodies that owe something."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.support.unsaved_plan import a_plan
from tests.support.wheelhouse import instant
from wheel.engine.plan import NO_RECORD, StateRecord, has_reached

LAST = date(2027, 3, 31)  # of the frames of 2028
SN = "socialnamnden"
RECORD = StateRecord(
    opens=date(2027, 1, 1), target=date(2027, 3, 1), last=LAST, statutory=date(2027, 4, 1), version=3, entries=2,
    entered_at=datetime(2027, 1, 1, 23, tzinfo=UTC), left_at=datetime(2027, 2, 1, tzinfo=UTC),
    entered_on=date(2026, 12, 31), source="§ 1", provisional="opens last", undecided="last target", clock="12:00",
)  # fmt: skip


@pytest.mark.parametrize("record", [RECORD, NO_RECORD, StateRecord(last=LAST)])
def test_a_record_comes_back_as_it_was_stored(record: StateRecord) -> None:
    assert StateRecord.from_json(record.to_json()) == record


def test_a_record_stores_its_days_and_instants_as_text_and_nothing_that_is_missing() -> None:
    assert RECORD._replace(entered_on=None, clock=None).to_json() == {
        "opens": "2027-01-01", "target": "2027-03-01", "last": "2027-03-31", "statutory": "2027-04-01", "version": 3,
        "entries": 2, "entered_at": "2027-01-01T23:00:00Z", "left_at": "2027-02-01T00:00:00Z", "source": "§ 1",
        "provisional": "opens last", "undecided": "last target",
    }  # fmt: skip


def test_a_moved_last_day_is_certain_and_the_other_days_stay_as_they_were() -> None:
    moved = RECORD.moved_to(date(2027, 5, 1), "§ 2")
    assert (moved.last, moved.source, moved.version) == (date(2027, 5, 1), "§ 2", 4)
    assert (moved.provisional, moved.undecided) == ("opens", "target")
    assert moved.moved_to(LAST, None)._replace(version=1, provisional=None) == RECORD._replace(
        source=None, version=1, provisional=None, undecided="target"
    )
    assert StateRecord(provisional="last").moved_to(LAST, None).provisional is None
    assert RECORD.is_provisional("last")
    assert not moved.is_provisional("last")
    assert RECORD.is_undecided("target")
    assert not NO_RECORD.is_undecided("target")


def test_the_day_of_entry_is_the_meetings_or_that_of_the_municipalitys_calendar() -> None:
    calendar = a_plan("ramar", "draft", None).cycle.definition.wheel.calendar
    assert RECORD.day_of_entry(calendar) == date(2026, 12, 31)
    assert RECORD._replace(entered_on=None).day_of_entry(calendar) == date(2027, 1, 2)
    assert NO_RECORD.day_of_entry(calendar) is None


@pytest.mark.parametrize(
    ("state", "values", "today", "status"),
    [
        ("upcoming", {}, LAST, "upcoming"),
        ("draft", {}, LAST, "in_progress"),
        ("draft", {}, date(2027, 4, 1), "overdue"),
        ("draft", {"special_status": "sent_back"}, LAST, "sent_back"),
        ("draft", {"special_status": "postponed"}, LAST, "postponed"),
        ("draft", {"special_status": "sent_back"}, date(2027, 4, 1), "overdue"),
        ("draft", {"special_status": "withdrawn"}, date(2027, 4, 1), "withdrawn"),
        ("draft", {"special_status": "not_concerned", "draft": True}, date(2027, 4, 1), "not_concerned"),
        ("draft", {"draft": True}, date(2027, 4, 1), "draft"),
        ("sent_out", {}, date(2030, 1, 1), "done"),
        ("sent_out", {"draft": True}, date(2030, 1, 1), "draft"),
    ],
)
def test_the_status_of_a_plan(state: str, values: dict[str, Any], today: date, status: str) -> None:
    assert a_plan("ramar", state, "2027-01-01T00:00", **values).status(today) == status


def test_the_timetable_is_no_draft_in_a_draft_cycle() -> None:
    assert a_plan("tidsplan", "draft", "2026-11-02T09:00", draft=True).status(date(2026, 11, 2)) == "in_progress"


@pytest.mark.parametrize(("opened", "late"), [("2027-03-31T23:59", False), ("2027-04-01T00:00", True)])
def test_a_plan_was_late_at_opening_if_its_last_day_was_over(opened: str, late: bool) -> None:
    plan = a_plan("ramar", "draft", "2027-01-01T00:00")
    assert plan.changed(cycle=plan.cycle._replace(opened_at=instant(opened))).was_late_at_opening is late


def test_a_snoozed_plan_is_silent_until_the_day_itself() -> None:
    plan = a_plan("ramar", "draft", None)
    assert not plan.is_snoozed(LAST)
    snoozed = plan.changed(snoozed_until=LAST)
    assert [snoozed.is_snoozed(date(2027, 3, day)) for day in (30, 31)] == [True, False]


def test_before_it_opens_a_plan_is_due_when_its_first_state_is() -> None:
    plan = a_plan("ramar", "upcoming", None)
    assert plan.stage.last is None
    assert plan.last == LAST
    assert plan.changed(special_status="not_concerned").last is None
    assert a_plan("ramar", "draft", "2027-01-01T00:00").last == LAST
    assert a_plan("ramar", "sent_out", "2027-03-01T00:00").last is None


@pytest.mark.parametrize(
    ("phase", "state", "board", "owed_by", "reminded"),
    [
        ("ramar", "upcoming", None, None, []),
        ("ramar", "draft", None, "ks", ["ks", "ekonomikontoret"]),
        ("ramar", "sent_out", None, None, []),
        ("uppdragsdialog", "open", SN, SN, [SN]),
        ("uppdragsdialog", "open", None, "budgetberedningen", ["budgetberedningen"]),
    ],
)
def test_the_bodies_that_owe_the_next_step_and_prepare_it(
    phase: str, state: str, board: str | None, owed_by: str | None, reminded: list[str]
) -> None:
    plan = a_plan(phase, state, "2027-01-01T00:00", board=board)
    assert (plan.owed_by(), plan.bodies_to_remind) == (owed_by, reminded)


@pytest.mark.parametrize(
    ("state", "ahead"), [("upcoming", False), ("draft", True), ("sent_out", True), ("flying", False)]
)
def test_ahead_is_a_plans_own_state_and_what_comes_after_it(state: str, ahead: bool) -> None:
    assert a_plan("ramar", "draft", None).is_ahead(state) is ahead


@pytest.mark.parametrize(
    ("special_status", "reached"),
    [
        (None, (True, False)),
        ("sent_back", (True, False)),
        ("withdrawn", (False, False)),
        ("not_concerned", (True, True)),
        ("before_introduction", (True, True)),
    ],
)
def test_what_ended_before_the_introduction_has_reached_everything_and_what_was_withdrawn_nothing(
    special_status: Any, reached: tuple[bool, bool]
) -> None:
    plan = a_plan("ramar", "draft", None, special_status=special_status)
    assert (plan.reached("draft"), plan.reached("sent_out")) == reached
    assert has_reached(plan.workflow, plan.state, special_status, "upcoming") is reached[0]
