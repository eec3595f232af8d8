"""An administrator's acts on single mails, and from when on the day somebody is an administrator."""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import insert, update

from notifications.tables import Message
from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse, day, instant
from wheel.actions.mail import mark_bounced, retry_mail, withhold_mail
from wheel.actions.whole_database import refusal_to_restore
from wheel.database.store import Store
from wheel.database.tables import Person, Role
from wheel.engine.request_and_result import Request, Result
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import NotFound, RefusedError
from wheel.mail.hold_all_mail import hold_all, release_all

AT = "2027-05-19T10:00"


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store)
    house.start()
    house.tick("2027-05-19T09:00", confirmed_by="admin")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def do(
    house: Wheelhouse, verb: Callable[..., Result], *args: object, at: str = AT, actor: str = "admin"
) -> Result:  # fmt: skip
    return house.desk.carry_out(Request(actor, instant(at), "they asked for it"), "outbox", "outbox", verb, *args)


def set_status(house: Wheelhouse, **status: Sequence[int | None]) -> None:
    with house.store.writing() as session:
        for name, ids in status.items():
            session.execute(update(Message).where(Message.id.in_(ids)).values(status=name))  # type: ignore[union-attr]


def statuses(house: Wheelhouse, count: int) -> list[str]:
    return [message.status for message in house.messages()[:count]]


def test_a_mail_is_named_by_its_number_or_its_message_id_and_changed_once(house: Wheelhouse) -> None:
    first, second, *_ = house.messages()
    done = do(house, withhold_mail, [str(first.id), first.message_id, second.message_id])
    assert (done.address, done.more) == ("outbox", {"changed": 2})
    assert statuses(house, 3) == ["withheld", "withheld", "pending"]
    assert do(house, retry_mail, [str(second.id)]).more == {"changed": 1}
    assert statuses(house, 3) == ["withheld", "pending", "pending"]
    for verb in (withhold_mail, retry_mail):
        with house.unchanged(), pytest.raises(NotFound, match="The mail 4711 does not exist"):
            do(house, verb, [str(second.id), "4711"])


def test_only_a_mail_that_was_sent_can_have_bounced_and_then_others_are_told(house: Wheelhouse) -> None:
    ids = [message.id for message in house.messages()[1:]]  # the first is the only administrator's
    set_status(house, sent=ids[:1], failed=ids[1:2], withheld=ids[3:4])
    assert house.notices(rule="undelivered") == []
    with house.refused("unsent") as reasons:
        do(house, mark_bounced, [str(id) for id in ids[:4]], "no such user")
    assert reasons[0].facts == {"mails": [str(ids[2]), str(ids[3])]}
    assert do(house, mark_bounced, [str(id) for id in ids[:2]], "no such user").more == {"changed": 1}
    assert [(message.status, message.error) for message in house.messages()[1:3]] == [
        ("failed", "bounced: no such user"), ("failed", ""),
    ]  # fmt: skip
    assert house.notices(rule="undelivered")


def new_administrator(house: Wheelhouse) -> str:
    """Somebody who is an administrator from 20 May on."""
    with house.store.writing() as session:
        session.execute(insert(Person).values(id="new", name="new", email="new@example.se"))
        session.execute(insert(Role).values(person_id="new", role="administrator", valid_from=day("2027-05-20")))
    return "new"


@pytest.mark.parametrize(("at", "may"), [("2027-05-19T23:59", False), ("2027-05-20T00:00", True)])
def test_a_role_that_concerns_no_cycle_begins_at_the_municipalitys_midnight_too(
    house: Wheelhouse, at: str, may: bool
) -> None:
    new = new_administrator(house)
    mail = [str(house.messages()[0].id)]
    for verb, *args in ((withhold_mail, mail), (hold_all,), (release_all,)):
        if may:
            do(house, verb, *args, at=at, actor=new)
        else:
            with pytest.raises(RefusedError):
                do(house, verb, *args, at=at, actor=new)
    with house.store.reading() as session:
        assert (refusal_to_restore(UnitOfWork(session, instant(at), new, house.mail, lock=False)) is None) is may
    if may:
        house.tick(at, confirmed_by=new)
    else:
        with house.unchanged(), pytest.raises(RefusedError):
            house.tick(at, confirmed_by=new)


def test_who_may_restore_a_backup_is_decided_by_the_people_of_the_database(house: Wheelhouse, store: Store) -> None:
    def refusal(of: Store, actor: str) -> object:
        with of.reading() as session:
            return refusal_to_restore(UnitOfWork(session, instant(AT), actor, house.mail, lock=False))

    assert refusal(house.store, "admin") is None
    assert isinstance(refusal(house.store, "nobody"), NotFound)
    refused = refusal(house.store, "reader")
    assert isinstance(refused, RefusedError)
    assert [reason.rule for reason in refused.reasons] == ["role"]
    assert refusal(store, "nobody") is None  # no people, no right to ask for
