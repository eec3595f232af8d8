"""All boards of a phase are reminded in one act: seen before, asked twice, one mail each."""

from collections import Counter

import pytest

from notifications.mail_settings import MailSettings
from tests.support.databases import CopyOf
from tests.support.wheelhouse import DIALOGUES, Wheelhouse, rules_of
from wheel.database.store import Store
from wheel.errors import Usage

WHOLE = "2028/uppdragsdialog"
SN = f"{WHOLE}/socialnamnden"
AT = "2027-04-12T09:00"


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"), roles=("function", "officer", "secretary"))
    house.start()
    house.tick("2027-04-12T08:00", confirmed_by="admin")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def test_many_are_reminded_only_when_that_is_meant(house: Wheelhouse) -> None:
    with house.unchanged(), pytest.raises(Usage) as error:
        house.remind(WHOLE, AT)
    assert error.value.facts == {"people": 16, "plans": 8}
    done = house.remind(WHOLE, AT, sure=True, reason="the budget waits")
    assert done.more == {"reminded": [f"{WHOLE}/{board}" for board in DIALOGUES]}
    assert {len(house.notices(f"{WHOLE}/{board}", rule="manual")) for board in DIALOGUES} == {2}


def test_a_dry_run_says_exactly_which_mails_they_would_be(house: Wheelhouse) -> None:
    with house.unchanged():
        seen = house.remind(WHOLE, AT, dry_run=True).more["mails"]
    before = len(house.messages())
    house.remind(WHOLE, AT, sure=True)
    house.tick("2027-04-12T09:10")
    mails = [(m.person_id, m.to, m.subject) for m in house.messages()[before:]]
    assert sorted((m["person"], m["to"], m["subject"]) for m in seen) == sorted(mails)
    assert set(Counter(person for person, _, _ in mails).values()) == {1}
    assert len(seen) == 16


def test_those_that_are_ready_held_or_reminded_lately_are_left_out_and_named(house: Wheelhouse) -> None:
    house.walk(SN, "held", "2027-04-12T08:30")
    house.hold(f"{WHOLE}/ks", "2027-04-12T08:30", reason="r")
    house.remind(f"{WHOLE}/byggnadsnamnden", "2027-04-12T08:45")
    done = house.remind(WHOLE, AT, sure=True)
    assert set(done.more["reminded"]).isdisjoint({SN, f"{WHOLE}/ks", f"{WHOLE}/byggnadsnamnden"})
    assert sorted(rules_of(done)) == ["held", "reminded"]
    with house.refused("held", "reminded"):
        house.remind(WHOLE, "2027-04-12T10:00", sure=True)
    again = house.remind(WHOLE, "2027-04-12T10:00", sure=True, anyway=True, reason="it burns")
    assert len(again.more["reminded"]) == 6


def test_one_plan_is_shown_before_too(house: Wheelhouse) -> None:
    with house.unchanged():
        mails = house.remind(SN, AT, dry_run=True).more["mails"]
    assert {mail["subject"] for mail in mails} == {"Om 49 dagar (31 maj): Socialnämndens uppdragsdialog 2028"}
    assert [mail["person"] for mail in mails] == [f"socialnamnden-{r}" for r in ("officer", "secretary")]
