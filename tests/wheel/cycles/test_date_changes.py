"""A date that is bound to a meeting follows it; one that counts from such a date follows when somebody accepts it."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.support.databases import CopyOf
from tests.support.timetabling import KF, Council, changed
from tests.support.wheelhouse import Wheelhouse, rules_of, vanersborg
from wheel.cycles import date_changes
from wheel.database.store import Store
from wheel.errors import RefusedError

MARCH, MAY = "2027-03-10T09:00", "2027-05-20T09:00"
VP = "2028/verksamhetsplan"


@pytest.fixture
def house(copy_of: CopyOf) -> Council:
    return copy_of(Council)


def at_kf(house: Council) -> None:
    """The MRP lies with KF, and its responsible have been reminded once."""
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk("2028/mrp", "kf", "2027-05-05T19:00")
    house.tick("2027-06-07T07:30", confirmed_by="admin")  # seven working days before the 16th; after a long stop


def test_a_date_follows_its_meeting_and_says_why(house: Council) -> None:
    assert house.last("2028/mrp", "kf") == date(2027, 6, 16)
    house.tick("2027-03-10T08:00")
    seq = len(house.log())
    done = house.moves("kf", "2027-06-16", "2027-06-21", MARCH, reason="the hall is let")
    assert house.moved() == {
        ("2028/mrp", "kf", "2027-06-16", "2027-06-21"), ("2028/mrp", "ks_proposal", "2027-06-02", "2027-06-07")
    }  # fmt: skip
    entries = house.log("2028/mrp")[-2:]
    assert {e["data"]["reason"] for e in entries} == {"KF 2027-06-16 → 2027-06-21: the hall is let"}
    assert all(e["seq"] > seq for e in entries)
    assert [row["state"] for row in done.more["moved"]] == ["ks_proposal", "kf"]
    assert house.plan("2028/mrp").stages["kf"].version == 2
    assert done.notices == 0  # the plan stands before those states
    assert house.verified()


def test_who_owes_the_present_state_is_told_once_and_reminded_of_the_new_day(house: Council) -> None:
    at_kf(house)
    [old, *_] = [n for n in house.notices("2028/mrp", state="kf") if n.rule == "ladder"]
    done = house.moves("kf", "2027-06-16", "2027-06-28", "2027-06-08T09:00")
    assert house.told("2028/mrp", "moved") == {"kf-officer", "kf-secretary"}
    assert done.notices == 2
    [row] = [row for row in done.more["moved"] if row["state"] == "kf"]
    assert len(row["reminded"]) == 0  # made, and not yet delivered: nobody has had it
    house.tick("2027-06-17T07:30")
    new = [n for n in house.notices("2028/mrp", state="kf", rule="ladder") if n.deadline_version == 2]
    assert {n.offset for n in new} == {-7}
    assert old.deadline_version == 1
    waiting = [n for n in house.notices("2028/mrp", rule="ladder", outcome="planned") if n.message_id is None]
    assert {n.deadline_version for n in waiting} <= {2}


def about_the_day(house: Council) -> list[str]:
    """The subjects of KF's officer's mails about a moved day."""
    subjects = [m.subject for m in house.messages() if m.person_id == "kf-officer"]
    return [subject for subject in subjects if "hålltid" in subject]


def test_moved_twice_within_ten_minutes_the_old_day_is_the_one_that_people_knew(house: Council) -> None:
    at_kf(house)
    house.moves("kf", "2027-06-16", "2027-06-28", "2027-06-08T09:00")
    house.moves("kf", "2027-06-28", "2027-06-29", "2027-06-08T09:05")
    house.tick("2027-06-08T09:16")
    assert about_the_day(house) == ["Ny hålltid 29 juni (tidigare 16 juni): Mål- och resursplan 2028"]
    house.move_deadline("2028/mrp", "2027-06-30", "2027-06-08T10:00", reason="an extra day")  # that one is known now
    house.tick("2027-06-08T10:11")
    assert about_the_day(house)[1:] == ["Ny hålltid 30 juni (tidigare 29 juni): Mål- och resursplan 2028"]


def test_a_meeting_moved_there_and_back_within_ten_minutes_is_no_mail(house: Council) -> None:
    at_kf(house)
    house.moves("kf", "2027-06-16", "2027-06-28", "2027-06-08T09:00")
    house.moves("kf", "2027-06-28", "2027-06-16", "2027-06-08T09:09")
    house.tick("2027-06-08T09:30")
    assert about_the_day(house) == []


def test_a_day_that_was_unknown_has_no_earlier_one_however_often_it_moves(house: Council) -> None:
    at_kf(house)
    house.cancels("kf", "2027-06-16", "2027-06-08T09:00", reason="no quorum")
    house.tick("2027-06-08T09:11")
    house.meets("kf", "2027-06-21", "2027-06-08T10:00")
    house.moves("kf", "2027-06-21", "2027-06-28", "2027-06-08T10:05")
    house.tick("2027-06-08T10:16")
    assert about_the_day(house) == [
        "Ingen hålltid just nu: Mål- och resursplan 2028", "Ny hålltid 28 juni: Mål- och resursplan 2028",
    ]  # fmt: skip


def test_postponed_after_a_move_that_nobody_knew_of_names_the_day_they_knew(house: Council) -> None:
    at_kf(house)
    house.moves("kf", "2027-06-16", "2027-06-14", "2027-06-08T09:00")
    house.postpone("2028/mrp", "2027-06-08T09:05", body="kf", reason="more to read", new_date="2027-06-28")
    facts = [n.facts for n in house.notices("2028/mrp", rule="postponed", person_id="kf-officer")]
    assert [(fact["old"], fact["new"]) for fact in facts] == [("2027-06-16", "2027-06-28")]


def test_a_preview_shows_it_all_and_changes_nothing(house: Council) -> None:
    at_kf(house)
    house.deliver("2027-06-07T07:31")
    with house.unchanged():
        done = house.moves("kf", "2027-06-16", "2027-06-28", "2027-06-08T09:00", dry_run=True)
    assert [(row["address"], row["state"], row["dates"]) for row in done.more["moved"]] == [
        ("2028/mrp", "kf", {"last": ["2027-06-16", "2027-06-28"]})
    ]
    reminded = done.more["moved"][0]["reminded"]
    assert {(each["person"], each["offset"]) for each in reminded} == {
        (f"kf-{role}", -7) for role in ("officer", "secretary")
    }
    assert {each["sent_at"] for each in reminded} == {"2027-06-07T05:31:00Z"}
    assert "counted" in rules_of(done)


def test_a_state_that_is_left_keeps_its_date(house: Council) -> None:
    house.adopt_mrp()
    seq = len(house.log())
    house.moves("kf", "2027-06-16", "2027-06-21", "2027-06-17T09:00", reason="typed in wrongly")
    assert house.moved(seq) == set()
    assert house.last("2028/mrp", "kf") == date(2027, 6, 16)


def test_what_was_moved_by_hand_stays_and_is_named(house: Council) -> None:
    house.move_deadline("2028/mrp", "2027-06-24", MARCH, state="kf", reason="an extra meeting")
    done = house.moves("kf", "2027-06-16", "2027-06-21", MARCH)
    assert house.last("2028/mrp", "kf") == date(2027, 6, 24)
    [by_hand] = [reason for reason in done.warnings if reason.rule == "by_hand"]
    assert by_hand.facts["dates"] == ("2028/mrp kf.last 2027-06-24 → 2027-06-21",)


def test_what_counts_from_a_moved_date_is_listed_with_the_command_that_accepts_it(house: Council) -> None:
    assert house.last(VP, "open") == date(2027, 6, 30)
    done = house.moves("kf", "2027-06-16", "2027-06-21", MARCH)
    [counted] = [reason for reason in done.warnings if reason.rule == "counted"]
    assert counted.facts == {"dates": (f"{VP} open.last 2027-06-30 → 2027-07-05",), "cycle": "2028"}
    assert house.last(VP, "open") == date(2027, 6, 30)
    with house.unchanged():
        house.accepts("2028", MARCH, dry_run=True)
    accepted = house.accepts("2028", MARCH)
    assert [(row["address"], row["state"]) for row in accepted.more["moved"]] == [(VP, "open")]
    assert house.last(VP, "open") == date(2027, 7, 5)
    assert house.log("2028", "timetable.accepted")[0]["data"] == {"dates": 1, "reason": "as counted"}
    with house.unchanged():
        assert rules_of(house.accepts("2028", MARCH)) == ["timetable"]


def test_it_counts_from_where_a_date_was_moved_by_hand(house: Council) -> None:
    done = house.move_deadline("2028/mrp", "2027-06-23", MARCH, state="kf", reason="an extra meeting")
    assert rules_of(done) == ["counted"]
    house.accepts("2028", MARCH)
    assert house.last(VP, "open") == date(2027, 7, 7)


def test_it_counts_from_where_a_boards_date_was_moved_by_hand(store: Store) -> None:
    """In the same board's other plan, and in the whole that counts from all of them."""
    house = Council(store, {
        "phase.namndforslag.board.state.proposal.last": "20 May Y-1",
        "phase.verksamhetsplan.board.state.draft.last": "4 months after last day of namndforslag.board.proposal",
        "phase.namndforslag.state.open.last": "1 week after last day of namndforslag.board.proposal",
    })  # fmt: skip
    moved = "2028/namndforslag/socialnamnden"
    whole, own = "2028/namndforslag open.last", f"{VP}/socialnamnden draft.last"
    for day, counted in (
        ("2027-05-10", (f"{own} 2027-09-20 → 2027-09-10",)),  # the others' 20 May is the latest still
        ("2027-05-28", (f"{whole} 2027-05-27 → 2027-06-04", f"{own} 2027-09-20 → 2027-09-28")),
    ):
        done = house.move_deadline(moved, day, MARCH, state="proposal", reason="the board asks")
        assert [r.facts["dates"] for r in done.warnings if r.rule == "counted"] == [counted]
    house.accepts("2028", MARCH)
    assert house.last(f"{VP}/socialnamnden", "draft") == date(2027, 9, 28)
    assert house.last(f"{VP}/byggnadsnamnden", "draft") == date(2027, 9, 20)
    assert house.last("2028/namndforslag", "open") == date(2027, 6, 4)
    with house.unchanged():
        assert rules_of(house.accepts("2028", MARCH)) == ["timetable"]


def test_it_counts_from_an_undecided_date_of_a_board_that_is_set_by_hand(store: Store) -> None:
    undecided = {"state": {"proposal": {"last": {"date": "undecided", "source": "test"}}}}
    house = Council(store, {
        "phase.namndforslag.exception.socialnamnden": undecided,
        "phase.verksamhetsplan.board.state.draft.last": "4 months after last day of namndforslag.board.proposal",
    })  # fmt: skip
    assert house.last(f"{VP}/socialnamnden", "draft") is None
    assert house.last(f"{VP}/byggnadsnamnden", "draft") == date(2027, 9, 30)
    done = house.move_deadline(
        "2028/namndforslag/socialnamnden", "2027-05-10", MARCH, state="proposal", reason="the board asks"
    )
    counted = f"{VP}/socialnamnden draft.last – → 2027-09-10"
    assert [r.facts["dates"] for r in done.warnings if r.rule == "counted"] == [(counted,)]
    house.accepts("2028", MARCH)
    assert house.last(f"{VP}/socialnamnden", "draft") == date(2027, 9, 10)


def test_an_opening_that_has_happened_stays(store: Store) -> None:
    house = Council(store, {"phase.mrp.state.underlag.opens": "1 week after last day of budgetberedning.started"})
    began = house.plan("2028/mrp").stages["underlag"].opens
    assert began
    house.tick(f"{began}T09:00", confirmed_by="admin")
    assert house.row("2028/mrp").state == "underlag"
    house.move_deadline(
        "2028/budgetberedning", "2027-06-30", f"{began}T10:00", state="started", reason="it takes longer"
    )
    assert "timetable" in rules_of(house.accepts("2028", f"{began}T10:00"))
    assert house.plan("2028/mrp").stages["underlag"].opens == began
    house.definition = changed(house.definition, {"phase.mrp.state.underlag.opens": "1 May Y-1"})
    house.replaces("2028", f"{began}T11:00", date=str(began))
    assert house.plan("2028/mrp").stages["underlag"].opens == began


def test_a_meeting_that_becomes_known_makes_the_date_sure(store: Store) -> None:
    house = Council(store, known=False)
    shown = next(s for s in house.show("2028/mrp", MARCH)["states"] if s["state"] == "kf")
    assert shown["last"] == {"date": "2027-06-30", "source": "test", "provisional": True}
    done = house.meets("kf", "2027-06-16", MARCH)
    [row] = [row for row in done.more["moved"] if row["state"] == "kf"]
    assert (row["dates"], row["provisional"]) == ({"last": ["2027-06-30", "2027-06-16"]}, [])
    house.cancels("kf", "2027-06-16", MARCH)
    assert house.plan("2028/mrp").stages["kf"].provisional == "last"
    seq = len(house.log())
    house.meets("kf", "2027-06-30", MARCH)  # the very guess
    assert house.last("2028/mrp", "kf") == date(2027, 6, 30)
    assert [e["data"]["state"] for e in house.log("2028/mrp") if e["seq"] > seq] == ["ks_proposal", "kf"]
    assert house.actions("2028/mrp")[-2:] == ["deadline.moved", "deadline.confirmed"]


def test_a_cancelled_meeting_leaves_the_date_undecided(house: Council) -> None:
    at_kf(house)
    house.cancels("kf", "2027-06-16", "2027-06-08T09:00", reason="no quorum")
    shown = next(s for s in house.show("2028/mrp", "2027-06-08T09:00")["states"] if s["state"] == "kf")
    assert shown["last"] == {"date": None, "source": "test", "undecided": True}
    assert house.told("2028/mrp", "moved") == {"kf-officer", "kf-secretary"}
    house.tick("2027-07-20T07:30")
    assert house.status("2028/mrp", "2027-07-20T07:30") == "in_progress"


def test_a_date_in_a_draft_follows_and_nobody_is_told(store: Store) -> None:
    house = Council(store)
    house.open("2029", "2027-06-20T09:00")
    house.know("kf", "2028-05-17")
    done = house.meets("kf", "2028-06-14", "2027-06-21T09:00")
    assert house.last("2029/mrp", "kf") == date(2028, 6, 14)
    assert done.notices == 0


def test_nothing_of_another_role_or_of_another_wheel_moves(house: Council) -> None:
    with house.refused("role"):
        house.moves("kf", "2027-06-16", "2027-06-21", MARCH, actor="kf-secretary")
    with house.refused("role"):
        house.accepts("2028", MARCH, actor="ks-secretary")
    with house.refused("reason"):
        house.accepts("2028", MARCH, reason=" ")


def test_a_wheel_without_meetings_is_not_even_looked_at(store: Store) -> None:
    house = Council(store, {})
    assert house.moves("kf", "2027-06-16", "2027-06-21", MARCH).more == {"moved": []}
    assert house.moved() == set()
    assert house.definition == vanersborg()


def test_a_wrong_click_is_not_undone_past_a_moved_date(house: Council) -> None:
    house.walk("2028/ramar", "sent_out", "2027-02-24T09:00")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk("2028/mrp", "kf", "2027-05-05T19:00")
    seq = house.log("2028/mrp", "plan.advanced")[-1]["seq"]
    house.moves("kf", "2027-06-16", "2027-06-21", "2027-05-05T19:01")
    with house.refused("undo"):
        house.undo(seq, "2027-05-05T19:02")


def test_what_fails_half_way_leaves_nothing_behind(house: Council, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def fails(*args: Any, **more: Any) -> int:
        calls.append(args)
        raise RuntimeError("the power went")

    monkeypatch.setattr(date_changes, "supersede", fails)
    at_kf(house)
    with house.unchanged(), pytest.raises(RuntimeError):
        house.moves("kf", "2027-06-16", "2027-06-28", "2027-06-08T09:00")
    assert calls


# ---- a whole calendar -------------------------------------------------------------------------------------------


def test_an_import_adds_what_is_new_and_says_what_was_there(house: Council) -> None:
    done = house.imports({"kf": ("2027-06-16", "2027-06-21", "2027-12-15")}, MARCH)
    assert (done.more["added"], done.more["removed"]) == (
        [{"body": "kf", "date": "2027-06-21"}, {"body": "kf", "date": "2027-12-15"}], []
    )  # fmt: skip
    assert done.more["there"] == [{"body": "kf", "date": "2027-06-16"}]
    assert house.last("2028/mrp", "kf") == date(2027, 6, 16)  # still the first of June
    [entry] = house.log("kf", "meetings.imported")
    assert entry["data"]["added"] == ["2027-06-21", "2027-12-15"]


def test_an_import_can_replace_the_years_calendar_of_that_body_alone(house: Council) -> None:
    with house.unchanged():
        house.imports({"kf": ("2027-06-21", "2028-06-14")}, MARCH, replace=2027, dry_run=True)
    done = house.imports({"kf": ("2027-06-21", "2028-06-14")}, MARCH, replace=2027)
    assert [gone["date"] for gone in done.more["removed"]] == list(KF)
    assert house.last("2028/mrp", "kf") == date(2027, 6, 21)
    assert len([1 for row in house.rows()["meeting"] if row[1] == "ks"]) == 3


def test_an_import_twice_changes_nothing(house: Council) -> None:
    house.imports({"kf": ("2027-12-15",)}, MARCH)
    with house.unchanged():
        assert house.imports({"kf": ("2027-12-15",)}, MARCH).more["added"] == []


def test_nobody_may_import_without_a_role(house: Wheelhouse) -> None:
    assert isinstance(house, Council)
    with pytest.raises(RefusedError):
        house.imports({"kf": ("2027-12-15",)}, MARCH, actor="reader")


def test_who_loses_their_day_is_told_in_words(house: Council) -> None:
    at_kf(house)
    house.tick("2027-06-07T12:00")
    house.cancels("kf", "2027-06-16", "2027-06-07T12:01", reason="no quorum")
    house.tick("2027-06-07T12:12")
    mails = [m for m in house.messages() if m.person_id == "kf-officer"]
    assert mails[-1].subject == "Ingen hålltid just nu: Mål- och resursplan 2028"
    assert "no quorum" in mails[-1].body.decode()


def test_meetings_that_move_while_the_daemon_ticks_lose_nothing(house: Council) -> None:
    at_kf(house)
    failures: list[Exception] = []

    def often(do: Callable[[int], object]) -> None:
        try:
            for number in range(4):
                do(number)
        except Exception as error:
            failures.append(error)

    def move(number: int) -> object:
        return house.moves("kf", f"2027-06-{21 + number}", f"2027-06-{22 + number}", f"2027-06-08T09:0{number}")

    house.moves("kf", "2027-06-16", "2027-06-21", "2027-06-08T08:00")
    acts: list[Callable[[int], object]] = [move, lambda number: house.tick(f"2027-06-08T09:1{number}")]
    acts.append(lambda number: house.meets("ks", f"2027-08-1{number}", f"2027-06-08T09:2{number}"))
    threads = [threading.Thread(target=often, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert house.last("2028/mrp", "kf") == date(2027, 6, 25)
    assert house.plan("2028/mrp").stages["kf"].version == 6
    assert house.verified()


def test_each_boards_date_follows_its_own_meeting(store: Store) -> None:
    house = Council(store, {"phase.verksamhetsplan.board.state.reported.last": "last board meeting in December Y-1"})
    sn, bn = f"{VP}/socialnamnden", f"{VP}/byggnadsnamnden"
    for board, day in (("socialnamnden", "2027-12-09"), ("byggnadsnamnden", "2027-12-14")):
        house.meets(board, day, MARCH)
    assert (house.last(sn, "reported"), house.last(bn, "reported")) == (date(2027, 12, 9), date(2027, 12, 14))
    house.moves("socialnamnden", "2027-12-09", "2027-12-16", MARCH)
    assert (house.last(sn, "reported"), house.last(bn, "reported")) == (date(2027, 12, 16), date(2027, 12, 14))
    house.move_deadline(bn, "2027-12-17", MARCH, state="reported", reason="the board meets twice")
    assert "by_hand" in rules_of(house.moves("byggnadsnamnden", "2027-12-14", "2027-12-15", MARCH))
