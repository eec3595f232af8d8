"""The one table of preconditions, walked completely: each verb of a plan under each condition."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from tests.support.databases import CopyOf, changed_by_hand
from tests.support.wheelhouse import Wheelhouse, instant
from wheel.actions.snooze import snooze
from wheel.database.store import Store
from wheel.database.tables import PlanRow
from wheel.engine.request_and_result import Request
from wheel.engine.verb_preconditions import PRECONDITIONS
from wheel.errors import Conflict, RefusedError

MRP, TIMETABLE = "2028/mrp", "2028/tidsplan"
DIALOGUE = "2028/uppdragsdialog/socialnamnden"
AT = "2027-06-16T19:00"

# The rule that refuses the verb under that condition; None: the condition does not hinder it.
DRAFT = {"advance": "R1", "decide": "R1", "send-back": "R1", "postpone": "R1", "reopen": "R1", "undo": "R1"}
HELD = {
    "advance": "held", "decide": "held", "send-back": "held", "postpone": "held", "reopen": "held", "undo": "held",
    "hold": "held", "remind": "held",
}  # fmt: skip
ALONG = ("advance", "decide", "send-back", "postpone")
BESIDE = ("move-deadline", "hold", "withdraw", "snooze", "remind")
WITHDRAWN = dict.fromkeys(ALONG, "withdrawn") | dict.fromkeys(BESIDE, "state")
NOT_CONCERNED = dict.fromkeys(ALONG, "not_concerned") | dict.fromkeys(BESIDE, "state")
# What really happened before the introduction can be added; nothing is owed any more.
ENDED_BEFORE = dict.fromkeys(BESIDE, "state")
VERBS = (
    *ALONG,
    "reopen",
    "undo",
    "correct",
    "move-deadline",
    "hold",
    "release",
    "snooze",
    "withdraw",
    "remind",
    "unflag",
)

CONDITIONS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "draft": (DRAFT, {}),
    "held": (HELD, {"held": True}),
    "withdrawn": (WITHDRAWN, {"mark": "withdrawn"}),
    "not_concerned": (NOT_CONCERNED, {"mark": "not_concerned"}),
    "before_introduction": (ENDED_BEFORE, {"mark": "before_introduction"}),
}


def begun(store: Store) -> Wheelhouse:
    """The MRP of 2028 is before KF, one dialogue has not been held."""
    house = Wheelhouse(store)
    house.start()
    house.walk("2028/ramar", "sent_out", "2027-02-24T15:00")
    house.hold_dialogues("2028", "2027-05-03T09:00", but=("socialnamnden",))
    house.walk(MRP, "kf", "2027-06-02T13:00")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def set_row(house: Wheelhouse, address: str, **values: Any) -> None:
    changed_by_hand(house.store)
    with house.store.writing() as session:
        session.execute(update(PlanRow).where(col(PlanRow.address) == address).values(**values))


def plan_of(verb: str) -> str:
    return DIALOGUE if verb == "advance" else MRP


def do(house: Wheelhouse, verb: str, **terms: Any) -> None:
    """The verb with everything in order but the condition, as a dry run."""
    given: dict[str, Any] = {"reason": "it must be", "dry_run": True} | terms
    entry = house.log(MRP, "plan.advanced")[-1]["seq"]

    def snoozed() -> None:
        request = Request(given.pop("actor", "admin"), instant(AT), **given)
        house.desk.carry_out(request, MRP, "snooze", snooze, MRP, date(2027, 8, 10))

    verbs: dict[str, Callable[[], object]] = {
        "advance": lambda: house.advance(DIALOGUE, "hold", AT, **given),
        "decide": lambda: house.advance(MRP, "decide", AT, body="kf", **given),
        "send-back": lambda: house.send_back(MRP, AT, body="kf", new_date="2027-08-20", **given),
        "postpone": lambda: house.postpone(MRP, AT, body="kf", new_date="2027-08-20", **given),
        "reopen": lambda: house.reopen(MRP, AT, **given),
        "undo": lambda: house.undo(entry, AT, **given),
        "correct": lambda: house.correct(entry, AT, paragraph="4711", **given),
        "move-deadline": lambda: house.move_deadline(MRP, "2027-08-20", AT, **given),
        "hold": lambda: house.hold(MRP, AT, **given),
        "release": lambda: house.release(MRP, AT, **given),
        "snooze": snoozed,
        "withdraw": lambda: house.withdraw(MRP, AT, **given),
        "remind": lambda: house.remind(MRP, AT, **given),
        "unflag": lambda: house.unflag(MRP, AT, **given),
    }
    verbs[verb]()


def rules(house: Wheelhouse, verb: str, **terms: Any) -> list[str]:
    """The rules that refuse the verb."""
    try:
        do(house, verb, **terms)
    except RefusedError as error:
        return [reason.rule for reason in error.reasons]
    return []


@pytest.mark.parametrize("condition", CONDITIONS)
def test_each_verb_is_refused_under_the_condition_by_its_rule_or_not_at_all(house: Wheelhouse, condition: str) -> None:
    expected, values = CONDITIONS[condition]
    plain = {verb: rules(house, verb) for verb in VERBS}
    if condition == "draft":
        set_row(house, TIMETABLE, state="draft")
    for address in (MRP, DIALOGUE):
        set_row(house, address, **values) if values else None
    more = {verb: [rule for rule in rules(house, verb) if rule not in plain[verb]] for verb in VERBS}
    said = {verb: next(iter(found), None) for verb, found in more.items()}
    wanted = {verb: expected.get(verb) for verb in VERBS}
    if condition == "draft":  # where nothing is owed yet
        wanted["remind"] = "state"
    assert said == wanted


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_asks_for_the_right_of_its_row(house: Wheelhouse, verb: str) -> None:
    assert "role" in rules(house, verb, actor="reader")
    assert "role" not in rules(house, verb)


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_of_the_table_that_needs_a_reason_is_refused_without_one(house: Wheelhouse, verb: str) -> None:
    more = set(rules(house, verb, reason=" ")) - set(rules(house, verb))
    needed = PRECONDITIONS[verb].reason
    assert more == ({needed.rule} if needed else set())


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_is_refused_to_who_saw_an_older_version(house: Wheelhouse, verb: str) -> None:
    version = house.row(plan_of(verb)).version
    with pytest.raises(Conflict):
        do(house, verb, if_version=version - 1)


def test_every_verb_of_a_plan_is_in_the_table_and_walked() -> None:
    of_a_cycle = {
        "open", "accept-timetable", "replace-timetable", "migrate", "meetings", "people", "outbox", "tick", "restore",
        "take-over",
    }  # fmt: skip
    assert set(PRECONDITIONS) == set(VERBS) | of_a_cycle
