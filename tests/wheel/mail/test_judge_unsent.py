"""Mail that was off, held or refused is judged again before it leaves; nothing that is over is sent."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from config.text.texts import Texts
from notifications.mail_settings import MailSettings
from notifications.tables import Message
from tests.support.databases import CopyOf
from tests.support.dialogue import Carrier
from tests.support.wheelhouse import Wheelhouse, instant, rules_of
from wheel.actions.mail import mark_bounced, retry_mail, withhold_mail
from wheel.clocks import fixed_clock
from wheel.cycles.follow_steps import follow_steps
from wheel.database.store import Store
from wheel.database.tables import Home
from wheel.engine.desk import Desk
from wheel.engine.request_and_result import Request, Result
from wheel.mail.deliver import Delivery, deliver
from wheel.mail.hold_all_mail import hold_all, release_all
from wheel.reads import status
from wheel.tick.tick import Ticker

SN = "socialnamnden"
DIALOGUE = f"2028/uppdragsdialog/{SN}"
MRP = "2028/mrp"


def begun(store: Store) -> Wheelhouse:
    """Mail is off on 20 May, when the boards are reminded of 31 May; it is on again from the next hour."""
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.start()
    house.tick("2027-05-19T09:00", confirmed_by="admin")
    deliver_all(house, "2027-05-19T09:05")
    Ticker(store, replace(house.mail, on=False), lambda: house.definition).tick(instant("2027-05-20T07:30"))
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def deliver_all(house: Wheelhouse, at: str) -> Carrier:
    carrier = Carrier()
    deliver(Delivery(house.store, house.mail, fixed_clock(instant(at)), lambda: carrier, "node"), threading.Event())
    return carrier


def withheld(house: Wheelhouse, person: str = f"{SN}-officer") -> Message:
    [mail] = [m for m in house.messages() if m.person_id == person and m.status == "withheld"]
    return mail


def retry(house: Wheelhouse, *mails: Message, at: str) -> Result:
    ids = [str(mail.id) for mail in mails]
    return house.desk.carry_out(Request("admin", instant(at)), "outbox", "outbox", retry_mail, ids)


def problems(house: Wheelhouse, at: str) -> dict[str, str]:
    with house.store.reading() as session:
        found = status.status(session, house.mail, instant(at), Texts("en")).problems
    return {problem.code: problem.message for problem in found}


def test_what_still_holds_is_written_anew_for_the_day_on_which_it_leaves(house: Wheelhouse) -> None:
    mail = withheld(house)
    assert mail.subject.startswith("Om 11 dagar (31 maj)")
    assert retry(house, mail, at="2027-05-24T09:00").more == {"changed": 1}
    deliver_all(house, "2027-05-24T09:01")
    [after] = [m for m in house.messages() if m.id == mail.id]
    assert (after.status, after.subject[:20]) == ("sent", "Om 7 dagar (31 maj):")


def test_what_is_over_is_not_sent_and_the_answer_says_what_has_become_of_it(house: Wheelhouse) -> None:
    mail = withheld(house)
    house.walk(DIALOGUE, "held", "2027-05-24T09:00")
    done = retry(house, mail, at="2027-05-24T10:00")
    assert (done.more, rules_of(done)) == ({"changed": 0}, ["over"])
    assert done.warnings[0].message.startswith("The plan has moved on since.")
    assert deliver_all(house, "2027-05-24T10:01").taken == []
    assert withheld(house).error == "moved_on"


def test_of_a_deadline_nothing_older_is_sent_than_what_was_told_since(house: Wheelhouse) -> None:
    mail = withheld(house)
    house.tick("2027-05-26T07:30")
    deliver_all(house, "2027-05-26T07:31")
    done = retry(house, mail, at="2027-05-26T09:00")
    assert (done.more, done.warnings[0].message) == (
        {"changed": 0}, "A later reminder of the same deadline takes their place. Not sent: {mails}.",
    )  # fmt: skip


def test_of_two_about_one_deadline_the_newer_alone_is_sent(house: Wheelhouse) -> None:
    Ticker(house.store, replace(house.mail, on=False), lambda: house.definition).tick(instant("2027-05-26T07:30"))
    both = [m for m in house.messages() if m.person_id == f"{SN}-officer" and m.status == "withheld"]
    assert len(both) == 2
    done = retry(house, *both, at="2027-05-26T09:00")
    assert (done.more, rules_of(done)) == ({"changed": 1}, ["over"])
    assert [m.status for m in house.messages() if m.id in {m.id for m in both}] == ["withheld", "pending"]


def test_a_mail_that_is_sent_by_hand_is_not_reported_as_undelivered(house: Wheelhouse) -> None:
    """Its reminder is as old as those of which administrators are told that nobody got them."""
    ticker = Ticker(house.store, replace(house.mail, on=False), lambda: house.definition)
    ticker.tick(instant("2027-06-07T07:30"))
    late = [m for m in house.messages() if m.person_id == f"{SN}-officer" and m.status == "withheld"][-1]
    retry(house, late, at="2027-06-07T08:04")
    house.tick("2027-06-07T08:05")
    deliver_all(house, "2027-06-07T08:06")
    reported = {n.person_id for n in house.notices(DIALOGUE, rule="undelivered")}
    assert reported == set()


def test_nobody_is_told_instead_of_somebody_who_gets_it_after_all(house: Wheelhouse) -> None:
    house.tick("2027-05-26T07:30")
    deliver_all(house, "2027-05-26T07:31")
    mail = [m for m in house.messages() if m.person_id == f"{SN}-officer"][-1]
    request = Request("admin", instant("2027-05-26T09:00"))
    house.desk.carry_out(request, "outbox", "outbox", mark_bounced, [str(mail.id)], "5.1.1")
    assert {n.outcome for n in house.notices(DIALOGUE, rule="undelivered")} == {"planned"}
    done = retry(house, mail, at="2027-05-26T09:05")
    assert done.more == {"changed": 1}, done
    assert {n.because for n in house.notices(DIALOGUE, rule="undelivered")} == {"sent_after_all"}


def test_the_status_names_what_was_withheld_until_it_is_over_or_somebody_dismisses_it(house: Wheelhouse) -> None:
    assert "mail_withheld" in problems(house, "2027-05-20T09:00")
    assert "mail_withheld" not in problems(house, "2027-07-20T09:00")  # the reminders say nothing any more
    ids = [str(m.id) for m in house.messages() if m.status == "withheld"]
    request = Request("admin", instant("2027-05-20T10:00"))
    done = house.desk.carry_out(request, "outbox", "outbox", withhold_mail, ids)
    assert done.more == {"changed": len(ids)}
    assert "mail_withheld" not in problems(house, "2027-05-20T10:01")
    again = house.desk.carry_out(request, "outbox", "outbox", withhold_mail, ids)
    assert (again.more, rules_of(again)) == ({"changed": 0}, ["untouched"])


def test_what_somebody_holds_by_hand_is_released_by_hand_alone(house: Wheelhouse) -> None:
    desk = Desk(house.store, house.mail, follow_steps)
    request = Request("admin", instant("2027-05-25T09:00"), "the addresses are wrong")
    desk.carry_out(request, "outbox", "outbox", hold_all)
    ticked = house.tick("2027-05-26T07:30", confirmed_by="admin")
    assert (ticked.messages, ticked.held_back > 0) == (0, True)
    assert (ticked.hold, ticked.hold_reason) == ("by_hand", "the addresses are wrong")
    assert problems(house, "2027-05-26T08:00")["mail_held"].startswith(
        "All mail is on hold by hand: the addresses are wrong."
    )
    with house.store.writing() as session:  # as a restore leaves it
        session.execute(update(Home).values(mail_hold="restored"))
    assert house.tick("2027-05-26T08:01", confirmed_by="admin").messages == 0
    assert house.tick("2027-05-26T08:02").hold == "by_hand"
    desk.carry_out(request, "outbox", "outbox", release_all)
    assert house.tick("2027-05-26T08:03").messages > 0


@pytest.mark.parametrize(
    ("at", "leaves"), [("2027-05-23T09:00", False), ("2027-05-24T02:00", False), ("2027-05-24T07:30", True)]
)
def test_after_a_stop_no_turn_is_told_on_a_day_off_or_in_the_night(house: Wheelhouse, at: str, leaves: bool) -> None:
    house.walk(MRP, "ks_proposal", "2027-05-20T09:00")
    house.tick(at)
    turn = house.notices(MRP, rule="your_turn", state="ks_proposal")
    assert turn
    assert {notice.message_id is not None for notice in turn} == {leaves}


def test_on_the_day_itself_a_turn_is_told_also_on_a_sunday(house: Wheelhouse) -> None:
    house.walk(MRP, "ks_proposal", "2027-05-23T09:00")
    house.tick("2027-05-23T09:10")
    assert all(notice.message_id for notice in house.notices(MRP, rule="your_turn", state="ks_proposal"))


def test_a_turn_is_told_with_the_day_from_which_the_body_may_act(house: Wheelhouse) -> None:
    house.walk(MRP, "kf", "2027-05-20T09:00")
    opens = house.plan(MRP).stage.opens
    assert opens is not None
    assert opens - timedelta(days=12) == instant("2027-05-20T09:00").date()
    house.tick("2027-05-20T09:10")
    told = [m for m in house.messages() if m.person_id == "kf-officer"][-1]
    assert told.subject == "Din tur från 1 juni: Mål- och resursplan 2028"
