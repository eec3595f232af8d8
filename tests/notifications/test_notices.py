"""Notices are planned once and end once."""

from typing import Any

import pytest

from notifications.notices import address_in, notice_key, plan_notices, supersede
from tests.support.databases import CopyOf
from tests.support.postroom import MRP, PLAN, PostRoom, at


@pytest.fixture
def room(copy_of: CopyOf) -> PostRoom:
    return copy_of(PostRoom)


def notice(key: str) -> dict[str, Any]:
    return {
        "key": key, "plan_id": PLAN, "state": "utkast", "entry": 1, "deadline_version": 1, "rule": "ladder",
        "person_id": "anna", "due": at(2), "send_after": at(2), "facts": {"old": "2026-11-05"},
    }  # fmt: skip


def test_a_key_says_all_that_makes_it_the_same_notice() -> None:
    assert notice_key("2028/mrp", "underlag", 1, 2, "ladder", -7, "anna") == "2028/mrp:underlag:1:2:ladder:-7:anna"
    assert notice_key("2028/mrp", "underlag", 1, 2, "moved", None, "anna") == "2028/mrp:underlag:1:2:moved::anna"


def test_no_two_notices_share_a_key_whatever_their_names_hold() -> None:
    assert notice_key("a:b", "c", 1, 1, "x", None, "p") != notice_key("a", "b:c", 1, 1, "x", None, "p")
    assert notice_key("a%3Ab", "c", 1, 1, "x", None, "p") != notice_key("a:b", "c", 1, 1, "x", None, "p")
    assert address_in(notice_key("a:b%3A/c", "s", 1, 1, "x", None, "p")) == "a:b%3A/c"


def test_a_notice_that_is_there_already_is_not_planned_again(room: PostRoom) -> None:
    with room.store.writing() as session:
        assert len(plan_notices(session, [notice("a"), notice("b"), notice("a")])) == 2
    with room.store.writing() as session:
        assert len(plan_notices(session, [notice("c"), notice("b")])) == 1
        assert len(plan_notices(session, [])) == 0
    kept = room.notices()
    assert set(kept) == {"a", "b", "c"}
    assert kept["a"].facts == {"old": "2026-11-05"}
    assert kept["a"].due == at(2)


def test_many_are_planned_in_one_go(room: PostRoom) -> None:
    with room.store.writing() as session:
        assert len(plan_notices(session, [notice(str(n)) for n in range(1201)])) == 1201


def test_only_planned_notices_of_the_plan_are_superseded(room: PostRoom) -> None:
    old, new = room.notice(offset=-7), room.notice(offset=-7, deadline_version=2)
    moved, elsewhere = room.notice("moved"), room.notice(plan_id=MRP)
    with room.store.writing() as session:
        assert supersede(session, PLAN, "moved", before_deadline_version=2, rules=["ladder"]) == 1
    assert room.outcomes() == {old: "superseded", new: "planned", moved: "planned", elsewhere: "planned"}
    with room.store.writing() as session:
        assert supersede(session, PLAN, "done", state="utkast", entry=2) == 0
        assert supersede(session, PLAN, "done") == 2
    assert room.outcomes()[elsewhere] == "planned"
    assert (room.notices()[old].because, room.notices()[new].because) == ("moved", "done")


def test_a_notice_in_a_message_is_not_superseded_any_more(room: PostRoom) -> None:
    key = room.notice()
    room.compose(at(2))
    with room.store.writing() as session:
        assert supersede(session, PLAN, "done") == 0
    assert room.outcomes() == {key: "planned"}
