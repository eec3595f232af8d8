"""The alarm clock of a plan: which instants, by hand, around Christmas, Easter and the change to summer time."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.unsaved_plan import a_plan
from tests.support.wheelhouse import instant, vanersborg
from wheel.engine.agenda import Alarm, agenda
from wheel.engine.plan import StateRecord
from workflows.dates.workdays import Calendar

SWEDEN = Calendar("SE", "Europe/Stockholm")
HOUR = time(7, 30)
SN = "socialnamnden"


def written(alarms: list[Alarm]) -> list[str]:
    return [
        f"{alarm.at:%Y-%m-%d %H:%M} {alarm.rung.days:+d}" if alarm.rung else
        f"{alarm.at:%Y-%m-%d %H:%M} {alarm.step.verb if alarm.step else alarm.kind}"
        for alarm in alarms
    ]  # fmt: skip


def test_reminders_count_working_days_over_easter_and_keep_the_hour_over_the_change_to_summer_time() -> None:
    # Frames by 31 March 2027. Good Friday is the 26th, Easter Monday the 29th, summer time begins on the 28th.
    assert written(agenda(a_plan("ramar", "draft", "2027-01-01T00:00"), SWEDEN, HOUR)) == [
        "2027-02-15 06:30 -30",
        "2027-03-18 06:30 -7",
        "2027-03-24 06:30 -3",
        "2027-03-30 05:30 -1",
        "2027-03-31 05:30 +0",
        "2027-03-31 22:00 late",
        "2027-04-01 05:30 +1",
        "2027-04-05 05:30 +3",
        "2027-04-09 05:30 +7",
    ]


def test_reminders_count_working_days_over_christmas_and_new_year() -> None:
    # By 31 December 2027, a Friday that everybody is off, as the 24th and 6 January are.
    plan = a_plan("verksamhetsplan", "reported", "2027-11-15T10:00", board=SN)
    assert written(agenda(plan, SWEDEN, HOUR)) == [
        "2027-11-17 06:30 -30",
        "2027-12-20 06:30 -7",
        "2027-12-27 06:30 -3",
        "2027-12-29 06:30 -1",
        "2027-12-30 06:30 +0",
        "2027-12-31 23:00 late",
        "2028-01-03 06:30 +1",
        "2028-01-05 06:30 +3",
        "2028-01-12 06:30 +7",
    ]


def test_a_short_state_has_no_reminder_a_month_ahead() -> None:
    # 1 to 18 May 2028; 1 May is off.
    plan = a_plan("delarsrapport-april", "reported", "2028-05-02T10:00", board=SN)
    assert written(agenda(plan, SWEDEN, HOUR))[0] == "2028-05-09 05:30 -7"


def test_a_state_entered_late_reminds_only_of_what_is_still_to_come() -> None:
    plan = a_plan("ramar", "draft", "2027-04-06T10:00")
    assert written(agenda(plan, SWEDEN, HOUR)) == ["2027-04-09 05:30 +7", "2027-04-12 05:30 overview"]


def test_a_state_entered_at_the_sending_hour_itself_is_not_reminded_of_at_that_hour() -> None:
    plan = a_plan("ramar", "draft", "2027-03-30T07:30")
    assert written(agenda(plan, SWEDEN, HOUR))[0] == "2027-03-31 05:30 +0"


def test_what_is_overdue_comes_up_at_the_beginning_of_each_week() -> None:
    plan = a_plan("ramar", "draft", "2027-01-01T00:00", handled_until=instant("2027-12-13T07:30"))
    assert written(agenda(plan, SWEDEN, HOUR)) == ["2027-12-20 06:30 overview"]
    late = plan.changed(handled_until=instant("2027-12-27T07:30"))
    assert written(agenda(late, SWEDEN, HOUR)) == ["2028-01-03 06:30 overview"]


def test_what_is_handled_does_not_come_again() -> None:
    plan = a_plan("ramar", "draft", "2027-01-01T00:00", handled_until=instant("2027-03-30T07:30"))
    assert written(agenda(plan, SWEDEN, HOUR))[0] == "2027-03-31 05:30 +0"


def test_a_step_of_the_calendar_is_due_by_its_state_however_late_it_is_noticed() -> None:
    plan = a_plan("ramar", "upcoming", None, handled_until=instant("2029-01-01T00:00"))
    assert written(agenda(plan, SWEDEN, HOUR)) == ["2026-12-31 23:00 open"]


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_a_day_on_which_the_clock_changes_begins_at_its_midnight(day: str) -> None:
    plan = a_plan("ramar", "upcoming", None)
    stages = {**plan.stages, "draft": StateRecord(opens=datetime.fromisoformat(day).date())}
    [alarm] = agenda(plan.changed(stages=stages), SWEDEN, HOUR)
    assert alarm.at == instant(f"{day}T00:00")


@pytest.mark.parametrize(
    "values",
    [
        {"held": True},
        {"draft": True},
        *({"special_status": m} for m in ("withdrawn", "not_concerned", "before_introduction")),
    ],
    ids=str,
)
def test_nothing_comes_due_for_what_stands_still(values: dict[str, Any]) -> None:
    assert agenda(a_plan("ramar", "draft", "2027-01-01T00:00", **values), SWEDEN, HOUR) == []


def test_nobody_is_reminded_of_what_is_done() -> None:
    assert written(agenda(a_plan("mrp", "adopted", "2027-06-16T19:00"), SWEDEN, HOUR)) == [
        "2027-12-31 23:00 take_effect"
    ]


def test_a_draft_cycle_reminds_those_who_owe_the_timetable_and_carries_the_opening_of_the_next() -> None:
    plan = a_plan("tidsplan", "draft", "2026-11-02T09:00", draft=True)
    # By 30 November 2026, a Monday; the state is 29 days long, so there is no -30.
    assert written(agenda(plan, SWEDEN, HOUR)) == [
        "2026-11-19 06:30 -7",
        "2026-11-25 06:30 -3",
        "2026-11-27 06:30 -1",
        "2026-11-30 06:30 +0",
        "2026-11-30 23:00 late",
        "2026-12-01 06:30 +1",
        "2026-12-03 06:30 +3",
        "2026-12-09 06:30 +7",
        "2027-10-31 23:00 next_cycle",
    ]


def test_a_next_cycle_that_was_due_at_the_introduction_is_opened_two_weeks_later_if_nobody_has() -> None:
    plan = a_plan("tidsplan", "in_force", "2026-01-01T00:00", year=2027)  # opened on 2 November 2025
    opened = instant("2026-11-25T09:00")
    late = plan._replace(cycle=plan.cycle._replace(opened_at=opened), handled_until=opened)
    assert written(agenda(late, SWEDEN, HOUR)) == ["2026-12-09 08:00 next_cycle"]


def test_what_was_handled_as_its_last_day_ended_comes_up_in_the_week_after() -> None:
    plan = a_plan("ramar", "draft", "2027-01-01T00:00", handled_until=instant("2027-04-01T00:00"))
    assert "2027-04-05 05:30 overview" in written(agenda(plan, SWEDEN, HOUR))


def test_of_one_instant_the_overview_comes_before_the_next_cycle() -> None:
    late = a_plan("tidsplan", "draft", "2026-11-02T09:00", draft=True, handled_until=instant("2027-10-30T00:00"))
    assert written(agenda(late, SWEDEN, time(0))) == ["2027-10-31 23:00 overview", "2027-10-31 23:00 next_cycle"]


def test_what_is_snoozed_comes_up_in_the_week_after_that() -> None:
    plan = a_plan("ramar", "draft", "2027-01-01T00:00", handled_until=instant("2027-12-13T07:30"))
    snoozed = plan.changed(snoozed_until=date(2028, 2, 2))
    assert written(agenda(snoozed, SWEDEN, HOUR)) == ["2028-02-07 06:30 overview"]


def test_a_plan_that_was_late_when_its_cycle_was_opened_comes_up_in_no_week() -> None:
    plan = a_plan("ramar", "draft", "2027-01-01T00:00", handled_until=instant("2027-12-13T07:30"))
    opened = plan.cycle._replace(opened_at=instant("2027-04-01T09:00"))
    assert agenda(plan.changed(cycle=opened), SWEDEN, HOUR) == []


def test_a_reminder_for_long_states_needs_more_days_than_that() -> None:
    plan = a_plan("ramar", "draft", "2027-01-01T00:00")
    for opens, long in ((date(2027, 1, 30), False), (date(2027, 1, 29), True)):
        stages = {"draft": plan.stage._replace(opens=opens)}
        first = agenda(plan.changed(stages=stages), SWEDEN, HOUR)[0]
        assert (first.rung is not None and first.rung.days == -30) is long


@pytest.mark.parametrize("values", [{}, {"held": True}, {"special_status": "before_introduction"}], ids=str)
def test_the_next_cycle_is_opened_whatever_became_of_the_timetable(values: dict[str, Any]) -> None:
    plan = a_plan("tidsplan", "replaced", "2027-02-01T00:00", **values)
    assert written(agenda(plan, SWEDEN, HOUR)) == ["2027-10-31 23:00 next_cycle"]


def test_the_next_mandate_cycle_opens_when_the_new_council_is_seated() -> None:
    plan = a_plan("inriktningsmal", "in_force", "2028-01-01T00:00", year=2026, kind="mandate")
    assert written(agenda(plan, SWEDEN, HOUR)) == ["2030-10-14 22:00 next_cycle", "2032-12-31 23:00 replace"]


def any_place() -> st.SearchStrategy[tuple[str, str | None, str]]:
    definition = vanersborg()
    places = [
        (phase, board, state.id)
        for phase, whole in definition.phases("budget", 2031).items()
        for board in (None, *(("ks", SN) if whole.board else ()))
        for state in definition.workflow(phase, board).states
    ]
    return st.sampled_from(places)


@given(
    any_place(), st.integers(2027, 2040), st.integers(0, 1500), st.integers(0, 1500 * 24), st.booleans(), st.times()
)  # fmt: skip
def test_every_alarm_is_a_step_or_lies_after_what_is_handled_and_after_the_entry(
    place: tuple[str, str | None, str], year: int, days: int, hours: int, draft: bool, hour: time
) -> None:
    phase, board, state = place
    if phase == "budgetfaststallelse":
        year = year // 4 * 4 + 3
    entered = datetime(year - 2, 11, 2, 12, tzinfo=UTC) + timedelta(days=days)
    plan = a_plan(phase, state, f"{entered:%Y-%m-%dT%H:%M}", board=board, year=year, draft=draft)
    plan = plan.changed(handled_until=plan.cycle.opened_at + timedelta(hours=hours))
    alarms = agenda(plan, SWEDEN, hour.replace(microsecond=0, second=0))
    assert [alarm.at for alarm in alarms] == sorted(alarm.at for alarm in alarms)
    for alarm in alarms:
        assert alarm.kind == "step" or alarm.at > plan.handled_until
        if alarm.kind in ("late", "reminder"):
            assert plan.stage.entered_at is not None
            assert alarm.at > plan.stage.entered_at
            assert not draft or plan.is_timetable
