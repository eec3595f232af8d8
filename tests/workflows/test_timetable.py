"""The dates of a cycle that count from meetings, from other dates and from each board's own meetings."""

import tomllib
from datetime import date, time, timedelta
from typing import Any

import pytest

from tests.support.wheelhouse import CATALOG, vanersborg
from workflows.checks.all_problems import problems
from workflows.dates.date_rules import Anchor, DateRuleError, NoMeeting
from workflows.dates.parse_date import parse
from workflows.definition.definition import Definition, Wheel, Workflow
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


def test_what_counts_from_the_end_of_a_phase_is_undecided_while_its_last_day_is() -> None:
    """KS's last day is not the end of the MRP: nothing is published before KF has decided."""
    rule = "3 weeks after last day of mrp"
    assert last(sample(draft=rule), SN, "draft") == Day(date(2027, 7, 21))
    assert last(sample(kf="undecided", draft=rule), SN, "draft") == Day(None)
    known = {"kf": [date(2027, 9, 15)]}  # the meetings of the year are known, and none is in June
    assert last(sample(kf="kf meeting in June Y-1", draft=rule), SN, "draft", **known) == Day(None)


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


def of_boards(wheel: Definition, rule: str, meetings: dict[str, list[date]] | None = None) -> Day:
    """The last day of KF's MRP, which counts from other dates by that rule."""
    table = wheel.wheel.model_dump(by_alias=True)
    table["phase"]["mrp"]["state"]["kf"]["last"] = {"date": rule, "source": "§"}
    changed = Definition(wheel=Wheel.model_validate(table), workflows=wheel.workflows)
    assert problems(changed) == []
    return Timetable(changed, "budget", 2028, meetings).states("mrp", None)["kf"]["last"]


FOLLOWS = "1 week after last day of namndforslag.board.proposal"


@pytest.mark.parametrize(
    ("exception", "day"), [("10 June Y-1", date(2027, 6, 17)), ("12 April Y-1", None), ("undecided", None)]
)
def test_a_whole_that_counts_from_the_boards_counts_from_the_latest_of_them(exception: str, day: date | None) -> None:
    common = of_boards(sample(), FOLLOWS)
    assert common.date
    wheel = excepted(sample(), "namndforslag", SN, proposal=exception)
    assert of_boards(wheel, FOLLOWS) == (Day(day) if day else common)


def test_a_whole_that_counts_from_the_boards_meetings_counts_from_the_last_of_them() -> None:
    table = sample().wheel.model_dump(by_alias=True)
    own = {"date": "last board meeting in May Y-1", "source": "§"}
    table["phase"]["namndforslag"]["board"]["state"]["proposal"]["last"] = own
    wheel = Definition(wheel=Wheel.model_validate(table), workflows=vanersborg().workflows)
    meetings = {board: [date(2027, 5, 4)] for board in wheel.wheel.boards} | {SN: [date(2027, 5, 12)]}
    assert of_boards(wheel, FOLLOWS, meetings) == Day(date(2027, 5, 19))
    del meetings[BN]  # nobody has entered them: at the latest at the end of May
    assert of_boards(wheel, FOLLOWS, meetings) == Day(date(2027, 6, 7), provisional=True)
    table["body"][BN]["ends"] = date(2027, 3, 31)  # it is no longer there then
    wheel = Definition(wheel=Wheel.model_validate(table), workflows=vanersborg().workflows)
    assert of_boards(wheel, FOLLOWS, meetings) == Day(date(2027, 5, 19))


def test_a_board_whose_own_workflow_lacks_a_state_has_no_date_of_it() -> None:
    """The dates of all boards are those of the workflow that the others have."""
    table = sample().wheel.model_dump(by_alias=True)
    last = {"last": {"date": "20 April Y-1", "source": "§"}}
    opens = {"opens": {"date": "1 March Y-1", "source": "§"}}
    table["phase"]["namndforslag"]["exception"][SN] = {
        "workflow": "inlamning-namnd", "state": {"open": {**opens, **last}}
    }  # fmt: skip
    table["phase"]["namndforslag"]["board"]["state"]["proposal"]["last"] = {"date": "20 May Y-1", "source": "§"}
    flow = Workflow.model_validate(tomllib.loads((CATALOG / "inlamning-namnd.toml").read_text(encoding="utf-8")))
    wheel = Definition(wheel=Wheel.model_validate(table), workflows={**vanersborg().workflows, flow.id: flow})
    found = Timetable(wheel, "budget", 2028).states("namndforslag", SN)
    assert {state: days["last"].date for state, days in found.items() if "last" in days} == {"open": date(2027, 4, 20)}


def test_a_phase_by_itself_is_all_its_plans() -> None:
    wheel = excepted(sample(), "namndforslag", SN, proposal="10 June Y-1")
    assert of_boards(wheel, "1 week after last day of namndforslag") == Day(date(2027, 6, 17))


def test_within_the_phase_its_name_is_the_whole_plan() -> None:
    wheel = sample(draft="2 weeks before last day of verksamhetsplan")
    assert problems(wheel) == []
    whole = Timetable(wheel, "budget", 2028).states("verksamhetsplan", None)
    latest = max(days["last"].date for days in whole.values() if "last" in days and days["last"].date)
    assert last(wheel, SN, "draft") == Day(latest - timedelta(days=14))


def test_a_fixed_date_of_one_board_moves_what_counts_from_it_and_nothing_of_other_boards() -> None:
    wheel = sample(
        kf="1 week after last day of namndforslag.board.proposal", draft="4 months after last day of namndforslag.board"
    )
    common = last(wheel, BN, "draft")
    timetable = Timetable(wheel, "budget", 2028)
    timetable.fix("namndforslag", SN, "proposal", "last", date(2027, 6, 10))
    assert timetable.states("verksamhetsplan", SN)["draft"]["last"] == Day(date(2027, 10, 10))
    assert timetable.states("verksamhetsplan", BN)["draft"]["last"] == common
    assert timetable.states("mrp", None)["kf"]["last"] == Day(date(2027, 6, 17))


RF = {"kf": [date(2027, 6, 2), date(2027, 6, 15), date(2027, 6, 16), date(2027, 9, 30), date(2027, 10, 1)]}


@pytest.mark.parametrize(
    ("rule", "opens", "last"),
    [
        ("second kf meeting in June Y-1", "2027-06-15", "2027-06-16"),
        ("last kf meeting in June Y-1", "2027-06-15", "2027-06-16"),
        ("kf meeting in September Y-1", "2027-09-30", "2027-10-01"),  # it is in the month in which it begins
        ("2 weeks before second kf meeting in June Y-1", "2027-06-01", "2027-06-01"),
        ("1 week after second kf meeting in June Y-1", "2027-06-23", "2027-06-23"),
        ("last kf meeting before summer Y-1", None, None),
        ("first kf meeting after 15 June Y-1", "2027-09-30", "2027-10-01"),
    ],
)
def test_days_of_a_body_that_follow_each_other_are_one_meeting(rule: str, opens: str | None, last: str | None) -> None:
    anchor = Anchor(2028, meetings=RF)
    found = parse(rule)
    if opens is None:
        with pytest.raises(NoMeeting):
            found.first(anchor)
    else:
        assert (str(found.first(anchor)), str(found.last(anchor))) == (opens, last)


@pytest.mark.parametrize("rule", ["about 15 May Y-1", "about end of May Y-1", "about kf meeting in June Y-1"])
def test_about_makes_any_date_provisional(rule: str) -> None:
    anchor, without = Anchor(2028, meetings=RF), parse(rule.removeprefix("about "))
    assert parse(rule).provisional(anchor)
    assert (parse(rule).first(anchor), parse(rule).last(anchor)) == (without.first(anchor), without.last(anchor))
