"""The dates of a cycle that count from meetings, from other dates and from each board's own meetings."""

from datetime import date, time
from typing import Any

import pytest

from tests.support.wheelhouse import vanersborg
from workflows.checks.all_problems import problems
from workflows.dates.date_rules import DateRuleError
from workflows.definition.definition import Definition, Wheel
from workflows.rules.timetable import Day, Timetable

SN, BN = "socialnamnden", "byggnadsnamnden"


def sample(**last_days: str) -> Definition:
    """Vänersborg's, with other last days of the boards' operational plans (by state) or of `mrp.kf`."""
    whole = vanersborg()
    table: dict[str, Any] = whole.wheel.model_dump(by_alias=True)
    states = table["phase"]["verksamhetsplan"]["board"]["state"]
    for state, rule in last_days.items():
        (table["phase"]["mrp"]["state"] if state == "kf" else states)[state]["last"] = {"date": rule, "source": "§"}
    return Definition(wheel=Wheel.model_validate(table), workflows=whole.workflows)


def last(definition: Definition, board: str | None, state: str, **meetings: list[date]) -> Day:
    phase = "verksamhetsplan" if board else "mrp"
    return Timetable(definition, "budget", 2028, meetings).states(phase, board)[state]["last"]


def test_each_board_has_its_own_meeting_where_the_rule_says_board() -> None:
    wheel = sample(
        reported="last board meeting in December Y-1", decided="1 week after last board meeting in December Y-1"
    )
    meetings = {SN: [date(2027, 12, 9), date(2027, 12, 16)], BN: [date(2027, 12, 14)]}
    assert last(wheel, SN, "reported", **meetings) == Day(date(2027, 12, 16))
    assert last(wheel, SN, "decided", **meetings) == Day(date(2027, 12, 23))
    assert last(wheel, BN, "reported", **meetings) == Day(date(2027, 12, 14))
    assert last(wheel, "valnamnden", "reported", **meetings) == Day(date(2027, 12, 31), provisional=True)
    assert problems(wheel) == []


def excepted(wheel: Definition, phase: str, board: str, **last_days: str) -> Definition:
    """With other last days of that one board, by state."""
    table = wheel.wheel.model_dump(by_alias=True)
    states = {state: {"last": {"date": rule, "source": "§"}} for state, rule in last_days.items()}
    table["phase"][phase]["exception"][board] = {"state": states}
    return Definition(wheel=Wheel.model_validate(table), workflows=wheel.workflows)


def test_a_date_that_counts_from_another_of_the_boards_follows_that_boards_own() -> None:
    wheel = sample(draft="4 months after last day of namndforslag.board.proposal")
    common = last(wheel, BN, "draft").date
    assert common
    wheel = excepted(wheel, "namndforslag", SN, proposal="28 May Y-1")
    assert last(wheel, SN, "draft") == Day(date(2027, 9, 28))
    assert last(wheel, BN, "draft") == Day(common)
    assert problems(wheel) == []


def test_within_a_phase_too_a_date_follows_the_boards_own_exception() -> None:
    wheel = sample(reported="1 month after last day of verksamhetsplan.board.draft")
    wheel = excepted(wheel, "verksamhetsplan", SN, draft="1 November Y-1")
    assert last(wheel, SN, "reported") == Day(date(2027, 12, 1))


def test_a_date_that_counts_from_a_boards_own_meeting_in_another_phase_follows_that_meeting() -> None:
    table = sample(draft="1 week after last day of namndforslag.board.proposal").wheel.model_dump(by_alias=True)
    proposal = {"date": "first board meeting in May Y-1", "source": "§"}
    table["phase"]["namndforslag"]["board"]["state"]["proposal"]["last"] = proposal
    wheel = Definition(wheel=Wheel.model_validate(table), workflows=vanersborg().workflows)
    meetings = {SN: [date(2027, 5, 12)], BN: [date(2027, 5, 4)]}
    assert last(wheel, SN, "draft", **meetings) == Day(date(2027, 5, 19))
    assert last(wheel, BN, "draft", **meetings) == Day(date(2027, 5, 11))


def test_circular_dates_caused_by_one_boards_exception_are_found() -> None:
    wheel = sample(draft="4 months after last day of namndforslag.board.proposal")
    wheel = excepted(wheel, "namndforslag", SN, proposal="1 day after last day of verksamhetsplan.board.draft")
    assert [(p.code, p.place[3]) for p in problems(wheel)] == [("circular", SN)]


def test_board_means_nothing_in_the_dates_of_a_whole_phase() -> None:
    found = problems(sample(kf="last board meeting in June Y-1"))
    assert {(problem.code, problem.facts["name"]) for problem in found} == {("unknown_body", "board")}


def test_a_date_that_counts_from_a_provisional_date_is_provisional() -> None:
    wheel = sample(kf="kf meeting in June Y-1", draft="3 weeks after last day of mrp.kf")
    assert last(wheel, SN, "draft") == Day(date(2027, 7, 21), provisional=True)
    assert last(wheel, SN, "draft", kf=[date(2027, 6, 16)]) == Day(date(2027, 7, 7))


def test_a_date_that_counts_from_an_undecided_date_is_undecided() -> None:
    assert last(sample(kf="undecided", draft="3 weeks after last day of mrp.kf"), SN, "draft") == Day(None)


def test_dates_that_count_from_each_other_are_refused() -> None:
    wheel = sample(
        draft="1 day after last day of verksamhetsplan.board.open",
        open="1 day before last day of verksamhetsplan.board.draft",
    )
    with pytest.raises(DateRuleError, match="is counted from itself"):
        last(wheel, SN, "draft")
    assert "circular" in {problem.code for problem in problems(wheel)}


@pytest.mark.parametrize(
    ("rule", "day_off", "day"),
    [
        ("13 June Y-1", "previous", date(2027, 6, 11)),  # a Sunday
        ("13 June Y-1", "next", date(2027, 6, 14)),
        ("13 June Y-1", "keep", date(2027, 6, 13)),
        ("14 June Y-1", "previous", date(2027, 6, 14)),
        ("14 June Y-1", "next", date(2027, 6, 14)),
    ],
)
def test_a_day_off_moves_to_a_working_day_where_the_wheel_says_so(rule: str, day_off: str, day: date) -> None:
    table = sample(kf=rule).wheel.model_dump(by_alias=True)
    table["phase"]["mrp"]["state"]["kf"]["last"]["day_off"] = day_off
    wheel = Definition(wheel=Wheel.model_validate(table), workflows=vanersborg().workflows)
    assert last(wheel, None, "kf") == Day(day)


def test_a_state_opens_on_the_first_day_of_a_period_and_is_due_on_its_last() -> None:
    table = sample().wheel.model_dump(by_alias=True)
    dates = {bound: {"date": "June Y-1", "source": "§"} for bound in ("opens", "target", "last")}
    table["phase"]["mrp"]["state"]["kf"] = dates
    wheel = Definition(wheel=Wheel.model_validate(table), workflows=vanersborg().workflows)
    found = Timetable(wheel, "budget", 2028).states("mrp", None)["kf"]
    assert found == {
        "opens": Day(date(2027, 6, 1)), "target": Day(date(2027, 6, 30)), "last": Day(date(2027, 6, 30)),
    }  # fmt: skip


def test_working_days_are_those_of_the_wheels_calendar() -> None:
    assert last(sample(kf="5 working days after 1 June Y-1"), None, "kf") == Day(date(2027, 6, 8))


def test_a_day_keeps_the_time_that_its_rule_says() -> None:
    assert last(sample(kf="14 June Y-1 at 12:00"), None, "kf").clock == (time(12, 0), None)


@pytest.mark.parametrize(
    ("rule", "day"),
    [("2 days after opening of mrp", date(2027, 3, 3)), ("2 days after last day of mrp", date(2027, 7, 2))],
)
def test_a_whole_phase_opens_with_its_first_state_and_ends_with_its_last(rule: str, day: date) -> None:
    assert last(sample(draft=rule), SN, "draft") == Day(day)


def test_an_impossible_date_is_told_in_the_same_words_whenever_it_is_asked_for() -> None:
    wheel = sample(draft="1 day after last day of mrp.adopted")
    timetable = Timetable(wheel, "budget", 2028)
    for _ in range(2):
        with pytest.raises(DateRuleError, match=r"`last day of mrp\.adopted` does not exist in this cycle") as error:
            timetable.states("verksamhetsplan", SN)
        assert error.value.of is wheel.binding("verksamhetsplan", SN).states["draft"].last


def test_a_best_guess_in_the_wrong_order_is_no_fault_of_the_wheel() -> None:
    """Without known meetings this guess lies before the month, and so before the state opens."""
    assert problems(sample(kf="last ks meeting before last kf meeting in June Y-1")) == []
