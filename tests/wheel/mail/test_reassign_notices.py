"""Mail follows the role: to the substitute, to the successor, and never to who has left; and what reaches nobody is
said before."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from config.text.texts import Texts
from notifications.mail_settings import MailSettings
from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.actions import people
from wheel.database.store import Store
from wheel.database.tables import Person, Role
from wheel.engine.request_and_result import Request
from wheel.errors import Usage
from wheel.reads import status

SN = "socialnamnden"
DIALOGUE = f"2028/uppdragsdialog/{SN}"
OFFICER, FUNCTION, SECRETARY = f"{SN}-officer", f"{SN}-function", f"{SN}-secretary"
AT = "2027-05-19T09:00"


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store, MailSettings(sender="arshjul@example.se"))
    house.start()
    house.tick(AT, confirmed_by="admin")
    for id in ("eva", "nils"):
        do(house, lambda w, a, id=id: people.add(w, a, house.definition, id, id, f"{id}@example.se", "sv", None))
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def do(house: Wheelhouse, verb: Any, at: str = AT) -> None:
    request = Request("admin", instant(at))
    house.desk.carry_out(request, "people", "people", verb)


def give(house: Wheelhouse, person: str, role: str = "officer", at: str = AT, **more: Any) -> None:
    holding = people.RoleGrant(role, SN, **more)
    do(house, lambda w, a: people.give(w, a, house.definition, person, holding), at)


def end(house: Wheelhouse, person: str, last: str, at: str = AT) -> None:
    do(house, lambda w, a: people.end(w, a, house.definition, person, None, None, date.fromisoformat(last)), at)


def mailed(house: Wheelhouse, day: str) -> set[str]:
    """Who had a mail about the dialogue that day."""
    made = {message.id for message in house.messages() if message.day.isoformat() == day}
    return {notice.person_id for notice in house.notices(DIALOGUE) if notice.message_id in made}


# --- substitutes


def test_for_a_time_the_substitute_is_told_and_the_one_replaced_is_not(house: Wheelhouse) -> None:
    give(house, "eva", valid_from=date(2027, 5, 20), valid_to=date(2027, 5, 26), instead_of=OFFICER)
    house.tick("2027-05-20T07:30")
    assert mailed(house, "2027-05-20") == {SECRETARY, "eva"}
    house.tick("2027-05-26T07:30")
    assert mailed(house, "2027-05-26") == {SECRETARY, "eva"}
    house.tick("2027-05-28T07:30")
    assert mailed(house, "2027-05-28") == {SECRETARY, OFFICER}


def test_a_substitute_acts_in_their_own_name(house: Wheelhouse) -> None:
    give(house, "eva", valid_from=date(2027, 5, 20), valid_to=date(2027, 5, 26), instead_of=OFFICER)
    with house.refused("role"):
        house.advance(DIALOGUE, "hold", "2027-05-19T10:00", actor="eva")
    house.advance(DIALOGUE, "hold", "2027-05-20T10:00", actor="eva")
    assert house.log(DIALOGUE, "plan.advanced")[-1]["actor"] == "eva"
    given = house.log("eva", "role.given")[-1]["data"]
    assert (given["instead_of"], given["valid_to"]) == (OFFICER, "2027-05-26")


def test_a_substitution_has_an_end_and_two_people(house: Wheelhouse) -> None:
    with pytest.raises(Usage):
        give(house, "eva", instead_of=OFFICER)
    with pytest.raises(Usage):
        give(house, OFFICER, instead_of=OFFICER, valid_to=date(2027, 6, 1))


def test_two_are_not_substitutes_for_each_other(house: Wheelhouse) -> None:
    days: dict[str, Any] = {"valid_from": date(2027, 5, 20), "valid_to": date(2027, 5, 26)}
    give(house, "eva", **days, instead_of=OFFICER)
    with house.unchanged(), pytest.raises(Usage, match="is the substitute of"):
        give(house, OFFICER, valid_from=date(2027, 5, 26), valid_to=date(2027, 6, 30), instead_of="eva")
    give(house, "nils", **days, instead_of="eva")  # who is away too
    house.tick("2027-05-20T07:30")
    assert mailed(house, "2027-05-20") == {SECRETARY, "nils"}
    give(house, "eva", valid_from=date(2027, 6, 1), valid_to=date(2027, 6, 30))
    give(house, OFFICER, valid_from=date(2027, 6, 1), valid_to=date(2027, 6, 30), instead_of="eva")  # afterwards


def test_three_are_not_substitutes_in_a_ring(house: Wheelhouse) -> None:
    days: dict[str, Any] = {"valid_from": date(2027, 5, 20), "valid_to": date(2027, 5, 26)}
    give(house, "eva", **days, instead_of=OFFICER)
    give(house, "nils", **days, instead_of="eva")
    with house.unchanged(), pytest.raises(Usage, match="is the substitute of"):
        give(house, OFFICER, valid_from=date(2027, 5, 26), valid_to=date(2027, 6, 30), instead_of="nils")


def test_the_last_administrator_does_not_leave_after_one_who_goes_in_august(house: Wheelhouse) -> None:
    until_august = people.RoleGrant("administrator", "", valid_to=date(2027, 8, 31))
    do(house, lambda w, a: people.give(w, a, house.definition, "eva", until_august))
    with house.refused("people"):
        end(house, "admin", "2027-05-31")
    do(house, lambda w, a: people.give(w, a, house.definition, "nils", people.RoleGrant("administrator", "")))
    end(house, "admin", "2027-05-31")


def test_only_who_has_a_role_there_then_has_a_substitute(house: Wheelhouse) -> None:
    for other in ("ks-officer", "nils"):
        with house.unchanged(), pytest.raises(Usage, match="no role there"):
            give(house, "eva", valid_to=date(2027, 5, 26), instead_of=other)
    end(house, OFFICER, "2027-05-19")
    with house.unchanged(), pytest.raises(Usage, match="no role there"):
        give(house, "eva", valid_from=date(2027, 5, 20), valid_to=date(2027, 5, 26), instead_of=OFFICER)
    give(house, "eva", valid_from=date(2027, 5, 19), valid_to=date(2027, 5, 26), instead_of=OFFICER)


def test_a_substitute_who_comes_between_planning_and_mail_gets_it(house: Wheelhouse) -> None:
    house.ticker.process_due(instant("2027-05-20T07:30"))
    give(house, "eva", at="2027-05-20T07:31", valid_to=date(2027, 5, 26), instead_of=OFFICER)
    house.tick("2027-05-20T07:32")
    assert mailed(house, "2027-05-20") == {SECRETARY, "eva"}


# --- successors


def test_what_waits_for_one_who_has_left_goes_to_the_successor_and_says_so(house: Wheelhouse) -> None:
    house.move_deadline(DIALOGUE, "2027-06-15", "2027-05-19T23:55", reason="ill")  # mailed ten minutes later
    end(house, OFFICER, "2027-05-19", "2027-05-19T23:56")
    give(house, "nils", at="2027-05-19T23:57", valid_from=date(2027, 5, 20))
    house.tick("2027-05-20T00:06")
    assert mailed(house, "2027-05-20") == {SECRETARY, "nils"}
    [left] = house.notices(DIALOGUE, rule="moved", person_id=OFFICER)
    assert (left.outcome, left.because, left.detail) == (
        "superseded",
        "role_passed_on",
        f"nils, {SECRETARY}",
    )
    planned = [e["data"] for e in house.log(DIALOGUE, "notice.planned") if e["data"].get("instead_of")]
    assert {data["rule"]: data["instead_of"] for data in planned}["moved"] == OFFICER
    assert [e for e in house.log(DIALOGUE, "notice.superseded") if e["data"].get("notice") == left.key]


def test_what_is_mailed_already_is_not_mailed_to_the_successor_again(house: Wheelhouse) -> None:
    house.tick("2027-05-20T07:30")
    end(house, OFFICER, "2027-05-20", "2027-05-20T08:00")
    give(house, "nils", at="2027-05-20T08:01")
    before = len(house.messages())
    house.tick("2027-05-20T08:30")
    assert len(house.messages()) == before


# --- one address


def test_persons_with_one_address_get_one_mail_a_day_whatever_they_are(house: Wheelhouse) -> None:
    same = {"email": f"{SN}@Example.se"}
    for person in (OFFICER, "byggnadsnamnden-officer"):
        do(house, lambda w, a, person=person: people.change(w, a, house.definition, person, same))
    house.tick("2027-05-20T07:30")
    today = [message for message in house.messages() if message.day == date(2027, 5, 20)]
    [one] = [message for message in today if message.to.casefold() == f"{SN}@example.se"]
    about = [notice.key.partition(":")[0] for notice in house.notices() if notice.message_id == one.id]
    assert sorted(about) == ["2028/uppdragsdialog/byggnadsnamnden", DIALOGUE]


def test_a_shared_address_goes_on_with_those_who_stay(house: Wheelhouse) -> None:
    do(house, lambda w, a: people.change(w, a, house.definition, OFFICER, {"email": f"{SN}@example.se"}))
    end(house, FUNCTION, "2027-05-19")
    house.tick("2027-05-20T07:30")
    assert OFFICER in mailed(house, "2027-05-20")
    assert FUNCTION not in mailed(house, "2027-05-20")


def test_why_an_address_is_none_is_said_in_the_readers_language(house: Wheelhouse) -> None:
    with pytest.raises(Usage) as refused:
        do(house, lambda w, a: people.change(w, a, house.definition, OFFICER, {"email": "nonsense"}))
    assert Texts("sv")(refused.value.message, **refused.value.facts) == (
        "Det går inte att mejla till nonsense: adressen har inget @ med något på båda sidor."
    )


# --- nobody


def warnings(house: Wheelhouse, at: str) -> list[str]:
    return [warning["message"] for warning in house.show(DIALOGUE, at)["warnings"]]


def problems(house: Wheelhouse, at: str) -> dict[str, str]:
    with house.store.reading() as session:
        found = status.status(session, house.mail, instant(at), Texts("en")).problems
    return {problem.code: problem.message for problem in found}


def test_before_a_reminder_reaches_the_administrators_alone_the_plan_and_the_status_say_so(house: Wheelhouse) -> None:
    assert warnings(house, AT) == []
    assert "nobody_reached" not in problems(house, AT)
    for person in (OFFICER, FUNCTION, SECRETARY):
        end(house, person, "2027-05-19")
    [said] = warnings(house, AT)
    assert said.startswith("The reminder on 20 May 2027 would reach only the administrators")
    assert DIALOGUE in problems(house, AT)["nobody_reached"]
    house.tick("2027-05-20T07:30")
    assert mailed(house, "2027-05-20") == {"admin"}


def test_that_the_overview_of_what_is_overdue_reaches_the_administrators_alone_is_said_too(house: Wheelhouse) -> None:
    house.tick("2027-06-15T07:30", confirmed_by="admin")  # the ladder has come to its end
    for person in (OFFICER, FUNCTION, SECRETARY):
        end(house, person, "2027-06-20")
    [said] = warnings(house, "2027-06-16T08:00")
    assert said.startswith("The reminder on 21 June 2027 would reach only the administrators")
    assert DIALOGUE in problems(house, "2027-06-16T08:00")["nobody_reached"]


def test_a_role_that_ends_before_any_coming_reminder_is_seen_at_once(house: Wheelhouse) -> None:
    for person in (FUNCTION, SECRETARY):
        end(house, person, "2027-05-19")
    assert warnings(house, AT) == []
    end(house, OFFICER, "2027-05-25")
    [said] = warnings(house, AT)  # the next one, on the 20th, still reaches the officer
    assert said.startswith("The reminder on 26 May 2027 would reach only the administrators")
    assert "nobody_reached" not in problems(house, "2027-05-12T07:29")  # two weeks before it the status says so too
    assert DIALOGUE in problems(house, "2027-05-12T07:30")["nobody_reached"]


def test_nobody_with_an_address_is_nobody(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.execute(update(Person).where(col(Person.id).in_([OFFICER, FUNCTION, SECRETARY])).values(email=""))
    [said] = warnings(house, AT)
    assert "would reach nobody" in said


def test_the_status_says_three_months_before_that_there_will_be_no_administrator(house: Wheelhouse) -> None:
    assert "no_administrator" not in problems(house, AT)
    with house.store.writing() as session:
        session.execute(update(Role).where(col(Role.person_id) == "admin").values(valid_to=date(2027, 8, 31)))
    assert "no_administrator" not in problems(house, "2027-06-02T09:00")
    assert "1 September 2027" in problems(house, "2027-06-04T09:00")["no_administrator"]
