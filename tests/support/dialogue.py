"""A wheelhouse whose dialogues are open until 31 May 2027, and what delivers and counts its mail."""

import threading
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import update

from notifications.delivery.transport import TransportError
from notifications.tables import Message, Notice
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.clocks import fixed_clock
from wheel.database.store import Store
from wheel.database.tables import Home
from wheel.mail.deliver import Delivery, DeliveryResult, deliver

SN = "socialnamnden"
DIALOGUE = f"2028/uppdragsdialog/{SN}"
OFFICER = f"{SN}-officer"


class Carrier:
    """A transport that one can read; `refuse` says what becomes of a mail to that address."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.refuse: Callable[[str], TransportError | None] = lambda rcpt: None

    def send(self, message: bytes, mail_from: str, rcpt: str, before_data: Callable[[], None]) -> None:
        if error := self.refuse(rcpt):
            raise error
        self.taken.append((rcpt, message))

    def close(self) -> None:
        pass


def with_open_dialogues(store: Store) -> Wheelhouse:
    house = Wheelhouse(store)
    house.start()
    house.tick("2027-05-19T09:00", confirmed_by="admin")  # the dialogues are open until 31 May
    with store.writing() as session:
        session.execute(update(Message).values(status="sent"))
        session.execute(update(Notice).where(Notice.message_id.is_not(None)).values(outcome="sent"))  # type: ignore[union-attr]
    return house


def send(house: Wheelhouse, at: str, carrier: Carrier) -> DeliveryResult:
    delivery = Delivery(house.store, house.mail, fixed_clock(instant(at)), lambda: carrier, node="test")
    return deliver(delivery, threading.Event())


def to(house: Wheelhouse, person: str) -> list[Message]:
    return [message for message in house.messages() if message.person_id == person]


def silent_until(house: Wheelhouse, at: str) -> None:
    """Mail is held back by hand all the time, and ticks go on; then somebody lets it go. Without the week's overview,
    which says the same."""
    house.ticker.mail = replace(house.mail, overview=False)
    with house.store.writing() as session:
        session.execute(update(Home).values(mail_hold="restored"))
    for tick in ("2027-06-01T07:30", "2027-06-03T07:30", "2027-06-09T07:30"):  # 1, 3 and 7 working days after the last
        house.tick(tick)
    house.tick(at, confirmed_by="admin")
