"""Whoever receives a matter for information is told once, when it has come so far, and has nothing to do."""

import re
import tomllib
from datetime import date
from email import message_from_bytes, policy
from typing import Any

import pytest

from config.text.texts import Texts
from notifications.mail_settings import MailSettings
from tests.support.databases import CopyOf
from tests.support.timetabling import changed
from tests.support.wheelhouse import CATALOG, Wheelhouse, instant, vanersborg
from wheel.actions import people
from wheel.database.store import Store
from wheel.engine.request_and_result import Request
from wheel.reads import explain
from workflows.definition.workflow import Workflow

MRP = "2028/mrp"
AUDITORS = {"revisorerna-officer", "revisorerna-secretary"}
DECIDED = "2027-06-16T19:00"


def begun(store: Store) -> Wheelhouse:
    """The sample, whose auditors are told of the MRP too; it lies before KF."""
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.definition = changed(vanersborg(), {
        "phase.mrp.parties.receives": "revisorerna", "phase.mrp.state.adopted.last": "15 December Y-1",
    })  # fmt: skip
    house.start()
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk(MRP, "kf", "2027-06-02T19:00")
    house.tick("2027-06-16T12:00", confirmed_by="admin")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def decide(house: Wheelhouse, at: str = DECIDED) -> None:
    house.advance(MRP, "decide", at, body="kf")


@pytest.mark.parametrize(
    ("workflow", "state"),
    [
        ("delarsrapport", "handed_over"), ("arsredovisning", "handed_over"), ("mrp", "adopted"), ("beslut", "decided"),
        ("verksamhetsplan-namnd", "reported_to_ks"), ("tidsfonster", "over"),
    ],
)  # fmt: skip
def test_it_is_received_when_it_is_handed_over_or_finished(workflow: str, state: str) -> None:
    [file] = CATALOG.glob(f"{workflow}.toml")
    assert Workflow.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))).received_in == state


def test_they_are_told_once_that_it_is_there_and_that_there_is_nothing_to_do(house: Wheelhouse) -> None:
    assert house.told(MRP, "received") == set()
    decide(house)
    house.tick("2027-06-16T19:10")
    house.tick("2027-06-18T07:30")
    mails = [m for m in house.messages() if m.person_id in AUDITORS]
    assert {m.person_id for m in mails} == AUDITORS
    assert len(mails) == 2
    [mail] = [m for m in mails if m.person_id == "revisorerna-officer"]
    text = message_from_bytes(mail.body, policy=policy.default)
    assert text["Subject"].endswith("För kännedom: Mål- och resursplan 2028")
    [*attached] = text.iter_attachments()
    assert attached == []  # no day of theirs for their calendars
    body = text.get_body(("plain",))
    assert body
    said = body.get_content()
    assert "Mål- och resursplan 2028 skickas för kännedom. Du behöver inte göra något." in said
    assert re.search(r"Sedan: .+, senast 15 december 2027", said)
    assert "Läget: Antagen" in said
    assert "Du får mejlet i rollen handläggare för revisorerna." in said


def test_explain_says_why(house: Wheelhouse) -> None:
    decide(house)
    with house.unit_of_work(DECIDED) as uow:
        found = explain.explain(uow, MRP, Texts("en")).notices
    assert {n.person: n.because for n in found if n.rule == "received"} == dict.fromkeys(
        AUDITORS, "The matter goes to the auditors for information."
    )


def test_who_takes_the_step_back_at_once_has_told_nobody(house: Wheelhouse) -> None:
    decide(house)
    [entry] = [e for e in house.log(MRP, "plan.advanced") if e["data"]["step"] == "decide"]
    house.undo(entry["seq"], "2027-06-16T19:05", reason="a wrong click")
    house.tick("2027-06-16T19:30")
    assert {n.outcome for n in house.notices(MRP, rule="received")} == {"superseded"}


def test_a_later_step_that_is_taken_back_takes_nothing_from_them(house: Wheelhouse) -> None:
    decide(house)
    house.advance(MRP, "revise", "2027-06-16T19:02", body="kf", reason="a slip in the table")
    house.undo(house.log(MRP, "plan.advanced")[-1]["seq"], "2027-06-16T19:03")
    house.reopen(MRP, "2027-06-16T19:04", reason="a wrong click", new_date="2027-06-30")
    house.undo(house.log(MRP, "plan.reopened")[-1]["seq"], "2027-06-16T19:05")
    house.tick("2027-06-16T19:30")
    assert {n.person_id for n in house.notices(MRP, rule="received") if n.message_id} == AUDITORS


def test_a_plan_that_goes_on_at_once_is_told_all_the_same(house: Wheelhouse) -> None:
    decide(house)
    house.advance(MRP, "revise", "2027-06-16T19:02", body="kf", reason="a slip in the table")
    house.tick("2027-06-16T19:30")
    assert {n.outcome for n in house.notices(MRP, rule="received")} == {"planned"}
    assert all(n.message_id for n in house.notices(MRP, rule="received"))


def test_who_holds_the_role_when_the_mail_is_made_is_told(house: Wheelhouse) -> None:
    house.tick("2027-06-16T18:00")
    request = Request("admin", instant("2027-06-16T18:30"))
    decide(house)
    new = people.RoleGrant("auditor", "revisorerna")

    def change(uow: Any, request: Request) -> Any:
        people.add(uow, request, house.definition, "eva", "Eva", "eva@example.se", "sv", new)
        return people.end(uow, request, house.definition, "revisorerna-officer", None, None, date(2027, 6, 15))

    house.desk.carry_out(request, "people", "people", change)
    house.tick("2027-06-16T19:30")
    told = {n.person_id for n in house.notices(MRP, rule="received") if n.message_id}
    assert told == {"eva"} | AUDITORS - {"revisorerna-officer"}


def test_a_cycle_that_is_introduced_in_the_middle_of_its_year_tells_nothing_of_what_was_before(store: Store) -> None:
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.definition = changed(vanersborg(), {"phase.verksamhetsplan.parties.receives": "revisorerna"})
    house.open("2028", "2028-11-02T09:00")
    house.walk("2028/tidsplan", "decided", "2028-11-04T09:00")
    house.tick("2028-11-06T07:30", confirmed_by="admin")
    assert house.notices(rule="received") == []
