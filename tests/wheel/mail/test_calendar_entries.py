"""The calendar that goes with a mail follows the plan: moved, sent back, and over."""

from datetime import date
from email import message_from_bytes, policy

import pytest
from sqlalchemy import update
from sqlmodel import col

from notifications.mail_settings import MailSettings
from notifications.tables import Message
from tests.support.databases import CopyOf
from tests.support.ics import events
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.cycles.date_changes import DateChange, apply_changes
from wheel.database.store import Store
from wheel.database.tables import Role
from wheel.engine.unit_of_work import unit_of_work
from workflows.definition.definition import Definition
from workflows.definition.workflow import Outcomes

SN = "socialnamnden"
DIALOGUE = f"2028/uppdragsdialog/{SN}"
FINANCE = "ekonomikontoret-officer"


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.start()
    house.tick("2027-05-19T09:00", confirmed_by="admin")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def calendars(house: Wheelhouse, person: str, phase: str) -> list[list[tuple[str, str, str, str]]]:
    """Of each mail to the person about that phase: UID, SEQUENCE, STATUS and day of its events."""
    found = []
    for message in house.messages():
        if message.person_id != person:
            continue
        mail = message_from_bytes(message.body, policy=policy.default)
        for part in mail.iter_attachments():
            raw = part.get_payload(decode=True)
            assert isinstance(raw, bytes)
            mine = [r for r in events(raw.decode()) if phase in r.get("SUMMARY", "")]
            if mine:
                found.append([(r["UID"], r["SEQUENCE"], r["STATUS"], r["DTSTART"]) for r in mine])
    return found


def test_a_moved_deadline_moves_in_the_calendar(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    house.move_deadline(DIALOGUE, "2027-06-15", "2027-05-20T10:00", reason="the chair is ill")
    house.tick("2027-05-20T10:10")
    *_, before, after = calendars(house, f"{SN}-officer", "ppdragsdialog")
    assert before[0][1:] == ("1", "CONFIRMED", "20270531")
    assert after == [(before[0][0], "2", "CONFIRMED", "20270615")]


def test_what_was_said_of_a_state_that_is_over_is_taken_back_once(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    [underlag] = calendars(house, FINANCE, "resursplan")[-1]
    assert underlag[2:] == ("CONFIRMED", "20270531")
    house.walk("2028/mrp", "ks_proposal", "2027-05-21T09:00")  # KS has the next turn, and no calendar of it yet
    house.tick("2027-05-21T09:10")
    assert [row[2] for row in calendars(house, "ks-officer", "resursplan")[-1]] == ["CONFIRMED"]
    house.walk("2028/ramar", "sent_out", "2027-05-24T09:00")
    house.hold_dialogues("2028", "2027-05-24T09:00")
    house.advance("2028/mrp", "propose", "2027-06-02T15:00", body="ks")
    house.tick("2027-06-02T15:10")
    house.send_back("2028/mrp", "2027-06-16T19:00", body="kf", reason="too thin", new_date="2027-08-31")
    house.tick("2027-06-16T19:10")
    first, last = calendars(house, "ks-officer", "resursplan")[0], calendars(house, "ks-officer", "resursplan")[-1]
    [(uid, sequence, status, day)] = last  # the same state, a second time: the event that they have moves
    assert (uid, status, day) == (first[0][0], "CONFIRMED", "20270831")
    assert int(sequence) > int(first[0][1])


def test_a_state_that_follows_another_at_the_same_body_cancels_the_old_day(house: Wheelhouse) -> None:
    plan = f"2028/verksamhetsplan/{SN}"
    house.adopt_mrp()
    house.tick("2027-09-02T09:00", confirmed_by="admin")
    house.walk(plan, "draft", "2027-09-06T09:00")
    house.tick("2027-09-06T09:10")
    house.tick("2027-11-18T09:00", confirmed_by="admin")
    mails = calendars(house, f"{SN}-officer", "verksamhetsplan")
    changed = next(rows for rows in mails if len(rows) == 2)
    assert [(row[2], row[3]) for row in changed] == [("CONFIRMED", "20271130"), ("CANCELLED", "20270930")]
    assert sum(row[2] == "CANCELLED" for rows in mails for row in rows) == 1


def test_a_withdrawn_plan_is_told_to_whom_was_told_of_it_and_its_entry_taken_back(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    house.withdraw(DIALOGUE, "2027-05-20T10:00", reason="another way")
    house.tick("2027-05-20T10:10")
    for person in (f"{SN}-officer", f"{SN}-secretary"):
        *_, before, after = calendars(house, person, "ppdragsdialog")
        assert before[0][1:] == ("1", "CONFIRMED", "20270531")
        assert after == [(before[0][0], "2", "CANCELLED", "20270531")]
    mine = [message for message in house.messages() if message.person_id == f"{SN}-officer"][-1]
    assert mine.subject.startswith("Utgår: ")
    assert "another way" in text_of(mine)
    assert house.told(DIALOGUE, "withdrawn") == {f"{SN}-{role}" for role in ("officer", "secretary")}
    house.tick("2027-05-24T07:30")
    assert (
        sum(row[2] == "CANCELLED" for rows in calendars(house, f"{SN}-officer", "ppdragsdialog") for row in rows) == 1
    )


def test_a_matter_that_is_dropped_before_its_deadline_is_taken_out_of_the_calendars(store: Store) -> None:
    """In a workflow whose council may drop the matter: the plan is then over."""
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.definition = may_be_dropped(house.definition)
    house.start()
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    house.walk("2028/mrp", "kf", "2027-05-20T09:00")
    house.tick("2027-05-20T09:10", confirmed_by="admin")
    why = "no budget of its own"
    house.advance("2028/mrp", "decide", "2027-06-02T09:00", body="kf", outcome="dropped", anyway=True, reason=why)
    house.tick("2027-06-02T09:10")
    told = house.told("2028/mrp", "withdrawn")
    assert told == {"kf-officer", "kf-secretary"}
    *_, before, after = calendars(house, "kf-officer", "resursplan")
    assert (before[0][2], after[0][2]) == ("CONFIRMED", "CANCELLED")
    assert after[0][0] == before[0][0]
    mine = [message for message in house.messages() if message.person_id == "kf-officer"][-1]
    assert mine.subject.startswith("Utgår: ")


def may_be_dropped(definition: Definition) -> Definition:
    workflow = definition.workflows["mrp"]
    outcomes = Outcomes(adopts=("adopted", "adopted_with_changes"), moves=("dropped",))
    steps = [s.model_copy(update={"outcomes": outcomes}) if s.verb == "decide" else s for s in workflow.steps]
    other = workflow.model_copy(update={"steps": tuple(steps)})
    return Definition(wheel=definition.wheel, workflows={**definition.workflows, "mrp": other})


def test_of_a_withdrawal_that_is_taken_back_at_once_nobody_hears(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    house.withdraw(DIALOGUE, "2027-05-20T10:00", reason="a wrong click")
    house.reopen(DIALOGUE, "2027-05-20T10:05", reason="a wrong click")
    house.tick("2027-05-20T10:15")
    assert {notice.outcome for notice in house.notices(DIALOGUE, rule="withdrawn")} == {"superseded"}


def test_who_has_left_hears_of_no_withdrawal(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    with house.store.writing() as session:
        gone = update(Role).where(col(Role.person_id) == f"{SN}-officer").values(valid_to=date(2027, 5, 20))
        session.execute(gone)
    house.withdraw(DIALOGUE, "2027-05-21T10:00", reason="another way")
    assert house.told(DIALOGUE, "withdrawn") == {f"{SN}-{role}" for role in ("secretary",)}


@pytest.mark.parametrize("new", [None, date(2027, 5, 3)])
def test_a_day_that_is_gone_or_has_passed_by_a_new_timetable_is_taken_back_once(
    house: Wheelhouse, new: date | None
) -> None:
    house.tick("2027-05-20T07:30")
    with unit_of_work(house.store, instant("2027-05-20T10:00"), "admin", house.mail) as uow:
        plan = uow.plan(DIALOGUE)
        stage = plan.stage._replace(last=new, version=plan.stage.version + 1)
        apply_changes(uow, [DateChange(plan, plan.state, stage)], "KS 2027-05-20 § 80")
    house.tick("2027-05-20T10:10")
    *_, before, after = calendars(house, f"{SN}-officer", "ppdragsdialog")
    assert after == [(before[0][0], "2", "CANCELLED", "20270531")]
    house.tick("2027-05-24T07:30")
    assert (
        sum(row[2] == "CANCELLED" for rows in calendars(house, f"{SN}-officer", "ppdragsdialog") for row in rows) == 1
    )


def test_an_overdue_reminder_takes_no_entry_back(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    house.tick("2027-06-01T07:30", confirmed_by="admin")
    assert all(row[2] != "CANCELLED" for rows in calendars(house, f"{SN}-officer", "ppdragsdialog") for row in rows)


def text_of(message: Message) -> str:
    body = message_from_bytes(message.body, policy=policy.default).get_body(("plain",))
    assert body
    said: str = body.get_content()
    return said
