"""A plan whose ground has changed says so until somebody has looked at it, or until the change is taken back."""

from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from config.municipality.municipality import catalog
from config.text.texts import Texts
from tests.support.databases import CopyOf
from tests.support.wheelhouse import BOARDS, Wheelhouse, instant, rules_of, started
from wheel.actions.mail import retry_mail
from wheel.console.printing.cycle_overview import say_cycle
from wheel.database.store import Store
from wheel.database.tables import Role
from wheel.engine.affected_plans import whole_that_counted
from wheel.engine.request_and_result import Request
from wheel.mail.year_report import year_report
from wheel.reads.cycle_overview import cycle_overview
from wheel.reads.names import names_at
from wheel.reads.plans import plans
from wheel.tick.tick import Ticker

SN = "socialnamnden"
PLAN_OF_SN = f"2028/verksamhetsplan/{SN}"
MRP = "2028/mrp"
SEPTEMBER = "2027-09-20T09:00"


def planning(store: Store) -> Wheelhouse:
    """KF has adopted the MRP, and a board works on its plan for the year."""
    house = started(store)
    house.adopt_mrp()
    house.walk(PLAN_OF_SN, "draft", "2027-09-06T09:00")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(planning)


def flags(house: Wheelhouse, address: str, at: str = SEPTEMBER) -> list[tuple[str, str, str]]:
    return [(f["kind"], f["because"], f["reason"]) for f in house.show(address, at).get("flags", [])]


def flagged(house: Wheelhouse, at: str = SEPTEMBER) -> set[str]:
    with house.unit_of_work(at) as uow:
        return {row.address for row in plans(uow, flagged=True).plans}


def mail_to(house: Wheelhouse, person: str) -> str:
    """The text of the newest mail to that person, in one line."""
    newest = [message.body for message in house.messages() if message.person_id == person][-1]
    part = message_from_bytes(newest, policy=policy.default).get_body(("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).split())


def reopen_the_mrp(house: Wheelhouse) -> None:
    house.reopen(MRP, SEPTEMBER, reason="the court has set it aside", new_date="2027-10-20")


def test_a_reopened_decision_flags_what_builds_on_it_until_somebody_has_looked(house: Wheelhouse) -> None:
    reopen_the_mrp(house)
    assert flags(house, PLAN_OF_SN) == [("reopened", MRP, "the court has set it aside")]
    assert PLAN_OF_SN in flagged(house)
    assert MRP not in flagged(house)
    with house.refused("reason"):
        house.unflag(PLAN_OF_SN, SEPTEMBER, actor=f"{SN}-officer")
    with house.refused("role"):
        house.unflag(PLAN_OF_SN, SEPTEMBER, actor="byggnadsnamnden-officer", reason="it stands")
    house.unflag(PLAN_OF_SN, "2027-09-21T09:00", actor=f"{SN}-officer", reason="it stands")
    assert flags(house, PLAN_OF_SN) == []
    assert house.log(PLAN_OF_SN, "plan.unflagged")[0]["data"]["because"] == [MRP]
    with house.refused("flag"):
        house.unflag(PLAN_OF_SN, "2027-09-21T09:01", reason="it stands")


def test_those_whose_matter_it_is_are_mailed_and_again_with_the_weeks_overview(house: Wheelhouse) -> None:
    reopen_the_mrp(house)
    house.tick("2027-09-20T09:15")
    told = mail_to(house, f"{SN}-officer")
    assert "Se över Socialnämndens verksamhetsplan" in told
    assert "öppnades igen 20 september 2027. the court has set it aside" in told
    assert told.count("Vänersborgs kommun") == 1
    house.tick("2027-09-27T07:30", confirmed_by="admin")
    assert "öppnades igen 20 september 2027" in mail_to(house, f"{SN}-officer")
    house.unflag(PLAN_OF_SN, "2027-09-28T09:00", reason="it stands")
    house.tick("2027-10-04T07:30", confirmed_by="admin")
    assert "öppnades igen" not in mail_to(house, f"{SN}-officer")
    assert house.told("2028/ramar", "flagged") >= {"ekonomikontoret-officer"}  # nothing is owed there: who prepared it


def test_a_withheld_mail_about_a_flag_that_is_taken_off_is_not_sent_after_all(house: Wheelhouse) -> None:
    house.tick("2027-09-20T07:30", confirmed_by="admin")  # with everything else that is due
    reopen_the_mrp(house)
    Ticker(house.store, replace(house.mail, on=False), lambda: house.definition).tick(instant("2027-09-20T09:15"))
    [mail] = [m for m in house.messages() if m.person_id == f"{SN}-officer" and m.status == "withheld"]
    for address in flagged(house):
        house.unflag(address, "2027-09-21T09:00", reason="it stands")
    request = Request("admin", instant("2027-09-21T10:00"))
    done = house.desk.carry_out(request, "outbox", "outbox", retry_mail, [str(mail.id)])
    assert done.more == {"changed": 0}
    assert done.warnings[0].message == "Somebody has looked at the plan since. Not sent: {mails}."


def test_who_reopens_it_is_not_told_of_it(house: Wheelhouse) -> None:
    with house.store.writing() as session:
        session.add(Role(person_id=f"{SN}-officer", role="administrator", body=""))
    house.reopen(MRP, SEPTEMBER, reason="r", new_date="2027-10-20", actor=f"{SN}-officer")
    assert f"{SN}-officer" not in house.told(PLAN_OF_SN, "flagged")
    assert house.told(PLAN_OF_SN, "flagged") != set()


def test_undoing_the_change_takes_the_flags_with_it(house: Wheelhouse) -> None:
    reopen_the_mrp(house)
    [entry] = house.log(MRP, "plan.reopened")
    house.undo(entry["seq"], "2027-09-20T09:02")
    assert flagged(house) == set()
    assert [entry["data"]["because"] for entry in house.log(PLAN_OF_SN, "plan.unflagged")] == [[MRP]]
    house.tick("2027-09-20T09:30")
    assert [n.outcome for n in house.notices(PLAN_OF_SN, rule="flagged") if n.outcome != "superseded"] == []
    reopen_the_mrp(house)
    house.tick("2027-09-20T09:31")  # told
    entry = house.log(MRP, "plan.reopened")[-1]
    with house.refused("undo"):
        house.undo(entry["seq"], "2027-09-20T09:32")


def test_a_flag_hinders_no_undo(house: Wheelhouse) -> None:
    house.advance(PLAN_OF_SN, "submit", SEPTEMBER)
    step = house.log(PLAN_OF_SN, "plan.advanced")[-1]
    reopen_the_mrp(house)
    house.undo(step["seq"], "2027-09-20T09:03")
    assert house.row(PLAN_OF_SN).state == "draft"
    assert flags(house, PLAN_OF_SN) != []


def test_a_flagged_plan_that_moves_on_is_told_all_the_same(house: Wheelhouse) -> None:
    reopen_the_mrp(house)
    house.advance(PLAN_OF_SN, "submit", "2027-09-20T09:03", anyway=True, reason="we go on")
    house.tick("2027-09-20T09:15")
    assert [n for n in house.notices(PLAN_OF_SN, rule="flagged") if n.message_id]


def test_a_plan_whose_ground_changes_twice_is_told_twice(house: Wheelhouse) -> None:
    reopen_the_mrp(house)
    house.walk(MRP, "adopted", "2027-10-20T19:00")
    house.reopen(MRP, "2027-10-21T09:00", reason="and once more", new_date="2027-11-17")
    told = house.notices(PLAN_OF_SN, rule="flagged", person_id=f"{SN}-officer")
    assert [notice.facts["reason"] for notice in told] == ["the court has set it aside", "and once more"]


def test_plans_of_a_draft_are_flagged_and_nobody_is_mailed(house: Wheelhouse) -> None:
    house.reopen("2028/tidsplan", SEPTEMBER, reason="KS takes it up again", new_date="2027-10-20", anyway=True)
    assert PLAN_OF_SN in flagged(house)
    assert house.notices(PLAN_OF_SN, rule="flagged") == []
    house.tick("2027-09-27T07:30")
    assert house.notices(PLAN_OF_SN, rule="flagged") == []


def test_a_plan_that_is_taken_up_again_has_been_looked_at_until_that_is_undone(house: Wheelhouse) -> None:
    house.walk(PLAN_OF_SN, "reported", "2027-09-15T09:00")
    house.tick("2027-09-15T09:15")
    reopen_the_mrp(house)
    house.reopen(PLAN_OF_SN, "2027-09-21T09:00", reason="it must change", to="draft", new_date="2027-11-01")
    assert flags(house, PLAN_OF_SN) == []
    assert house.log(PLAN_OF_SN, "plan.unflagged")[0]["data"]["because"] == [MRP]
    house.undo(house.log(PLAN_OF_SN, "plan.reopened")[-1]["seq"], "2027-09-21T09:02")
    assert flags(house, PLAN_OF_SN) == [("reopened", MRP, "the court has set it aside")]
    house.send_back(PLAN_OF_SN, "2027-09-21T09:05", body=SN, reason="it must change", new_date="2027-11-01")
    assert flags(house, PLAN_OF_SN) == []


# --- a part that is open again


def handed_over(store: Store) -> Wheelhouse:
    """KS has handed over the interim report, to which every board has contributed."""
    house = started(store)
    house.tick("2028-05-02T09:00", confirmed_by="admin")
    for board in BOARDS:
        house.walk(f"2028/delarsrapport-april/{board}", "treated", "2028-05-24T09:00")
    house.walk("2028/delarsrapport-april", "handed_over", "2028-06-07T13:00")
    return house


REPORT = "2028/delarsrapport-april"
JUNE = "2028-06-12T09:00"


def test_a_phase_says_which_board_is_open_again_after_it_was_handed_over(copy_of: CopyOf) -> None:
    house = copy_of(handed_over)
    done = house.reopen(f"{REPORT}/{SN}", JUNE, reason="a wrong sum", new_date="2028-06-20")
    assert rules_of(done) == ["reopened"]
    assert REPORT in done.warnings[0].facts["missing"]
    assert house.row(REPORT).state == "handed_over"
    assert flags(house, REPORT, JUNE) == [("part", f"{REPORT}/{SN}", "a wrong sum")]
    assert house.show(REPORT, JUNE)["children"] == {
        "done": 8, "of": 9, "missing": [f"{REPORT}/{SN}"], "reopened": [f"{REPORT}/{SN}"]
    }  # fmt: skip
    house.tick("2028-06-12T09:15", confirmed_by="admin")
    assert house.told(REPORT, "flagged") >= {"kf-officer", "ekonomikontoret-officer"}
    told = mail_to(house, "kf-officer")
    assert "efter att fasen hade räknat den som klar" in told
    assert "8 av 9" not in told
    with house.unit_of_work(JUNE) as uow:
        overview = cycle_overview(uow, "2028", "en")
        said = "\n".join(say_cycle(overview, Texts("en"), names_at(uow, [p.address for p in overview.phases], "en")))
        report = dict(year_report(uow, Texts("en")))
    assert [row.flagged for row in overview.phases if row.flagged] == [(REPORT,)]
    assert "To look at again:\n  2028/delarsrapport-april" in said
    assert "Open again, after the phase had counted them: SN" in " ".join(said.split())
    assert report["To look at again"] == "Interim report after April 2028"
    assert "Interim report after April 2028: Open again, after the phase had counted them" in report["The boards"]
    house.walk(f"{REPORT}/{SN}", "treated", "2028-06-19T09:00")
    assert "reopened" not in house.show(REPORT, JUNE)["children"]
    assert flags(house, REPORT, JUNE) != []  # what was handed over is still the old one
    house.unflag(REPORT, "2028-06-19T10:00", reason="KS has handed the new one over")
    assert flagged(house, JUNE) == set()


def test_the_administrators_hear_each_week_what_is_paused(house: Wheelhouse) -> None:
    house.hold(PLAN_OF_SN, SEPTEMBER, reason="the board waits")
    with house.unit_of_work(SEPTEMBER) as uow:
        report = dict(year_report(uow, Texts("sv")))
    assert report["Pausade"] == "Socialnämndens verksamhetsplan med detaljbudget 2028"
    assert report["Ses över"] == ""


def test_a_part_of_a_phase_that_still_waits_flags_nothing(house: Wheelhouse) -> None:
    house.walk(f"2028/verksamhetsplan/{SN}", "decided", "2027-11-10T09:00")
    done = house.reopen(PLAN_OF_SN, "2027-11-12T09:00", reason="r", new_date="2027-12-01")
    assert rules_of(done) == []
    assert flagged(house) == set()


def test_a_part_that_is_sent_back_counts_as_open_again(copy_of: CopyOf) -> None:
    house = copy_of(handed_over)
    flow = catalog()["delarsrapport-namnd"]
    with house.unit_of_work(JUNE) as uow:
        plan = uow.plan(f"{REPORT}/{SN}")
        back = {to.id: whole_that_counted(uow, plan, to.id) for to in flow.states}
    assert [id for id, wholes in back.items() if wholes] == [s.id for s in flow.states if not s.done]
