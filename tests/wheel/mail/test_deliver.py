"""Mail that lay there is judged once more before it leaves; a route that is closed is red."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from config.text.texts import Texts
from notifications.delivery.transport import TransportError
from notifications.mail_settings import MailSettings
from notifications.tables import Message, Notice
from tests.support.databases import CopyOf
from tests.support.dialogue import DIALOGUE, OFFICER, SN, Carrier, send, to, with_open_dialogues
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.actions import people
from wheel.database.store import Store
from wheel.engine.request_and_result import Request
from wheel.mail.hold_all_mail import hold_all, release_all
from wheel.reads.status import status
from workflows.definition.definition import Rung


def begun(store: Store) -> Wheelhouse:
    return with_open_dialogues(store)


CHAIR = f"{SN}-chair"


def do(house: Wheelhouse, at: str, verb: Any) -> None:
    house.desk.carry_out(Request("admin", instant(at)), "people", "people", verb)


def give(house: Wheelhouse, person: str, at: str, **more: Any) -> None:
    """Take a person in as the board's officer."""
    grant = people.RoleGrant("officer", SN, **more)
    address = f"{person}@example.se"
    do(house, at, lambda w, a: people.add(w, a, house.definition, person, person, address, "sv", grant))


def end(house: Wheelhouse, person: str, last: str, at: str) -> None:
    do(house, at, lambda w, a: people.end(w, a, house.definition, person, None, None, date.fromisoformat(last)))


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
    assert (notice.outcome, notice.because) == ("superseded", "moved_on")
    assert [e["data"]["because"] for e in house.log(DIALOGUE, "notice.superseded")][-1] == "moved_on"
    assert house.verified()


def test_a_reminder_that_could_not_leave_for_two_weeks_has_expired(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    carrier = Carrier()
    send(house, "2027-06-04T09:00", carrier)
    assert {n.outcome for n in house.notices(DIALOGUE, rule="ladder")} == {"expired"}
    assert house.notices(DIALOGUE, rule="ladder")[0].because == "too_late"
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
        session.execute(update(Message).where(Message.status == "pending").values(attempts=1, maybe_delivered=True))  # type: ignore[arg-type]
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


def test_who_has_left_is_not_mailed_what_waited_and_the_successor_is(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    end(house, OFFICER, "2027-05-20", "2027-05-20T08:00")
    give(house, "nils", "2027-05-20T08:01", valid_from=date(2027, 5, 21))
    carrier = Carrier()
    send(house, "2027-05-21T09:00", carrier)
    assert f"{OFFICER}@example.se" not in dict(carrier.taken)
    mine = to(house, OFFICER)[-1]
    assert (mine.status, mine.error) == ("withheld", "role_passed_on: nils, socialnamnden-secretary")
    house.tick("2027-05-21T09:01")
    send(house, "2027-05-21T09:02", carrier)
    assert [rcpt for rcpt, _ in carrier.taken].count("nils@example.se") == 1
    [planned] = [e["data"] for e in house.log(DIALOGUE, "notice.planned") if e["data"].get("instead_of") == OFFICER]
    assert planned["rule"] == "ladder"
    assert house.verified()


def test_who_has_left_is_not_mailed_after_a_hold_by_hand_either(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    house.desk.carry_out(Request("admin", instant("2027-05-20T07:31")), "outbox", "outbox", hold_all)
    end(house, OFFICER, "2027-05-20", "2027-05-20T08:00")
    house.desk.carry_out(Request("admin", instant("2027-05-21T08:00")), "outbox", "outbox", release_all)
    carrier = Carrier()
    send(house, "2027-05-21T09:00", carrier)
    assert (to(house, OFFICER)[-1].status, f"{OFFICER}@example.se" in dict(carrier.taken)) == ("withheld", False)


def test_who_has_a_substitute_meanwhile_is_not_mailed_and_the_substitute_is(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    days = {"valid_from": date(2027, 5, 21), "valid_to": date(2027, 5, 26)}
    give(house, "eva", "2027-05-20T08:00", **days, instead_of=OFFICER)
    carrier = Carrier()
    send(house, "2027-05-21T09:00", carrier)
    house.tick("2027-05-21T09:01")
    send(house, "2027-05-21T09:02", carrier)
    assert {"eva@example.se"} == {rcpt for rcpt, _ in carrier.taken} & {"eva@example.se", f"{OFFICER}@example.se"}


def test_a_mail_that_was_deferred_goes_to_the_new_address(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    carrier = Carrier()
    carrier.refuse = lambda rcpt: TransportError("451 later", "later", 451)
    send(house, "2027-05-20T07:31", carrier)
    new = {"email": "ny@example.se"}
    do(house, "2027-05-20T07:35", lambda w, a: people.change(w, a, house.definition, OFFICER, new))
    carrier.refuse = lambda rcpt: None
    send(house, "2027-05-20T07:45", carrier)
    assert f"{OFFICER}@example.se" not in dict(carrier.taken)
    assert b"<ny@example.se>" in dict(carrier.taken)["ny@example.se"]
    assert to(house, OFFICER)[-1].to == "ny@example.se"


def test_a_mail_whose_reader_has_no_address_any_more_fails_and_the_others_leave(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    do(house, "2027-05-20T07:35", lambda w, a: people.change(w, a, house.definition, OFFICER, {"email": ""}))
    carrier = Carrier()
    assert send(house, "2027-05-20T09:00", carrier).sent == len(carrier.taken) > 1
    assert (to(house, OFFICER)[-1].status, to(house, OFFICER)[-1].error) == ("failed", "no_address")
    assert house.notices(DIALOGUE, rule="undelivered")


def with_a_rung_of_chairs(store: Store) -> Wheelhouse:
    house = Wheelhouse(store)
    wheel = house.definition.wheel
    chairs = (Rung(days=-7, to=("chair",)),)
    house.definition = house.definition.model_copy(
        update={"wheel": wheel.model_copy(update={"ladders": {**wheel.ladders, "standard": chairs}})}
    )
    house.start()
    house.tick("2027-05-19T09:00", confirmed_by="admin")
    return house


@pytest.mark.parametrize("in_a_mail", [True, False])
def test_a_chair_who_has_left_is_not_told_although_nobody_else_is(copy_of: CopyOf, in_a_mail: bool) -> None:
    house = copy_of(with_a_rung_of_chairs)
    if in_a_mail:
        house.tick("2027-05-20T07:30")
    else:
        house.ticker.process_due(instant("2027-05-20T07:30"))
    assert house.notices(DIALOGUE, rule="ladder", person_id=CHAIR, outcome="planned")
    end(house, CHAIR, "2027-05-20", "2027-05-20T08:00")
    house.tick("2027-05-21T07:30")
    carrier = Carrier()
    send(house, "2027-05-21T09:00", carrier)
    assert f"{CHAIR}@example.se" not in dict(carrier.taken)
    [left] = house.notices(DIALOGUE, rule="ladder", person_id=CHAIR)
    assert (left.outcome, left.because) == ("superseded", "no_role")


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
