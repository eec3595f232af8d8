"""The wheel of a year shows its plans as the engine has them on that day."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from tests.support.databases import CopyOf
from tests.support.wheelhouse import DIALOGUES, Wheelhouse, instant, started
from wheel.audit.journal import Journal
from wheel.database.store import Store
from wheel.database.tables import Meeting
from wheel.drawing.picture import Arc, Bead, WheelPicture, wheel_picture
from wheel.drawing.table import deadline_table
from wheel.engine.unit_of_work import UnitOfWork
from wheel.past.as_of import as_of
from wheel.past.take_over import take_over
from wheel.reads import plans


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(started)


def drawn(house: Wheelhouse, at: str, year: int = 2027, language: str = "sv") -> WheelPicture:
    with house.unit_of_work(at) as uow:
        return wheel_picture(uow, year, language)


def arc(picture: WheelPicture, plan: str, state: str) -> Arc:
    [found] = [each for each in picture.arcs if (each.plan, each.state) == (plan, state)]
    return found


def bead(picture: WheelPicture, plan: str, letters: str) -> Bead:
    [found] = [b for ring in picture.rings for b in ring.beads if plan in b.plans and b.letters == letters]
    return found


def test_each_state_with_dates_is_an_arc_and_the_states_of_a_plan_follow_each_other(house: Wheelhouse) -> None:
    picture = drawn(house, "2027-02-01T09:00")
    mrp = {each.state: (f"{each.first}", f"{each.last}") for each in picture.arcs if each.plan == "2028/mrp"}
    assert mrp == {
        "underlag": ("2027-03-01", "2027-05-31"),
        "ks_proposal": ("2027-06-01", "2027-06-10"),
        "kf": ("2027-06-11", "2027-06-30"),
    }
    assert arc(picture, "2028/verksamhetsplan", "open").last == date(2028, 1, 15)
    assert arc(drawn(house, "2027-02-01T09:00", 2028), "2028/mrp", "in_force").open_ended


def test_the_status_of_a_plans_state_is_that_of_the_plan(house: Wheelhouse) -> None:
    house.tick("2027-04-01T09:00")
    for at in ("2027-04-01T09:00", "2027-06-02T09:00", "2027-12-31T09:00"):
        picture = drawn(house, at)
        with house.unit_of_work(at) as uow:
            told = {(row.address, row.state): row.status for row in plans.plans(uow).plans}
        shown = {(each.plan, each.state): each.status for each in picture.arcs}
        assert shown.keys() & told.keys()
        assert {key: shown[key] for key in shown.keys() & told.keys()} == {
            key: told[key] for key in shown.keys() & told.keys()
        }


def test_what_lies_behind_is_done_and_what_lies_ahead_is_to_come(house: Wheelhouse) -> None:
    house.tick("2027-03-01T09:00")
    house.advance("2028/mrp", "submit", "2027-05-20T09:00")
    picture = drawn(house, "2027-05-21T09:00")
    statuses = [arc(picture, "2028/mrp", state).status for state in ("underlag", "ks_proposal", "kf")]
    assert statuses == ["done", "in_progress", "upcoming"]


def test_a_late_state_says_by_how_many_days_and_so_does_the_description(house: Wheelhouse) -> None:
    house.tick("2027-03-01T09:00")
    picture = drawn(house, "2027-06-03T09:00")
    late = arc(picture, "2028/mrp", "underlag")
    assert (late.status, late.word, late.days_late) == ("overdue", "Försenad", 3)
    assert "Mål- och resursplan 2028 (3 dagar försenad)" in picture.description
    row = next(r for r in deadline_table(picture).rows if (r.address, r.state) == ("2028/mrp", "underlag"))
    assert (row.period, row.remark) == ("1 mars–31 maj", "3 dagar försenad")


def test_what_is_withdrawn_is_left_out(house: Wheelhouse) -> None:
    house.withdraw("2028/namndforslag", "2027-02-01T09:00", reason="Ny modell", with_boards=True)
    assert not [each for each in drawn(house, "2027-02-02T09:00").arcs if each.plan == "2028/namndforslag"]


def test_a_decision_is_a_bead_at_its_meeting_and_names_its_paragraph(house: Wheelhouse) -> None:
    house.tick("2027-01-11T09:00")
    house.advance("2028/ramar", "decide", "2027-02-25T09:00", body="ks", date="2027-02-24", paragraph="31")
    picture = drawn(house, "2027-02-26T09:00")
    ks = bead(picture, "2028/ramar", "KS")
    assert (f"{ks.day}", ks.status, ks.body) == ("2027-02-24", "done", "kommunstyrelsen")
    assert arc(picture, "2028/ramar", "draft").decision == "KS 2027-02-24 § 31"


def test_before_it_is_decided_it_is_at_the_last_known_meeting_of_its_days(house: Wheelhouse) -> None:
    assert f"{bead(drawn(house, '2027-02-01T09:00'), '2028/mrp', 'KF').day}" == "2027-06-30"
    with house.store.writing() as session:
        session.add_all(Meeting(body="kf", day=date(2027, month, 16)) for month in (5, 6, 9))
    picture = drawn(house, "2027-02-01T09:00")
    assert f"{bead(picture, '2028/mrp', 'KF').day}" == "2027-06-16"
    assert [f"{meeting.day}" for meeting in picture.meetings] == ["2027-05-16", "2027-06-16", "2027-09-16"]


def test_the_boards_have_one_bead_that_is_late_as_long_as_one_of_them_is(house: Wheelhouse) -> None:
    house.tick("2027-04-01T09:00")
    house.hold_dialogues("2028", "2027-05-03T09:00", but=("socialnamnden",))
    picture = drawn(house, "2027-06-03T09:00")
    late = bead(picture, "2028/uppdragsdialog", "N")
    assert (f"{late.day}", late.status) == ("2027-05-31", "overdue")
    said = dict(zip(late.plans, late.lines, strict=True))["2028/uppdragsdialog"]
    done, of = len(DIALOGUES) - 1, len(DIALOGUES)
    assert said == ("Uppdragsdialog 2028", f"{done} av {of} nämnder, 3 dagar försenad")
    assert "Uppdragsdialog 2028 (7 av 8 nämnder, 3 dagar försenad)" in picture.description
    assert arc(picture, "2028/uppdragsdialog", "open").boards == (done, of)


def test_the_next_deadline_is_the_first_that_is_still_to_come(house: Wheelhouse) -> None:
    coming = drawn(house, "2027-03-30T09:00").next
    assert coming is not None
    assert (coming.date, coming.title, coming.distance) == (
        "31 mars KS", "Anvisningar och ekonomiska ramar 2028", "i morgon",
    )  # fmt: skip


def test_rings_lie_by_the_age_of_their_cycles_and_a_mandate_period_outside(house: Wheelhouse) -> None:
    for cycle in ("2026", "2027", "mandat-2026"):
        house.open(cycle, "2026-11-20T09:00")
    titles = [ring.title for ring in drawn(house, "2027-02-01T09:00").rings]
    assert titles == ["Bokslut 2026", "Uppföljning 2027", "Planering 2028", "Mandatperiod 2026–2030"]


def test_another_year_has_no_today_and_nothing_next(house: Wheelhouse) -> None:
    picture = drawn(house, "2027-02-01T09:00", 2029)
    assert (picture.today, picture.next, picture.today_line) == (None, None, "")


def test_a_moved_deadline_says_from_where(house: Wheelhouse) -> None:
    house.tick("2027-03-01T09:00")
    house.move_deadline("2028/mrp", "2027-06-04", "2027-05-20T09:00", reason="Sjukdom")
    picture = drawn(house, "2027-05-21T09:00")
    moved = arc(picture, "2028/mrp", "underlag")
    assert (f"{moved.moved_from}", f"{moved.last}") == ("2027-05-31", "2027-06-04")
    row = next(r for r in deadline_table(picture).rows if (r.address, r.state) == ("2028/mrp", "underlag"))
    assert row.remark == "flyttad från 31 maj"


def known(store: Store) -> Wheelhouse:
    """A municipality whose log tells everything from its first day on."""
    house = Wheelhouse(store)
    with store.writing() as session:
        journal = Journal(session, instant("2026-01-01T00:00"), "admin")
        take_over(session, journal, "people come with acts elsewhere")
        journal.close()
    house.start()
    return house


def test_a_past_day_is_drawn_as_it_was(copy_of: CopyOf) -> None:
    house = copy_of(known)
    house.tick("2027-03-01T09:00")
    then = drawn(house, "2027-05-20T08:00")
    house.advance("2028/mrp", "submit", "2027-05-20T09:00")
    at = instant("2027-05-20T08:00")
    with as_of(house.store, at) as past, past.reading() as session:
        assert wheel_picture(UnitOfWork(session, at, "", house.mail, lock=False), 2027, "sv") == then


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield asked
    event.remove(store.engine, "before_cursor_execute", note)


def test_the_number_of_queries_does_not_grow_with_the_plans(house: Wheelhouse) -> None:
    for cycle in ("2026", "2027", "2029", "2030", "mandat-2022", "mandat-2026"):
        house.open(cycle, "2027-11-20T09:00")
    with counted(house.store) as asked:
        picture = drawn(house, "2027-12-01T09:00")
    assert len(picture.arcs) > 20
    assert len(asked) <= 8 + 2 * 7, "\n".join(asked)  # a cycle and whether it is a draft are two
