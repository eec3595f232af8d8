"""Mail that lay there is judged once more before it leaves; a route that is closed is red."""

import pytest
from sqlalchemy import update

from config.text.texts import Texts
from notifications.delivery.transport import TransportError
from notifications.mail_settings import MailSettings
from notifications.tables import Message, Notice
from tests.support.databases import CopyOf
from tests.support.dialogue import DIALOGUE, OFFICER, Carrier, send, to, with_open_dialogues
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.database.store import Store
from wheel.reads.status import status


def begun(store: Store) -> Wheelhouse:
    return with_open_dialogues(store)


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def test_a_plan_that_was_done_meanwhile_needs_no_reminder_although_it_is_written(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")  # seven working days before
    house.advance(DIALOGUE, "hold", "2027-05-25T09:00")
    carrier = Carrier()
    send(house, "2027-05-26T09:00", carrier)
    mine = to(house, OFFICER)[-1]
    assert (mine.status, f"{OFFICER}@example.se" in {rcpt for rcpt, _ in carrier.taken}) == ("withheld", False)
    [notice] = house.notices(DIALOGUE, rule="ladder", person_id=OFFICER)
    assert (notice.outcome, notice.because) == ("superseded", "The plan has moved on.")
    assert [e["data"]["because"] for e in house.log(DIALOGUE, "notice.superseded")][-1] == "The plan has moved on."
    assert house.verified()


def test_a_reminder_that_could_not_leave_for_two_weeks_has_expired(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    carrier = Carrier()
    send(house, "2027-06-04T09:00", carrier)
    assert {n.outcome for n in house.notices(DIALOGUE, rule="ladder")} == {"expired"}
    assert "so long that it says nothing" in house.notices(DIALOGUE, rule="ladder")[0].because
    assert {e["action"] for e in house.log(DIALOGUE)} >= {"notice.expired"}


def test_what_still_holds_is_written_anew_under_its_message_id(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    before = to(house, OFFICER)[-1]
    carrier = Carrier()
    send(house, "2027-05-24T09:00", carrier)
    after = to(house, OFFICER)[-1]
    assert (after.status, after.message_id, after.key) == ("sent", before.message_id, before.key)
    assert after.body != before.body  # it says how many days are left today
    assert dict(carrier.taken)[after.to] == after.body
    assert house.log(f"message/{after.message_id}", "message.rewritten")


def test_what_a_server_may_have_seen_goes_again_in_the_same_bytes(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    with house.store.writing() as session:
        session.execute(update(Message).where(Message.status == "pending").values(attempts=1))  # type: ignore[arg-type]
    before = to(house, OFFICER)[-1].body
    carrier = Carrier()
    send(house, "2027-05-24T09:00", carrier)
    assert dict(carrier.taken)[f"{OFFICER}@example.se"] == before


def test_what_was_written_a_moment_ago_goes_as_it_is(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    before = to(house, OFFICER)[-1].body
    carrier = Carrier()
    send(house, "2027-05-20T07:31", carrier)
    assert dict(carrier.taken)[f"{OFFICER}@example.se"] == before


def test_a_closed_route_is_red(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    carrier = Carrier()
    carrier.refuse = lambda rcpt: TransportError("535 wrong password", "route_closed", 535)
    send(house, "2027-05-20T07:31", carrier)
    with house.store.reading() as session:
        at = instant("2027-05-20T07:31")
        problems = status(session, MailSettings(), at, Texts("en")).problems
    assert [p.code for p in problems] == ["mail_stopped"]
    assert "535 wrong password" in problems[0].message


def test_what_cannot_be_judged_again_leaves_as_it_was_written(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    before = to(house, OFFICER)[-1].body
    with house.store.writing() as session:
        session.execute(update(Notice).where(Notice.person_id == OFFICER).values(facts={"old": "no day"}))  # type: ignore[arg-type]
    carrier = Carrier()
    send(house, "2027-05-24T09:00", carrier)
    assert dict(carrier.taken)[f"{OFFICER}@example.se"] == before
