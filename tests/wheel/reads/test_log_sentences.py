"""The log in sentences: who did what, which body decided it where, why something was refused; and who did what."""

import csv
import io

import pytest

from config.text.texts import Texts
from tests.support.databases import CopyOf
from tests.support.wheelhouse import ZONE, Wheelhouse
from wheel.console.printing.lines import local_time
from wheel.console.printing.log import say_log
from wheel.database.store import Store
from wheel.errors import NotFound
from wheel.reads.log_entries import log_entries
from wheel.reads.log_sentences import tell
from wheel.reads.log_sheet import COLUMNS, write_log_sheet

ENGLISH, SWEDISH = Texts("en"), Texts("sv")
NOW = "2027-07-01T08:00"
BOARD = "socialnamnden"


def begun(store: Store) -> Wheelhouse:
    house = Wheelhouse(store)
    house.start()
    house.walk("2028/ramar", "sent_out", "2027-02-24T15:00")
    with house.refused("role", "reason"):
        house.hold("2028/mrp", "2027-03-01T09:00", actor="kf-secretary")
    house.hold_dialogues("2028", "2027-05-03T09:00")
    house.walk("2028/mrp", "kf", "2027-06-02T13:00")
    house.send_back("2028/mrp", "2027-06-16T19:00", body="kf", reason="too thin", new_date="2027-08-31")
    house.hold("2028/budgetberedning", "2027-06-17T09:00", reason="=1+2", with_boards=False)
    house.tick("2027-06-18T08:00")
    return house


@pytest.fixture
def house(copy_of: CopyOf) -> Wheelhouse:
    return copy_of(begun)


def said(
    house: Wheelhouse, texts: Texts, subject: str | None = None, person: str | None = None, body: str | None = None
) -> list[str]:
    with house.unit_of_work(NOW) as uow:
        return [each.said for each in tell(uow, log_entries(uow, subject, person=person, body=body).entries, texts)]


def test_a_decision_names_body_day_paragraph_diary_and_outcome(house: Wheelhouse) -> None:
    [timetable] = [each for each in said(house, SWEDISH, "2028/tidsplan") if "§" in each]
    assert timetable == (
        "Kommunstyrelsen fastställer tidsplanen. KS 2026-11-04 § 1, KS 2026/300: enligt förslaget. "
        "Utkast → Fastställd. Motivering: as usual."
    )
    [back] = [each for each in said(house, ENGLISH, "2028/mrp") if "too thin" in each]
    assert back.startswith("Sent back. KF 2027-06-16 § ")
    assert "referred back. With the council → With the executive board. Reason: too thin." in back


def test_a_warning_of_dates_is_told_in_the_readers_language(house: Wheelhouse) -> None:
    plan = "2028/verksamhetsplan"
    house.move_deadline(plan, "2027-12-10", "2027-06-18T09:00", state="open", reason="early")
    told = {texts.language: said(house, texts, plan)[-1] for texts in (ENGLISH, SWEDISH)}
    assert "overformyndarnamnden (15 January)" in told["en"]
    assert "overformyndarnamnden (15 januari)" in told["sv"]
    assert "{" not in told["en"] + told["sv"]


def test_a_refusal_says_what_was_refused_and_every_reason(house: Wheelhouse) -> None:
    [refused] = [each for each in said(house, ENGLISH, "2028/mrp") if each.startswith("Refused")]
    assert refused.startswith("Refused: to pause the plan. No role of kf-secretary allows this")
    assert refused.endswith("Give a reason. It is kept in the log.")


def test_a_refusal_and_a_rule_that_was_passed_over_name_the_bodies_that_could_help(house: Wheelhouse) -> None:
    with house.refused("state"):
        house.advance("2028/mrp", "decide", "2027-06-18T09:00", body="kf")
    named = "The executive board makes its proposal (propose). Responsible: the executive board"
    assert named in said(house, ENGLISH, "2028/mrp")[-1]
    house.advance("2028/mrp", "decide", "2027-06-18T09:00", body="kf", anyway=True, reason="it has been decided")
    [passed] = [each for each in said(house, ENGLISH, "2028/mrp") if "it has been decided" in each]
    assert f"Deviation: The plan is in the state “With the executive board”. Before this step come: {named}" in passed


def test_what_a_body_decided_and_what_a_person_did_is_found(house: Wheelhouse) -> None:
    assert [each.partition(".")[0] for each in said(house, ENGLISH, body="KF")] == ["Sent back"]
    assert said(house, ENGLISH, body="kf") == said(house, ENGLISH, "KF")
    ks = said(house, ENGLISH, body="ks")
    assert len([each for each in ks if " § " in each]) == 3
    [own] = said(house, ENGLISH, person="kf-secretary")
    assert own.startswith("Refused")
    for unknown in ({"person": "nobody"}, {"body": "nothing"}, {"subject": "2028/nothing"}):
        with pytest.raises(NotFound):
            said(house, ENGLISH, **unknown)


def test_notices_and_the_plans_of_a_cycle_are_counted_unless_all_is_asked_for(house: Wheelhouse) -> None:
    with house.unit_of_work(NOW) as uow:
        told = tell(uow, log_entries(uow).entries, ENGLISH)
    folded = say_log(told, ENGLISH, local_time(ZONE.key), whole=False)
    assert [line for line in folded if line.endswith("plan opened: 74")]
    assert len(folded) < len(told)
    assert len(say_log(told, ENGLISH, local_time(ZONE.key), whole=True)) >= len(told)


def test_no_sentence_has_an_id_where_there_is_a_name(house: Wheelhouse) -> None:
    with house.unit_of_work(NOW) as uow:
        entries = [entry for entry in log_entries(uow).entries if entry["action"] != "dates.judged"]  # as check says it
        for texts in (ENGLISH, SWEDISH):
            every = [each.said for each in tell(uow, entries, texts)]
            assert not [
                each for each in every if any(wrong in each for wrong in ("{", "ks_proposal", "plan.adv", "None"))
            ]


def test_the_sheet_has_columns_and_no_cell_is_a_formula(house: Wheelhouse) -> None:
    out = io.StringIO()
    with house.unit_of_work(NOW) as uow:
        write_log_sheet(uow, SWEDISH, out, "csv")
    rows = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    assert tuple(rows[0]) == COLUMNS
    [back] = [row for row in rows if row["action"] == "plan.sent_back"]
    assert (back["body"], back["meeting"], back["outcome"]) == ("kf", "2027-06-16", "sent_back")
    assert (back["from"], back["to"], back["reason"]) == ("kf", "ks_proposal", "too thin")
    assert back["about"] == "Mål- och resursplan 2028 (2028/mrp)"
    assert "'=1+2" in [row["reason"] for row in rows]
    assert not [cell for row in rows for cell in row.values() if cell.strip().startswith(("=", "+", "-", "@"))]
