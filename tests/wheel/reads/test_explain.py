"""Why somebody was told: as it was when the mail was made, whatever becomes of the plan afterwards."""

import ast
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import text

import wheel.app
from config.text.texts import Texts
from notifications.endings import ENDINGS
from notifications.history.mail_export import export
from notifications.mail_settings import MailSettings
from tests.support.databases import CopyOf
from tests.support.timetabling import changed
from tests.support.wheelhouse import Wheelhouse
from wheel.database.store import Store
from wheel.documents.mail import NoticeDocument
from wheel.reads import explain

SN = "socialnamnden"
DIALOGUE = f"2028/uppdragsdialog/{SN}"
MRP = "2028/mrp"
AGAIN = "kf", 2, "your_turn"
LATER = "2028-02-01T09:00"


def begun(store: Store) -> Wheelhouse:
    """The dialogues' reminder of 31 May is mailed; KF has the MRP, and its people are told so."""
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.start()
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    house.tick("2027-05-20T07:30", confirmed_by="admin")
    house.walk(MRP, "kf", "2027-05-20T09:00")
    house.tick("2027-05-20T09:30")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def told(house: Wheelhouse, address: str, language: str = "en") -> list[NoticeDocument]:
    with house.unit_of_work(LATER) as uow:
        found = explain.explain(uow, address, Texts(language)).notices
    return [notice for notice in found if notice.message]


def exported(house: Wheelhouse, language: str = "en") -> dict[str, str]:
    """The reason by the notice's key."""
    file = io.StringIO()
    with house.unit_of_work(LATER) as uow:
        export(uow.session, file, "jsonl", explain.reasons(uow, Texts(language)))
    return {row["notice"]: row["because"] for row in map(json.loads, file.getvalue().splitlines())}


@pytest.mark.parametrize(
    ("language", "reason"),
    [("en", "Reminder 7 working days before 31 May 2027."), ("sv", "Påminnelse 7 arbetsdagar före 31 maj 2027.")],
)
def test_a_sent_reminder_of_one_day_never_becomes_one_of_another(house: Wheelhouse, language: str, reason: str) -> None:
    house.move_deadline(DIALOGUE, "2027-06-11", "2027-05-20T10:00", reason="the board meets later")
    ladder = [notice for notice in told(house, DIALOGUE, language) if notice.rule == "ladder" and notice.offset == -7]
    assert {notice.because for notice in ladder} == {reason}
    assert {(notice.body, str(notice.last)) for notice in ladder} == {(SN, "2027-05-31")}
    assert {exported(house, language)[notice.key] for notice in ladder} == {reason}


def test_news_of_a_moved_day_names_both_days(house: Wheelhouse) -> None:
    house.move_deadline(DIALOGUE, "2027-06-11", "2027-05-20T10:00", reason="the board meets later")
    house.move_deadline(DIALOGUE, "2027-06-18", "2027-05-21T10:00", reason="and later")
    with house.unit_of_work(LATER) as uow:
        found = explain.explain(uow, DIALOGUE, Texts("en")).notices
    assert {n.because.partition(" (")[0] for n in found if n.rule == "moved"} == {
        "The deadline was moved from 31 May 2027 to 11 June 2027.",
        "The deadline was moved from 31 May 2027 to 18 June 2027.",
    }


def test_a_turn_stays_that_of_the_body_whose_turn_it_was(house: Wheelhouse) -> None:
    before = {notice.key: notice.because for notice in told(house, MRP) if notice.rule == "your_turn"}
    assert "The step had opened for the council." in before.values()
    house.advance(MRP, "decide", "2027-06-16T19:00", body="kf", anyway=True, reason="the dialogues were held by letter")
    house.tick("2028-01-10T07:30", confirmed_by="admin")
    after = {notice.key: notice.because for notice in told(house, MRP) if notice.rule == "your_turn"}
    assert after == before
    assert {key: because for key, because in exported(house).items() if key in before} == before


def test_the_day_that_a_mail_told_is_that_of_the_mail_not_of_its_planning(house: Wheelhouse) -> None:
    """The council's people are told of their turn ten minutes after the step; the day is moved in between."""
    house.send_back(MRP, "2027-05-24T09:00", body="kf", new_date="2027-06-07", reason="the figures")
    house.walk(MRP, "kf", "2027-05-25T09:00")
    house.move_deadline(MRP, "2027-06-21", "2027-05-25T09:05", reason="another meeting")
    house.tick("2027-05-25T09:30")
    turn = [
        notice for notice in told(house, MRP) if (notice.rule, notice.state, notice.entry) == ("your_turn", "kf", 2)
    ]
    assert turn
    assert {str(notice.last) for notice in turn} == {"2027-06-21"}


def test_every_notice_of_the_export_has_its_reason(house: Wheelhouse) -> None:
    house.hold(DIALOGUE, "2027-05-21T09:00", reason="the chair is ill")
    house.tick("2028-01-10T07:30", confirmed_by="admin")
    found = exported(house)
    assert [key for key, because in found.items() if len(because.split()) < 3] == []
    with house.unit_of_work(LATER) as uow:
        explained = explain.explain(uow, DIALOGUE, Texts("en")).notices
    assert {each.key: each.because for each in explained if each.key in found} == {
        key: because for key, because in found.items() if key.startswith(f"{DIALOGUE}:")
    }


def test_no_reason_is_made_up_for_a_notice_without_facts(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(text("UPDATE notice SET facts = '{}'"))
    for notice in told(house, DIALOGUE):
        assert notice.because == "An earlier version planned this notice, and did not store the reason."
        assert (notice.body, notice.last) == (None, None)


def test_every_ending_is_written_by_somebody() -> None:
    root = Path(wheel.app.__file__).parents[1]
    files = [file for room in ("notifications", "wheel") for file in (root / room).rglob("*.py")]
    written = {
        node.value
        for file in files
        if file.name not in ("endings.py", "r0004_codes_of_endings.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(ENDINGS) <= written


def test_a_plan_that_follows_another_says_what_it_waits_for(store: Store) -> None:
    house = Wheelhouse(store)
    tax = {
        "label": {"sv": "Skattesats", "en": "Tax rate"}, "workflow": "tidsplan", "source": "law",
        "parties": {"prepares": "ekonomikontoret", "decides": "kf"},
        "state": {"draft": {"last": {"date": "30 November Y-1", "source": "law"}}},
        "step": {"open": {"follows": {"phase": "mrp", "reached": "adopted"}}},
    }  # fmt: skip
    house.definition = changed(house.definition, {"phase.skattesats": tax})
    house.start()
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    at = "2027-03-01T09:00"
    shown = house.show("2028/skattesats", at)
    [blocker] = [each for each in shown["blockers"] if each["step"] == "open"]
    assert (blocker["rule"], blocker["who"]) == ("join", ["kf"])
    with house.unit_of_work(at) as uow:
        [waits] = explain.explain(uow, "2028/skattesats", Texts("en")).waits
    said = "First “Goal and resource plan” must reach “Adopted”. Missing: 2028/mrp."
    assert waits.message == blocker["message"] == said
    with house.unit_of_work(at) as uow:
        assert not explain.explain(uow, "2028/mrp", Texts("en")).waits
