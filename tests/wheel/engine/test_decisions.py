"""A decision's record: what the minutes say beside the citation, and ways of deciding that are not allowed."""

import pytest
from sqlalchemy import insert, select
from sqlmodel import col

from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse, day, instant, started
from wheel.actions.advance import advance
from wheel.database.tables import Decision, Meeting
from wheel.engine.decisions import DETAILS, DecisionForm
from wheel.engine.request_and_result import Request, Result

EVENING = "2027-02-24T19:00"


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    """The frames of 2028 lie before KS."""
    return copy_of(started)


def decide(house: Wheelhouse, body: str = "ks", **details: str) -> Result:
    meeting = instant(EVENING).date()
    form = DecisionForm(body, meeting, "52", "", "KS 2027/9", "adopted", "Ramarna fastställs.", "", details)
    request = Request("admin", instant(EVENING))
    return house.desk.carry_out(request, "2028/ramar", "decide", advance, "2028/ramar", "decide", form)


def recorded(house: Wheelhouse) -> list[dict[str, str]]:
    with house.store.reading() as session:
        rows = session.execute(select(Decision).where(col(Decision.diary) == "KS 2027/9").order_by(col(Decision.id)))
        return [row.details for row in rows.scalars()]


def test_what_else_the_minutes_say_is_kept_with_the_decision_and_in_the_log(house: Wheelhouse) -> None:
    details = {"adjusted": "2027-02-25", "attachments": "Anvisningar, version 3", "appeal": "running"}
    decide(house, **details)
    assert recorded(house) == [details]
    assert house.log("2028/ramar", "plan.advanced")[-1]["data"]["decision"]["details"] == details


def test_laga_kraft_is_added_later_by_a_correction_that_keeps_the_rest(house: Wheelhouse) -> None:
    decide(house, appeal="running", adjusted="2027-02-25")
    entry = house.log("2028/ramar", "plan.advanced")[-1]["seq"]
    house.correct(entry, "2027-04-01T09:00", reason="laga kraft", details={"appeal": "laga kraft 2027-03-22"})
    assert recorded(house)[-1] == {"appeal": "laga kraft 2027-03-22", "adjusted": "2027-02-25"}
    assert house.row("2028/ramar").state == "decided"


def test_an_unknown_detail_is_refused_and_the_known_ones_are_listed(house: Wheelhouse) -> None:
    with house.refused("decision") as reasons:
        decide(house, laga_kraft="2027-03-22")
    assert reasons[0].facts == {"unknown": ("laga_kraft",), "known": tuple(DETAILS)}


def test_a_chairs_urgent_decision_says_where_it_was_reported(house: Wheelhouse) -> None:
    with house.refused("decision"):
        decide(house, urgent_ground="Staten ändrade bidragen.")
    decide(house, urgent_ground="Staten ändrade bidragen.", urgent_reported="2027-03-24")
    assert house.row("2028/ramar").state == "decided"


def test_no_chair_decides_for_the_council(house: Wheelhouse) -> None:
    house.walk("2028/ramar", "sent_out", "2027-02-24T15:00")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk("2028/mrp", "kf", "2027-06-02T13:00")
    request = Request("admin", instant("2027-06-16T20:00"))
    details = {"urgent_ground": "Brådska.", "urgent_reported": "2027-06-16"}
    form = DecisionForm("kf", instant("2027-06-16T19:00").date(), "84", "", "KS 2027/9", "adopted", "", "", details)
    with house.refused("decision"):
        house.desk.carry_out(request, "2028/mrp", "decide", advance, "2028/mrp", "decide", form)


def test_frames_are_not_decided_by_delegation(house: Wheelhouse) -> None:
    with house.refused("decision"):
        decide(house, delegate="Ekonomichefen", delegation_point="B 4")


@pytest.mark.parametrize(
    ("known", "nearest"),
    [
        (["2026-12-31", "2028-01-01"], None),  # of other years
        (["2027-01-01"], ["2027-01-01"]),
        (["2027-12-31"], ["2027-12-31"]),
        (["2027-01-20", "2027-03-03", "2027-02-17", "2027-06-02"], ["2027-02-17", "2027-03-03"]),
        (["2027-02-24", "2027-03-03"], None),
    ],
)
def test_a_decision_on_a_day_without_a_meeting_is_recorded_with_the_nearest_known_ones(
    house: Wheelhouse, known: list[str], nearest: list[str] | None
) -> None:
    with house.store.writing() as session:
        session.execute(insert(Meeting), [{"body": "ks", "day": day(each)} for each in known])
    warnings = decide(house).warnings
    assert [warning.facts["nearest"] for warning in warnings] == ([tuple(map(day, nearest))] if nearest else [])
