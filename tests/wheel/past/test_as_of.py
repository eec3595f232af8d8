"""How everything stood on a past day: computed from the log, with or without checkpoints, it is what was shown then."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from config.text.texts import Texts
from tests.support.databases import CopyOf
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.actions import snooze
from wheel.audit.journal import Journal
from wheel.database.store import Store
from wheel.database.tables import Decision
from wheel.documents.base import as_json
from wheel.engine.request_and_result import Request
from wheel.engine.unit_of_work import UnitOfWork
from wheel.errors import ArshjulError, NotFound
from wheel.past import checkpoints
from wheel.past.as_of import as_of
from wheel.past.proof import prove
from wheel.past.take_over import take_over
from wheel.reads import cycle_overview, decisions, plans

ENGLISH = Texts("en")
SHOWN = ("2028/mrp", "2028/ramar", "2028/verksamhetsplan/samhallsbyggnadsnamnden", "2029/tidsplan")
Known = dict[str, Any]


class Lived(Wheelhouse):
    """A municipality that has lived through a year, and what was shown at the end of each day with an act."""

    days: dict[str, Known]


def lived(store: Store) -> Lived:
    house = Lived(store)
    with store.writing() as session:
        journal = Journal(session, instant("2026-01-01T00:00"), "admin")
        take_over(session, journal, "people come with acts elsewhere")
        journal.close()
    house.start()
    house.days = {}

    def keep(day: str) -> None:
        house.tick(f"{day}T23:00")
        house.days[day] = shown(house, day)

    keep("2026-11-04")
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    keep("2027-02-24")
    dialogue = "2028/uppdragsdialog/samhallsbyggnadsnamnden"
    house.move_deadline(dialogue, "2027-05-14", "2027-03-10T09:00", state="open", reason="ill")
    house.hold("2028/budgetberedning", "2027-03-10T09:05", with_boards=False, reason="vacant")
    keep("2027-03-10")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.release("2028/budgetberedning", "2027-05-03T09:05", with_boards=False, reason="filled")
    keep("2027-05-03")
    house.walk("2028/mrp", "kf", "2027-06-02T09:00")
    done = house.send_back("2028/mrp", "2027-06-16T19:00", body="kf", reason="too thin", new_date="2027-08-31")
    house.undo(done.log[0], "2027-06-16T19:01")
    keep("2027-06-16")
    house.walk("2028/mrp", "adopted", "2027-06-17T09:05")
    keep("2027-06-17")
    put_off(house, "2028/verksamhetsplan/samhallsbyggnadsnamnden", "2027-10-01", "2027-09-01T09:00")
    keep("2027-09-01")
    house.reopen("2028/mrp", "2027-10-01T09:00", to="kf", reason="wrong sum", new_date="2027-10-20")
    keep("2027-10-01")
    house.open("2029", "2027-11-02T09:00")
    keep("2027-11-02")
    house.withdraw("2029/tidsplan", "2027-11-20T09:00", reason="another order", anyway=True)
    keep("2027-11-20")
    keep("2028-01-10")
    return house


def put_off(house: Wheelhouse, address: str, until: str, at: str) -> None:
    request = Request("admin", instant(at), "moving")
    house.desk.carry_out(request, address, "snooze", snooze.snooze, address, date.fromisoformat(until))


def shown(house: Wheelhouse, day: str) -> Known:
    with house.unit_of_work(f"{day}T23:59") as uow:
        return read(uow)


def read(uow: UnitOfWork) -> Known:
    """The documents of the commands that take --at."""
    found: Known = {
        "plans": as_json(plans.plans(uow)),
        "decisions": as_json(decisions.decisions(uow, ENGLISH)),
        "2028": as_json(cycle_overview.cycle_overview(uow, "2028", "en")),
    }
    for address in SHOWN:
        try:
            found[address] = as_json(plans.show(uow, address, ENGLISH))
        except NotFound:
            found[address] = None
    return found


@contextmanager
def then(house: Wheelhouse, at: str, about: str = "") -> Iterator[UnitOfWork]:
    end = instant(at)
    with as_of(house.store, end, about) as past, past.reading() as session:
        yield UnitOfWork(session, end, "admin", house.mail, lock=False)


def past_of(house: Wheelhouse, day: str) -> Known:
    """The same, computed from the log."""
    found: Known = {}
    for about in ("", *SHOWN):
        with then(house, f"{day}T23:59", about) as uow:
            one = read(uow)
        found = one if not about else {**found, about: one[about]}
    return found


@pytest.fixture
def house(copy_of: CopyOf) -> Lived:
    return copy_of(lived)


def test_each_past_day_is_shown_as_it_was_shown_on_the_day_itself(house: Lived) -> None:
    for day, known in house.days.items():
        assert past_of(house, day) == known, day


def test_checkpoints_change_nothing_of_it(house: Lived, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "EVERY", 60)
    checkpoints.keep_due(house.store)
    with house.store.reading() as session:
        assert len(checkpoints.numbers(session)) > 5
        proof = prove(session)
    assert (proof.differences, proof.wrong_checkpoints) == ((), ())
    for day, known in house.days.items():
        assert past_of(house, day) == known, day


def test_between_two_acts_it_stands_as_after_the_first(house: Lived) -> None:
    with then(house, "2027-04-01T12:00") as uow:
        rows = {row.address: row for row in plans.plans(uow, cycle="2028").plans}
        assert rows["2028/budgetberedning"].held
        moved = uow.plan("2028/uppdragsdialog/samhallsbyggnadsnamnden")
        assert str(moved.last) == "2027-05-14"
    with then(house, "2027-03-10T08:59") as uow:
        assert not uow.plan("2028/budgetberedning").held


def test_a_decision_that_was_taken_back_stood_until_then(house: Lived) -> None:
    def outcomes(at: str) -> list[str]:
        with then(house, at) as uow:
            found = decisions.decisions(uow, ENGLISH, phase="mrp").decisions
            return [row.outcome for row in found]

    assert outcomes("2027-06-16T19:00")[-1] == "sent_back"
    assert "sent_back" not in outcomes("2027-06-16T19:01")


def test_the_past_does_not_change_with_the_tables(house: Lived) -> None:
    with house.store.writing() as session:
        session.execute(update(Decision).values(paragraph="999", outcome="rejected"))
    house.set_plan("2028/mrp", state="underlag", held=True)
    for day, known in house.days.items():
        assert past_of(house, day) == known, day


def test_a_day_before_the_log_says_how_things_stood_is_not_guessed_at(house: Lived) -> None:
    with pytest.raises(NotFound, match="2025-12-31"), then(house, "2025-12-30T00:00"):
        pass


def test_after_any_acts_in_any_order_log_and_tables_agree(copy_of: CopyOf) -> None:
    """The acts are drawn; those that are refused change nothing. Every other test ends with the same comparison."""
    house, draw = copy_of(lived), random.Random(2028)
    at = instant("2028-01-11T08:00")
    acts = 0
    for _ in range(150):
        at += timedelta(hours=draw.randint(1, 60))
        address, when = draw.choice(house.addresses()), f"{at:%Y-%m-%dT%H:%M}"
        verb = draw.choice(("advance", "hold", "release", "withdraw", "reopen", "snooze", "move", "tick", "undo"))
        acts += _try(house, draw, verb, address, when)
    assert acts > 30
    with house.store.reading() as session:
        assert prove(session).differences == ()


def _try(house: Wheelhouse, draw: random.Random, verb: str, address: str, at: str) -> int:
    plan = house.plan(address)
    ways = plan.workflow.steps_from(plan.state) or list(plan.workflow.steps)
    step = draw.choice(ways)
    try:
        if verb == "tick":
            house.tick(at)
        elif verb == "advance":
            body = plan.body(step.by) if step.by and step.decision else None
            house.advance(address, step.verb, at, body=body, reason="drawn", anyway=True)
        elif verb == "move":
            house.move_deadline(address, at[:10], at, reason="drawn")
        elif verb == "undo":
            house.undo(draw.choice(house.log(address))["seq"], at)
        elif verb == "snooze":
            put_off(house, address, "2030-01-01", at)
        elif verb == "reopen":
            house.reopen(address, at, to=plan.workflow.states[0].id, reason="drawn", anyway=True)
        elif verb == "hold":
            house.hold(address, at, with_boards=True, reason="drawn")
        elif verb == "release":
            house.release(address, at, with_boards=True, reason="drawn")
        else:
            house.withdraw(address, at, with_boards=True, reason="drawn", anyway=True)
    except ArshjulError:
        return 0
    return 1
