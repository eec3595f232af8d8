"""What a mail says of a plan, as it stands: how far it has come, and to whom it speaks."""

from email import message_from_bytes, policy

import pytest
from sqlalchemy import update
from sqlmodel import col

from notifications.mail_settings import MailSettings
from notifications.tables import Message, Notice
from tests.support.databases import CopyOf
from tests.support.wheelhouse import BOARDS, Wheelhouse, instant
from wheel.database.store import Store
from wheel.database.tables import Person


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.start()
    house.tick("2027-03-01T07:30", confirmed_by="admin")
    house.tick("2027-03-01T07:40")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def text_to(house: Wheelhouse, person: str) -> str:
    """Of the last mail to that person."""
    [*_, last] = [m for m in house.messages() if m.person_id == person]
    return text_of(last)


def text_of(last: Message) -> str:
    body = message_from_bytes(last.body, policy=policy.default).get_body(("plain",))
    assert body
    said: str = body.get_content()
    return said.replace("\r\n", "\n")


def test_a_plan_without_boards_says_how_far_it_has_come_itself(house: Wheelhouse) -> None:
    assert "Läget: Underlag\n" in text_to(house, "ekonomikontoret-officer")  # of the MRP, whose groundwork begins
    assert "Läget: 0 av 9 nämnder är klara" in text_to(house, "socialnamnden-officer")


def test_after_a_boards_last_step_comes_what_all_boards_are_waited_for(house: Wheelhouse) -> None:
    house.tick("2027-04-01T07:30")
    house.tick("2027-04-01T07:40")
    said = text_to(house, "socialnamnden-officer")
    assert "Att göra: Uppdragsdialogen hålls med nämnden\n" in said
    assert "Sedan: Dialogen har hållits med alla nämnder, senast 31 maj 2027\n" in said


def test_a_function_address_is_not_spoken_to_as_a_person(house: Wheelhouse) -> None:
    house.tick("2027-04-01T07:30")
    assert "Du får mejlet i rollen handläggare för socialnämnden." in text_to(house, "socialnamnden-officer")
    with house.store.writing() as session:
        people = [f"socialnamnden-{role}" for role in ("officer", "secretary")]
        session.execute(update(Person).where(col(Person.id).in_(people)).values(email=""))
    house.tick("2027-05-20T07:30", confirmed_by="admin")
    assert "Mejlet går till funktionsbrevlådan för socialnämnden." in text_to(house, "socialnamnden-function")


def test_a_notice_that_cannot_be_looked_up_fails_alone_and_others_are_told(house: Wheelhouse) -> None:
    dialogue, lost = "2028/uppdragsdialog/socialnamnden", "socialnamnden-officer"
    house.tick("2027-05-19T09:00", confirmed_by="admin")
    house.ticker.process_due(instant("2027-05-20T07:30"))  # planned, and no mail made of it yet
    with house.store.writing() as session:
        session.execute(
            update(Notice).where(col(Notice.person_id) == lost, col(Notice.rule) == "ladder").values(facts={"old": "?"})
        )
    assert house.tick("2027-05-20T07:30").messages > 0
    outcomes = {notice.person_id: notice for notice in house.notices(dialogue, rule="ladder")}
    assert outcomes[lost].outcome == "failed"
    assert (outcomes[lost].because, outcomes[lost].detail[:10]) == ("not_written", "ValueError")
    assert {notice.outcome for person, notice in outcomes.items() if person != lost} == {"planned"}
    assert "admin" in house.told(dialogue, "undelivered")


def test_a_mail_names_the_municipality_and_who_answers(house: Wheelhouse) -> None:
    said = text_to(house, "socialnamnden-officer")
    assert "\nVänersborgs kommun · Årshjul · 2028/namndforslag/socialnamnden" in said
    assert "Stämmer det inte? Kontakta admin.\nFrågor: admin@example.se\n" in said


def test_who_prepares_a_decision_is_not_told_to_decide_it(house: Wheelhouse) -> None:
    said = text_to(house, "ekonomikontoret-officer")
    assert "Att göra: Förbered ärendet för kommunstyrelsen\n" in said
    assert "Kommunstyrelsen fastställer" not in said
    [_, mrp] = said.split("Mål- och resursplan 2028\n")
    assert (
        "Så gör du: Svara på mejlet när det är klart eller registrera det själv: `arshjul advance 2028/mrp submit`"
        in mrp
    )


def test_a_matter_that_came_back_says_from_whom_and_by_which_decision(house: Wheelhouse) -> None:
    house.walk("2028/mrp", "kf", "2027-03-08T09:00")
    house.send_back("2028/mrp", "2027-03-18T09:00", body="kf", date="2027-03-17", paragraph="84", reason="räkna om")
    house.tick("2027-03-18T09:10", confirmed_by="admin")
    said = text_to(house, "ks-officer")
    assert "Återremitterat av: Kommunfullmäktige (KF 2027-03-17 § 84)\n" in said
    assert "Motivering: räkna om\n" in said


def test_an_officials_return_says_from_which_office(house: Wheelhouse) -> None:
    proposal = "2028/namndforslag/socialnamnden"
    house.walk(proposal, "proposal", "2027-03-08T09:00")
    house.send_back(proposal, "2027-03-22T09:00", reason="Siffror saknas", actor="budgetberedningen-secretary")
    house.tick("2027-03-22T09:10", confirmed_by="admin")
    said = text_to(house, "socialnamnden-officer")
    assert "Åter från: Budgetberedningen (22 mars 2027)\n" in said
    assert "återremi" not in said.lower()


def test_a_step_that_comes_by_itself_is_no_task_and_who_is_missing_is_named(house: Wheelhouse) -> None:
    """The whole is complete when every board has reported; eight of nine have."""
    house.adopt_mrp()
    for board in BOARDS:
        if board != "valnamnden":
            house.walk(
                f"2028/verksamhetsplan/{board}", "reported_to_ks" if board != "ks" else "decided", "2027-12-08T09:00"
            )
    house.move_deadline("2028/verksamhetsplan", "2027-12-20", "2027-12-09T09:00", state="open", reason="early")
    house.tick("2027-12-15T07:30", confirmed_by="admin")
    said = next(text for text in map(text_of, house.messages()[::-1]) if "2028/verksamhetsplan\n" in text)
    assert "Att göra: Påminn de nämnder som saknas\n" in said
    assert "Att göra: Alla verksamhetsplaner" not in said
    assert "8 av 9 nämnder är klara. Saknas: Valnämnden\n" in said
    assert "arshjul remind" not in said  # the office may not
    house.tick("2027-12-30T07:30", confirmed_by="admin")
    assert "Så gör du: `arshjul remind 2028/verksamhetsplan`\n" in text_to(house, "admin")


def test_an_office_whose_step_waits_for_another_phase_is_told_for_which(house: Wheelhouse) -> None:
    house.walk("2028/budgetberedning", "started", "2027-05-20T09:00")
    house.tick("2027-06-01T07:30", confirmed_by="admin")
    said = next(text for text in map(text_of, house.messages()[::-1]) if "Budgetberedning 2028" in text)
    assert "Att göra: Se till att ”Uppdragsdialog” blir klart. Sedan tas steget av sig självt.\n" in said
