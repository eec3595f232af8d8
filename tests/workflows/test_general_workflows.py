"""The catalog's general workflows, combined as other municipalities use them, run to their end in the engine."""

import json
from pathlib import Path

import pytest

from config.municipality.municipality import load
from config.new.starter import StarterFolder
from wheel.console.main import main

MORE = """
[body.finansutskottet]
name = { sv = "Finansutskottet", en = "The finance committee" }
kind = "committee"

[body.bostadsbolaget]
name = { sv = "Bostadsbolaget", en = "The housing company" }
kind = "company"
is_board = true

[body.stadsdirektoren]
name = { sv = "Stadsdirektören", en = "The city director" }
kind = "office"

[body.revisorerna]
name = { sv = "Revisorerna", en = "The auditors" }
kind = "auditors"

[body.partierna]
name = { sv = "Partierna", en = "The parties" }
kind = "party"

[phase.skattesats] # a decision of its own, through three bodies
label = { sv = "Skattesats", en = "Tax rate" }
workflow = "beslutskedja-3"
source = "§ 1"
parties = { prepares = "stadsdirektoren", considers = "finansutskottet", proposes = "ks", decides = "kf" }
[phase.skattesats.state]
preparing.opens = { date = "1 February Y-1", source = "§ 1" }
preparing.last = { date = "28 February Y-1", source = "§ 1" }
considering.last = { date = "31 March Y-1", source = "§ 1" }
proposing.last = { date = "30 April Y-1", source = "§ 1" }
deciding.last = { date = "31 May Y-1", source = "§ 1" }

[phase.reglemente] # two readings in the council
label = { sv = "Reglemente", en = "Standing orders" }
workflow = "tva-lasningar"
source = "§ 2"
parties = { prepares = "stadsdirektoren", proposes = "ks", decides = "kf" }
[phase.reglemente.state]
preparing.opens = { date = "1 January Y-1", source = "§ 2" }
preparing.last = { date = "31 January Y-1", source = "§ 2" }
proposing_first.last = { date = "28 February Y-1", source = "§ 2" }
first_reading.last = { date = "31 March Y-1", source = "§ 2" }
proposing_second.last = { date = "30 April Y-1", source = "§ 2" }
second_reading.last = { date = "31 May Y-1", source = "§ 2" }

[phase.mbl] # a union negotiation
label = { sv = "Förhandling enligt MBL", en = "Union negotiation" }
workflow = "moment"
source = "§ 3"
parties = { prepares = "stadsdirektoren" }
[phase.mbl.state]
open.opens = { date = "1 April Y-1", source = "§ 3" }
open.last = { date = "15 April Y-1", source = "§ 3" }

[phase.partiforslag]
label = { sv = "Partiernas förslag", en = "The parties' proposals" }
workflow = "moment"
source = "§ 4"
parties = { prepares = "partierna" }
[phase.partiforslag.state]
open.opens = { date = "1 May Y-1", source = "§ 4" }
open.last = { date = "15 May Y-1", source = "§ 4" }

[phase.utstallning] # public inspection: it begins and ends by itself
label = { sv = "Offentligt framlagd", en = "Public inspection" }
workflow = "tidsfonster"
source = "§ 5"
parties = { prepares = "stadsdirektoren" }
[phase.utstallning.state]
open.opens = { date = "1 June Y-1", source = "§ 5" }
open.target = { date = "14 June Y-1", source = "§ 5" }
over.opens = { date = "after target of utstallning.open", source = "§ 5" }

[phase.samrad] # the same with a last day
label = { sv = "Samråd", en = "Consultation" }
workflow = "tidsfonster"
source = "§ 5"
parties = { prepares = "stadsdirektoren" }
[phase.samrad.state]
open.opens = { date = "1 March Y-1", source = "§ 5" }
open.last = { date = "15 March Y-1", source = "§ 5" }
over.opens = { date = "after 15 March Y-1", source = "§ 5" }

[phase.remiss]
label = { sv = "Remiss", en = "Hearing" }
workflow = "remiss"
source = "§ 6"
parties = { prepares = "stadsdirektoren" }
[phase.remiss.state]
draft.opens = { date = "1 February Y-1", source = "§ 6" }
draft.last = { date = "15 February Y-1", source = "§ 6" }
answered.opens = { date = "1 April Y-1", source = "§ 6" }
answered.last = { date = "15 April Y-1", source = "§ 6" }

[phase.seminarium]
label = { sv = "Seminarium", en = "Seminar" }
workflow = "dialog"
source = "§ 7"
parties = { prepares = "stadsdirektoren" }
[phase.seminarium.state]
open.opens = { date = "1 March Y-1", source = "§ 7" }
open.last = { date = "15 March Y-1", source = "§ 7" }
held.last = { date = "31 March Y-1", source = "§ 7" }

[phase.till-revisorerna] # decided there, told here: what the council has decided goes to the auditors
label = { sv = "Till revisorerna", en = "To the auditors" }
workflow = "moment"
source = "§ 8"
parties = { prepares = "revisorerna" }
[phase.till-revisorerna.state]
open.last = { date = "1 month after last day of skattesats", source = "§ 8" }
[phase.till-revisorerna.step]
open.follows = { phase = "skattesats", reached = "decided" }

[phase.for-kannedom] # decided in the executive board, for information in the council
label = { sv = "Ramarna anmäls till fullmäktige", en = "The frames are told to the council" }
workflow = "rapport"
source = "§ 9"
parties = { prepares = "stadsdirektoren", decides = "kf" }
[phase.for-kannedom.state]
open.last = { date = "3 weeks after last day of ramar", source = "§ 9" }
reported.last = { date = "2 months after last day of ramar", source = "§ 9" }
[phase.for-kannedom.step]
open.follows = { phase = "ramar", reached = "decided" }
"""
PEOPLE = """
[person.bolaget-officer]
name = "Handläggare, Bostadsbolaget"
email = "bostadsbolaget@example.se"
roles = [{ role = "officer", body = "bostadsbolaget" }, { role = "secretary", body = "bostadsbolaget" }]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "exempelby"
    target.mkdir()
    files = StarterFolder("Exempelby kommun", ("Skolnämnden",), "KS", "KF", "SE", 6, "en", 2026).files()
    for file, more in (("wheel.toml", MORE), ("people.toml", PEOPLE), ("meetings.toml", "")):
        (target / file).write_text(files[file] + more, encoding="utf-8")
    return target


def test_a_company_has_plans_as_a_board_has_and_a_committee_has_none(folder: Path) -> None:
    wheel = load(folder).definition.wheel
    assert wheel.boards == ["ks", "skolnamnden", "bostadsbolaget"]


@pytest.mark.parametrize("kind", ["office", "auditors", "party"])
def test_neither_an_office_nor_the_auditors_nor_a_party_decides(
    kind: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (folder / "wheel.toml").read_text(encoding="utf-8")
    (folder / "wheel.toml").write_text(text.replace('kind = "committee"', f'kind = "{kind}"'), encoding="utf-8")
    assert main(["check", str(folder), "--home", str(folder / "nowhere"), "--json"]) == 6
    assert [error["code"] for error in json.loads(capsys.readouterr().out)["errors"]] == ["E311"]


def test_every_general_workflow_reaches_its_end_in_a_punctual_year(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rehearse", "2027", str(folder), "--json"]) == 0
    year = json.loads(capsys.readouterr().out)
    ends = {entry["address"] for entry in year["calendar"] if entry["what"] in ("done", "decided")}
    phases = (
        "skattesats",
        "reglemente",
        "mbl",
        "partiforslag",
        "remiss",
        "seminarium",
        "till-revisorerna",
        "for-kannedom",
    )
    assert {f"2028/{phase}" for phase in phases} <= ends
    assert "2028/underlag/bostadsbolaget" in ends
    assert year["unfinished"] == []


def test_a_state_that_ends_by_itself_is_never_overdue(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "2027", str(folder), "--json"]) == 0
    year = json.loads(capsys.readouterr().out)
    window = [entry for entry in year["calendar"] if entry["address"] == "2028/samrad"]
    assert [(entry["date"], entry["what"]) for entry in window] == [("2027-03-01", "opens"), ("2027-03-16", "moved")]
    assert [late for late in year["lateness"] if late["address"] == "2028/samrad"] == []
