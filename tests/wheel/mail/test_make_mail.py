"""What the tick does beside waking plans: the week's witness, the brake, and alarms looked at anew."""

from collections import Counter
from dataclasses import replace
from datetime import time
from email import message_from_bytes, policy
from itertools import pairwise

import pytest
from sqlalchemy import Connection, event, func, select, text, update
from sqlmodel import col

from notifications.content.render import Rendered
from notifications.mail_settings import MailSettings
from tests.notifications.test_render import well_formed
from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.audit import journal
from wheel.database.store import Store
from wheel.database.tables import Message, Person, PlanRow, Role
from wheel.mail.make_mail import SOME
from wheel.tick.tick import Ticker

DIALOGUE = "2028/uppdragsdialog/socialnamnden"
HOSTILE = (
    "x\r\nBcc: all@elsewhere.example", "=?utf-8?q?=0D=0ABcc=3A_all?=", '"a" <b@elsewhere.example>, c@elsewhere.example',
    "Å" * 1000, "</td><script>alert(1)</script>{{ 7 * 7 }}{n}", "\u202egnp.exe",
)  # fmt: skip


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se", reply_to="ekonomi@example.se"))
    house.start()
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def mails_to(house: Wheelhouse, person: str) -> list[tuple[str, str, str]]:
    """Day, subject and text of each mail."""
    with house.store.reading() as session:
        mine = select(Message).where(col(Message.person_id) == person).order_by(col(Message.id))
        found = []
        for row in session.execute(mine).scalars():
            part = message_from_bytes(row.body, policy=policy.default).get_body(("plain",))
            assert part is not None
            found.append((row.day.isoformat(), row.subject, part.get_content()))
        return found


def test_once_a_week_the_administrators_mailbox_gets_the_logs_head(house: Wheelhouse) -> None:
    house.tick("2026-11-06T09:00")  # a Friday; that week's has been mailed now, at the latest
    earlier = len(mails_to(house, "admin"))
    with house.store.reading() as session:
        head = journal.head(session)
    for at in ("2026-11-08T09:00", "2026-11-09T07:29", "2026-11-09T07:31", "2026-11-09T07:32", "2026-11-12T09:00"):
        house.tick(at)
    (day, subject, text), *more = mails_to(house, "admin")[earlier:]
    assert (day, subject, more) == ("2026-11-09", "Året vecka 46", [])
    kept = next(word for word in text.split() if word.count(":") == 1 and len(word.partition(":")[2]) == 64)
    with house.store.reading() as session:
        assert journal.verify(session, against=kept).ok
    assert int(kept.partition(":")[0]) >= int(head.partition(":")[0])


def test_in_a_week_that_begins_with_days_off_it_comes_on_the_first_working_day(house: Wheelhouse) -> None:
    house.tick("2027-03-26T07:00")  # Good Friday; Easter Monday is the 29th
    for at in ("2027-03-29T08:00", "2027-03-30T08:00", "2027-03-31T08:00"):
        house.tick(at)
    assert [day for day, subject, _ in mails_to(house, "admin") if "Året" in subject] == ["2027-03-30"]


def test_after_an_outage_of_weeks_one_head_is_mailed_and_not_several(house: Wheelhouse) -> None:
    house.tick("2026-11-06T09:00")
    earlier = len(mails_to(house, "admin"))
    house.tick("2026-12-01T08:00")
    assert [subject for _, subject, _ in mails_to(house, "admin")[earlier:]] == ["Året vecka 49"]


def test_another_sending_hour_moves_the_alarms_that_were_set(house: Wheelhouse) -> None:
    house.tick("2027-01-04T08:00")
    # 30 working days before 31 March, Easter among them
    assert house.row("2028/ramar").wake_at == instant("2027-02-15T07:30")
    later = Ticker(house.store, replace(house.mail, send_hour=time(9, 0)), lambda: house.definition)
    later.tick(instant("2027-01-04T09:30"))
    later.tick(instant("2027-01-04T09:31"))
    assert house.row("2028/ramar").wake_at == instant("2027-02-15T09:00")
    assert [entry["subject"] for entry in house.log(action="agenda.recomputed")] == ["home"]


def test_other_rules_of_the_zone_move_the_alarms_that_were_set(house: Wheelhouse) -> None:
    house.tick("2027-01-04T08:00")
    with house.store.writing() as session:
        session.execute(
            update(PlanRow).where(col(PlanRow.address) == "2028/ramar").values(wake_at=instant("2027-02-15T08:30"))
        )
        session.execute(text("UPDATE home SET agenda_basis = replace(agenda_basis, 'Stockholm=', 'Stockholm=f')"))
    for minute in (1, 2):
        house.tick(f"2027-01-04T08:0{minute}")
    assert house.row("2028/ramar").wake_at == instant("2027-02-15T07:30")  # in Sweden: 06:30 in UTC
    assert [entry["subject"] for entry in house.log(action="agenda.recomputed")] == ["home"]


def in_may(store: Store) -> Wheelhouse:
    """All that came before has been told."""
    house = begun(store)
    house.tick("2027-05-19T09:00", confirmed_by="admin")
    return house


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_that_an_administrator_can_type_gets_out_of_its_place(copy_of: CopyOf, name: str) -> None:
    """As a person's name, as a reason, and as what the office is called."""
    house = copy_of(in_may)
    own = replace(house.mail, sender_name=name, office=name)
    with house.store.writing() as session:
        session.execute(update(Person).values(name=name))
    house.move_deadline(DIALOGUE, "2027-06-15", "2027-05-20T10:00", reason=name)
    before = len(house.messages())
    ticker = Ticker(house.store, own, lambda: house.definition)
    ticker.tick(instant("2027-05-21T07:30"))
    made = house.messages()[before:]
    assert len(made) >= 3
    for row in made:
        well_formed(Rendered(row.to, row.subject, row.body))
        message = message_from_bytes(row.body, policy=policy.default)
        assert [a.addr_spec for a in message["To"].addresses] == [row.to]
        assert [a.addr_spec for a in message["From"].addresses] == [own.sender]
        assert message["Bcc"] is None


def test_who_prepares_what_another_body_decides_is_told_in_that_role(house: Wheelhouse) -> None:
    house.tick("2027-02-12T09:00", confirmed_by="admin")
    house.tick("2027-02-15T07:30")  # 30 working days before the frames are to be decided by KS
    _, _, text = mails_to(house, "ekonomikontoret-officer")[-1]
    assert "Du får mejlet i rollen handläggare för ekonomikontoret." in text


def test_much_mail_is_made_in_short_turns_and_nobody_gets_two(store: Store) -> None:
    house = Wheelhouse(store, roles=("function",))
    officers = [f"officer-{number}" for number in range(SOME + SOME // 5)]  # two turns
    with store.writing() as session:
        session.add_all(Person(id=id, name=id, email=f"{id}@example.se") for id in officers)
        session.flush()
        session.add_all(Role(person_id=id, role="officer", body="socialnamnden") for id in officers)
    house.start()
    kept: list[int] = []

    @event.listens_for(store.engine, "commit")
    def commit(connection: Connection) -> None:
        kept.append(connection.execute(select(func.count(col(Message.id)))).scalar_one())

    ticked = house.tick("2027-03-08T09:00", confirmed_by="admin")
    event.remove(store.engine, "commit", commit)
    assert ticked.messages > len(officers)
    assert max(later - earlier for earlier, later in pairwise(kept)) <= SOME
    assert set(Counter((message.person_id, message.day) for message in house.messages()).values()) == {1}
    assert house.tick("2027-03-08T09:01").messages == 0
