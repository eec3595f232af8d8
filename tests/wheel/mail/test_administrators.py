"""The administrators: what their weekly mail says, and one of them without an address."""

from datetime import date
from email import message_from_bytes, policy
from html import escape

import pytest
from sqlalchemy import insert, update
from sqlmodel import col

from config.text.texts import Texts
from notifications.mail_settings import MailSettings
from tests.support.databases import CopyOf
from tests.support.installed import Arshjul, at
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.database.store import Store
from wheel.database.tables import Home, Meeting, Person, Role
from wheel.drawing.files import png
from wheel.drawing.picture import wheel_picture
from wheel.mail import contents
from wheel.mail.year_report import year_report
from wheel.reads import status

PLAN = "2028/uppdragsdialog/socialnamnden"


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.start()
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    house.tick("2027-05-21T09:00", confirmed_by="admin")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def two_of_whom_one_has_no_address(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Person).where(col(Person.id) == "admin").values(email=""))
        session.execute(insert(Person).values(id="second", name="second", email="second@example.se"))
        session.execute(insert(Role).values(person_id="second", role="administrator"))


def test_the_weekly_mail_says_who_is_late_what_comes_how_far_the_boards_are_and_then_the_logs_head(
    house: Wheelhouse,
) -> None:
    house.walk(PLAN, "held", "2027-05-22T09:00")
    house.tick("2027-05-24T07:30")
    mine = [m for m in house.messages() if m.person_id == "admin"][-1]
    body = message_from_bytes(mine.body, policy=policy.default).get_body(("plain",))
    assert body is not None
    text = str(body.get_content()).replace("\r\n", "\n")
    late, soon, boards, head = (
        text.index(label) for label in ("Försenat:", "Inom två veckor:", "Nämnderna:", "Loggens")
    )
    assert late < soon < boards < head
    assert "31 mars 2027: Socialnämndens förslag till förväntade resultat 2028 (Socialnämnden)" in text[late:soon]
    assert "31 maj 2027: Mål- och resursplan 2028 (Ekonomikontoret)" in text[soon:boards]
    assert "Uppdragsdialog 2028: 1 av 8 nämnder är klara. Saknas: " in text[boards:head]
    assert text.count("Du får mejlet i rollen administratör.") == 1


def test_the_weekly_mail_shows_the_wheel_and_says_in_words_what_it_shows(house: Wheelhouse) -> None:
    house.tick("2027-05-24T07:30")
    mine = [m for m in house.messages() if m.person_id == "admin"][-1]
    message = message_from_bytes(mine.body, policy=policy.default)
    [image] = [part for part in message.walk() if part.get_content_type() == "image/png"]
    with house.unit_of_work("2027-05-24T07:30") as uow:
        picture = wheel_picture(uow, 2027, "sv")
    assert image.get_payload(decode=True) == png(picture, "mini")
    html = message.get_body(("related", "html"))
    assert html is not None
    shown = next(part for part in html.walk() if part.get_content_type() == "text/html").get_content()
    assert f"cid:{image['Content-ID'][1:-1]}" in shown
    assert escape(picture.description) in shown
    others = [m for m in house.messages() if m.person_id != "admin"]
    assert others
    assert not any(b"image/png" in m.body for m in others)


def test_the_weekly_mail_leaves_without_a_wheel_that_cannot_be_drawn(
    house: Wheelhouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object) -> bytes:
        raise ValueError("no such font")

    monkeypatch.setattr(contents, "png", breaks)
    house.tick("2027-05-24T07:30")
    mine = [m for m in house.messages() if m.person_id == "admin"][-1]
    assert b"image/png" not in mine.body
    assert "Loggens" in str(message_from_bytes(mine.body, policy=policy.default).get_body(("plain",)))
    assert "no such font" in caplog.text


def test_the_weekly_mail_counts_a_decision_by_the_last_meeting_before_its_deadline(store: Store) -> None:
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.start()
    with store.writing() as session:
        session.add_all(Meeting(body="ks", day=day) for day in (date(2027, 3, 24), date(2027, 4, 21)))
    house.walk("2028/ramar", "draft", "2027-03-12T09:00")
    with house.unit_of_work("2027-03-15T07:30") as uow:
        said = dict(year_report(uow, Texts("sv")))["Inom två veckor"]
    assert "24 mars 2027 (sista sammanträdet före 31 mars 2027): Anvisningar och ekonomiska ramar 2028" in said


def test_lost_mails_of_one_without_an_address_are_no_alarm_for_each_plan(house: Wheelhouse) -> None:
    two_of_whom_one_has_no_address(house)
    for day in ("2027-06-01", "2027-06-03", "2027-06-09"):
        house.tick(f"{day}T07:30")
    told = {notice.person_id for notice in house.notices(PLAN, rule="ladder", offset=7)}
    assert "second" in told
    assert "admin" not in told
    assert house.notices(PLAN, rule="undelivered") == []


@pytest.mark.parametrize("practice", [True, False])
def test_the_status_names_an_administrator_without_an_address(house: Wheelhouse, practice: bool) -> None:
    two_of_whom_one_has_no_address(house)
    with house.store.writing() as session:
        session.execute(update(Home).values(practice=practice))
    with house.store.reading() as session:
        found = status.status(session, house.mail, instant("2027-05-21T09:01"), Texts("en"))
    said = found.remarks if practice else found.problems
    assert [each.message for each in said if each.code == "administrator_unreached"] == [
        "Administrators without a mail address get no mail: admin."
    ]
    assert found.well is practice


def test_init_and_check_name_one_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = Arshjul(tmp_path_factory.mktemp("admin") / "home")
    made = home.done("init", "--practice", now=at("2026-11-02"))
    assert "admin har ingen mejladress" in made["message"]
    assert "administrator_unreached" in {each["name"] for each in home.done("check", now=at("2026-11-02"))["findings"]}
    home.done("people", "change", "admin", "--email", "a@example.se", "--actor", "admin", now=at("2026-11-02"))
    assert "administrator_unreached" not in {
        each["name"] for each in home.done("check", now=at("2026-11-02"))["findings"]
    }
    other = Arshjul(tmp_path_factory.mktemp("admin") / "home")
    assert "message" not in other.done("init", "--practice", "--email", "a@example.se", now=at("2026-11-02"))
