"""Mails contain names, and no id of a state, step, phase, body, workflow, role or kind of notice.

Addresses such as `2028/mrp/ks` are an exception, because people type them.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from config.municipality.roles import roles
from config.text import translate
from notifications.mail_settings import MailSettings
from notifications.tables import Message
from tests.support.timetabling import changed
from tests.support.wheelhouse import Wheelhouse, instant, vanersborg
from wheel.actions import mail
from wheel.database.store import Store
from wheel.database.tables import Person
from wheel.engine.request_and_result import Request

MRP, PROPOSAL = "2028/mrp", "2028/namndforslag/socialnamnden"
KINDS = {
    "your_turn", "ladder", "overview", "sent_back", "returned", "rejected", "postponed", "moved", "manual", "received",
    "undelivered",
}  # fmt: skip
TYPED = re.compile(r"\S+@\S+|\b(mandat-)?\d{4}/[\w/-]+|`[^`]*`")
WORD = re.compile(r"[\w-]+")


def ids() -> set[str]:
    definition = vanersborg()
    found = {*definition.wheel.phases, *definition.wheel.bodies, *definition.workflows, *roles(), *KINDS}
    for workflow in definition.workflows.values():
        found |= {state.id for state in workflow.states} | {step.verb for step in workflow.steps}
    return found


def said(part: Any, language: str) -> Iterator[str]:
    """The texts of a definition in that language, and its short forms, which are the same in both languages."""
    if isinstance(part, dict):
        if part.keys() == {"sv", "en"}:
            yield part[language]
        for key, value in part.items():
            yield from [value] if key == "short" and value else said(value, language)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from said(each, language)


def words(language: str) -> set[str]:
    """All words that mails may contain. An id that is also such a word (`draft`, `decided`) cannot be recognised."""
    texts = [str(message.string) for message in translate.read(language)]
    texts += said(vanersborg().model_dump(mode="json"), language)
    return {word.lower() for text in texts for word in WORD.findall(TYPED.sub("", text))}


@pytest.fixture
def year(store: Store) -> Wheelhouse:
    """A year in which every kind of notice is mailed, to readers of both languages."""
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se", office="Asta Provberg"))
    house.definition = changed(vanersborg(), {"phase.mrp.parties.receives": "revisorerna"})
    with store.writing() as session:
        session.execute(update(Person).values(name="Asta Provberg"))
        session.execute(update(Person).where(~col(Person.id).endswith("-officer")).values(language="en"))
    house.start()
    house.tick("2027-03-01T07:30", confirmed_by="admin")
    house.walk(PROPOSAL, "proposal", "2027-03-20T09:00")
    house.send_back(PROPOSAL, "2027-03-22T09:00", reason="No figures", actor="budgetberedningen-secretary")
    house.remind(PROPOSAL, "2027-03-23T09:00")
    for week in ("2027-03-29", "2027-04-05", "2027-04-12", "2027-05-10"):
        house.tick(f"{week}T07:30", confirmed_by="admin")
    with store.writing() as session:
        session.execute(update(Message).values(status="sent"))
    house.walk("2028/ramar", "sent_out", "2027-05-11T15:00")
    house.hold_dialogues("2028", "2027-05-11T15:10")
    house.walk(MRP, "kf", "2027-05-12T13:00")
    house.move_deadline(MRP, "2027-06-29", "2027-05-12T14:00", reason="The hall is let")
    house.tick("2027-05-13T07:30", confirmed_by="admin")
    house.postpone(MRP, "2027-05-13T19:00", body="kf", new_date="2027-06-28", reason="No quorum")
    house.tick("2027-05-14T07:30", confirmed_by="admin")
    house.advance(MRP, "decide", "2027-05-14T19:00", body="kf", outcome="rejected", reason="Too dear")
    house.tick("2027-05-17T07:30", confirmed_by="admin")
    house.send_back(MRP, "2027-05-17T19:00", body="kf", reason="Too thin", new_date="2027-06-10")
    house.tick("2027-05-18T07:30", confirmed_by="admin")
    house.walk(MRP, "adopted", "2027-06-16T19:00")
    house.tick("2027-06-17T07:30", confirmed_by="admin")
    lost = [str(m.id) for m in house.messages() if m.person_id == "socialnamnden-officer" and m.status == "sent"]
    request = Request("admin", instant("2027-06-17T09:00"))
    house.desk.carry_out(request, "outbox", "mark-bounced", mail.mark_bounced, lost, "5.1.1 no such user")
    house.tick("2027-06-18T07:30", confirmed_by="admin")
    return house


def test_no_mail_shows_an_id_that_has_a_name(year: Wheelhouse) -> None:
    assert {notice.rule for notice in year.notices() if notice.message_id is not None} >= KINDS
    names = {"sv": ids() - words("sv"), "en": ids() - words("en")}
    assert min(map(len, names.values())) > 40
    shown = set()
    for message in year.messages():
        language = "sv" if message.person_id.endswith("-officer") else "en"
        parsed = message_from_bytes(message.body, policy=policy.default)
        text = parsed.get_body(("plain",))
        assert text
        for line in [str(parsed["Subject"]), *text.get_content().splitlines()]:
            found = names[language].intersection(WORD.findall(TYPED.sub("", line)))
            shown |= {(id, line) for id in found}
    assert not shown
