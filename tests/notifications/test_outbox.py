"""What becomes of notices that are due: one mail a person and day, nothing that no longer holds, nothing lost."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from hashlib import sha256

import pytest
from sqlalchemy import delete, update

from notifications.tables import Message, Notice
from tests.support.databases import CopyOf
from tests.support.postroom import BRIEFING, MRP, PLAN, PostRoom, at

MONDAY = at(2)


@pytest.fixture
def room(copy_of: CopyOf) -> PostRoom:
    return copy_of(PostRoom)


def test_a_due_notice_becomes_a_frozen_message(room: PostRoom) -> None:
    key = room.notice()
    composed = room.compose(MONDAY)
    [message] = room.messages()
    assert (composed.messages, composed.made) == (1, [message.message_id])
    assert (message.to, message.status, message.day, message.person_id) == (
        "anna@sjovik.example", "pending", MONDAY.date(), "anna",
    )  # fmt: skip
    assert message.sha256 == sha256(message.body).hexdigest()
    assert f"<{message.message_id}>" == message_from_bytes(message.body)["Message-ID"]
    assert message.message_id == f"{sha256(message.key.encode()).hexdigest()[:32]}@sjovik.example"
    notice = room.notices()[key]
    assert (notice.outcome, notice.message_id) == ("planned", message.id)
    action, subject, data = room.diary.entries[0]
    assert (action, subject) == ("message.made", f"message/{message.message_id}")
    assert (data["person"], data["notices"], data["status"]) == ("anna", [key], "pending")


def test_the_log_holds_no_name_and_no_address(room: PostRoom) -> None:
    room.notice()
    room.notice(person="bo")
    room.email("bo", "bo ätt fel")
    room.compose(MONDAY)
    assert "Öberg" not in str(room.diary.entries)
    assert "sjovik.example>" not in str(room.diary.entries)
    assert "fel" not in str(room.diary.entries)


def test_nothing_is_made_before_its_time_or_twice(room: PostRoom) -> None:
    room.notice(send_after=MONDAY + timedelta(seconds=1))
    assert room.compose(MONDAY).messages == 0
    assert room.compose(MONDAY + timedelta(seconds=1)).messages == 1
    assert room.compose(MONDAY + timedelta(seconds=2)).messages == 0
    assert len(room.messages()) == 1


def test_several_notices_of_a_person_are_one_digest(room: PostRoom) -> None:
    room.notice()
    room.notice(plan_id=MRP)
    room.notice("sent_back", at_once=True)
    room.notice(person="bo")
    assert room.compose(MONDAY).messages == 2
    digest, single = room.messages()
    assert digest.subject == "Vecka 45: 1 hålltid och 1 händelse"  # what was sent back needs no reminder beside it
    assert single.subject.startswith("Om 3 dagar (5 nov): ")
    assert len({notice.message_id for notice in room.notices().values()}) == 2


def test_two_mails_of_a_week_to_one_person_have_different_subjects(room: PostRoom) -> None:
    for day in (2, 3):
        for plan in (PLAN, MRP):
            room.notice(plan_id=plan, due=at(day, 7), offset=-9 + day)
        room.compose(at(day, 7, 30))
    assert [mail.subject for mail in room.messages()] == ["Vecka 45: 2 hålltider", "Vecka 45, tisdag: 2 hålltider"]


def test_of_several_reminders_of_one_deadline_only_the_tightest_goes(room: PostRoom) -> None:
    seven = room.notice(offset=-7, due=at(2, 7))
    one = room.notice(offset=-1, due=at(2, 7, 30))
    other = room.notice(offset=-7, plan_id=MRP)
    again = room.notice(offset=-7, entry=2)
    composed = room.compose(MONDAY)
    assert composed.superseded == 1
    assert room.outcomes() == {seven: "superseded", one: "planned", other: "planned", again: "planned"}
    assert room.notices()[seven].because == "newer_reminder"
    assert ("notice.superseded", "2028/verksamhetsplan/socialnamnden") in [e[:2] for e in room.diary.entries]


def test_a_notice_that_no_longer_holds_is_not_mailed(room: PostRoom) -> None:
    key = room.notice()
    room.said[key] = "moved_on"
    composed = room.compose(MONDAY)
    assert (composed.messages, composed.superseded) == (0, 1)
    assert room.messages() == []
    assert (room.notices()[key].outcome, room.notices()[key].because) == ("superseded", "moved_on")


def test_scheduled_mail_is_one_a_day(room: PostRoom) -> None:
    room.notice()
    room.compose(MONDAY)
    late = room.notice(plan_id=MRP)
    composed = room.compose(at(2, 15))
    assert (composed.messages, composed.waiting) == (0, 1)
    assert room.notices()[late].send_after == at(3, 7, 30)
    assert room.compose(at(3, 7, 29)).messages == 0
    assert room.compose(at(3, 7, 30)).messages == 1


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (at(7, 9), at(9, 7, 30)),  # a Saturday
        (at(3, 3), at(3, 7, 30)),  # the night after an outage: what is due at half past seven comes along
        (at(6, 16), None),
    ],
)
def test_scheduled_mail_waits_for_the_hour_and_for_a_working_day(
    room: PostRoom, now: datetime, then: datetime | None
) -> None:
    key = room.notice()
    composed = room.compose(now)
    assert composed.messages == (then is None)
    if then is not None:
        assert room.notices()[key].send_after == then


def test_the_hour_is_that_of_the_wall_clock_on_both_sides_of_the_summer_time(room: PostRoom) -> None:
    winter = room.notice(due=at(2, 7, 30))
    assert room.notices()[winter].due.astimezone(UTC).hour == 6
    assert room.compose(at(2, 7, 30)).messages == 1


def test_mail_at_once_leaves_on_a_sunday_and_besides_the_days_mail(room: PostRoom) -> None:
    room.notice()
    room.compose(MONDAY)
    sent_back = room.notice("sent_back", at_once=True)
    rejected = room.notice("rejected", at_once=True)
    room.notice("ladder", offset=-1)
    composed = room.compose(at(2, 9))
    assert (composed.messages, composed.waiting) == (1, 1)
    kept = room.notices()
    assert kept[sent_back].message_id == kept[rejected].message_id is not None
    room.notice("postponed", at_once=True, due=at(8))
    assert room.compose(at(8)).messages == 1
    assert len({message.key for message in room.messages()}) == 3


def test_a_person_without_an_address_fails_alone(room: PostRoom) -> None:
    lost, reached = room.notice(person="bo"), room.notice()
    room.email("bo", " ")
    composed = room.compose(MONDAY)
    assert (composed.messages, composed.failed) == (1, 1)
    assert room.outcomes() == {lost: "failed", reached: "planned"}
    assert room.notices()[lost].because == "no_address"
    assert "notice.failed" in room.diary.actions


@pytest.mark.parametrize(
    ("address", "because"),
    [
        ("åsa@sjovik.example", "address_letters"),
        ("bo", "address_sides"),
        ("bo@", "address_sides"),
        ("bo@sjovik..example", "address_form"),
        ("bo@sjovik.example\r\nBcc: all@sjovik.example", "address_form"),
        ("bo<x>@sjovik.example", "address_form"),
        ("bo@" + "ö" * 70 + ".example", "address_form"),
    ],
)
def test_an_address_that_cannot_be_mailed_fails_alone(room: PostRoom, address: str, because: str) -> None:
    lost, reached = room.notice(person="bo"), room.notice()
    room.email("bo", address)
    assert room.compose(MONDAY).failed == 1
    assert room.outcomes() == {lost: "failed", reached: "planned"}
    assert room.notices()[lost].because == because


def test_a_domain_with_letters_of_its_own_is_mailed_by_its_ascii_form(room: PostRoom) -> None:
    room.notice(person="bo")
    room.email("bo", "bo@sjövik.example")
    room.compose(MONDAY)
    assert room.messages()[0].to == "bo@xn--sjvik-kua.example"


def test_an_error_in_one_persons_message_leaves_the_others_theirs(room: PostRoom) -> None:
    seven, poisoned, reached = room.notice(offset=-7, due=at(2, 7)), room.notice(), room.notice(person="bo")
    room.said[poisoned] = KeyError("title")
    composed = room.compose(MONDAY)
    assert (composed.messages, composed.failed, composed.superseded) == (1, 2, 0)
    assert room.outcomes() == {seven: "failed", poisoned: "failed", reached: "planned"}
    broken = room.notices()[poisoned]
    assert (broken.because, broken.detail) == ("not_written", "KeyError: 'title'")
    assert room.diary.actions == ["notice.failed", "notice.failed", "message.made"]


def test_a_notice_that_nobody_briefed_about_is_an_error_not_a_loss(room: PostRoom) -> None:
    key = room.notice()
    room.contents = lambda notices: {}  # type: ignore[method-assign]
    room.compose(MONDAY)
    assert room.outcomes() == {key: "failed"}


def test_at_most_so_many_mails_and_the_rest_is_counted(room: PostRoom) -> None:
    keys = [room.notice(person=person) for person in ("anna", "bo", "carin")]
    composed = room.compose(MONDAY, limit=1)
    assert (composed.messages, composed.held_back) == (1, 2)
    assert room.compose(MONDAY, limit=0).held_back == 2
    assert room.compose(MONDAY).messages == 2
    assert set(room.outcomes()) == set(keys)


def test_who_needs_no_mail_does_not_count_against_the_limit(room: PostRoom) -> None:
    room.said[room.notice(person="anna")] = "moved_on"
    room.notice(person="bo")
    composed = room.compose(MONDAY, limit=1)
    assert (composed.messages, composed.superseded, composed.held_back) == (1, 1, 0)


def test_mail_off_makes_messages_and_withholds_them(room: PostRoom) -> None:
    room.settings = replace(room.settings, on=False)
    key = room.notice()
    composed = room.compose(MONDAY)
    assert (composed.messages, composed.withheld) == (1, 1)
    assert room.messages()[0].status == "withheld"
    assert (room.notices()[key].outcome, room.notices()[key].because) == ("withheld", "mail_off")
    assert room.diary.entries[0][2]["status"] == "withheld"


def test_redirected_mail_goes_to_the_one_address_and_says_so(room: PostRoom) -> None:
    room.settings = replace(room.settings, redirect_to="prov@sjovik.example")
    room.notice()
    room.compose(MONDAY)
    [message] = room.messages()
    assert message.to == "prov@sjovik.example"
    assert message.subject.startswith("Till Anna Öberg: Om 3 dagar")
    assert "anna@sjovik.example" in said(message)


def said(message: Message) -> str:
    body = message_from_bytes(message.body, policy=policy.default).get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text


def test_the_mail_says_the_notices_own_date_however_late_it_is_made(room: PostRoom) -> None:
    key = room.notice(offset=7)
    room.said[key] = replace(BRIEFING, days=-11)
    room.compose(at(16))
    assert "torsdag 5 november 2026 (v. 45)" in said(room.messages()[0])
    assert room.messages()[0].subject == "11 dagar försenad: Socialnämndens verksamhetsplan 2028"


def test_two_rounds_over_the_same_facts_make_the_same_bytes(room: PostRoom) -> None:
    room.notice()
    bodies = []
    for _ in range(2):
        with room.store.writing() as session:
            session.execute(update(Notice).values(message_id=None))
            session.execute(delete(Message))
        room.compose(MONDAY)
        bodies.append(room.messages()[0].body)
    assert bodies[0] == bodies[1]


def test_two_processes_that_compose_at_once_make_one_mail_a_person(room: PostRoom) -> None:
    for person in ("anna", "bo", "carin"):
        room.notice(person=person)
        room.notice(person=person, plan_id=MRP)
    start = threading.Barrier(3)

    def round_() -> None:
        start.wait()
        room.compose(MONDAY)

    threads = [threading.Thread(target=round_) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    room.compose(MONDAY)
    assert sorted(message.person_id for message in room.messages()) == ["anna", "bo", "carin"]
    assert all(notice.message_id for notice in room.notices().values())
