"""What a plan is called, in mails and on the screen."""

import pytest

from config.municipality.municipality import VANERSBORG, load
from tests.support.timetabling import changed
from tests.support.unsaved_plan import a_plan
from wheel.engine.titles import title_for_a_subject, title_of
from workflows.definition.definition import CycleKind


@pytest.mark.parametrize(
    ("phase", "board", "kind", "year", "swedish", "english"),
    [
        ("mrp", None, "budget", 2028, "Mål- och resursplan 2028", "Goal and resource plan 2028"),
        (
            "delarsrapport-april", "socialnamnden", "budget", 2027,
            "Socialnämndens delårsrapport efter april 2027", "The social board's interim report after April 2027",
        ),
        ("inriktningsmal", None, "mandate", 2026, "Inriktningsmål 2026–2030", "Direction goals 2026–2030"),
    ],
)  # fmt: skip
def test_a_plan_is_called_by_its_board_its_phase_and_its_years(
    phase: str, board: str | None, kind: CycleKind, year: int, swedish: str, english: str
) -> None:
    plan = a_plan(phase, "upcoming", None, board=board, year=year, kind=kind)
    assert (title_of(plan, "sv"), title_of(plan, "en")) == (swedish, english)


@pytest.mark.parametrize(
    ("phase", "board", "title"),
    [
        ("namndforslag", "socialnamnden", "Förslag till förväntade resultat 2028, SN"),
        ("uppdragsdialog", "socialnamnden", "Uppdragsdialog 2028, SN"),
        ("mrp", None, "Mål- och resursplan 2028"),
    ],
)
def test_in_a_subject_what_it_is_comes_first(phase: str, board: str | None, title: str) -> None:
    assert title_for_a_subject(a_plan(phase, "upcoming", None, board=board, year=2028), "sv") == title


@pytest.mark.parametrize(
    ("name", "swedish", "english"),
    [
        ("VA Sjövik AB", "VA Sjövik AB:s", "VA Sjövik AB's"),
        ("SjövikAB", "SjövikAB:s", "SjövikAB's"),
        ("Socialnämnden", "Socialnämndens", "Socialnämnden's"),
        ("Sjövikshus", "Sjövikshus", "Sjövikshus'"),
        ("Hotell Lux", "Hotell Lux", "Hotell Lux's"),
        ("Stiftelsen Jazz", "Stiftelsen Jazz", "Stiftelsen Jazz's"),
        ("SJÖVIKS MARKS", "SJÖVIKS MARKS", "SJÖVIKS MARKS's"),
    ],
)
def test_a_board_has_its_plan_in_the_genitive(name: str, swedish: str, english: str) -> None:
    plan = a_plan("uppdragsdialog", "upcoming", None, board="socialnamnden", year=2028)
    definition = changed(plan.cycle.definition, {"body.socialnamnden.name": {"sv": name, "en": name}})
    plan = plan._replace(cycle=plan.cycle._replace(definition=definition))
    assert title_of(plan, "sv") == f"{swedish} uppdragsdialog 2028"
    assert title_of(plan, "en").startswith(f"{english} ")


def test_a_rolling_plan_is_called_by_all_the_years_that_it_covers() -> None:
    """Östersund's budget is one of three years, and decided anew each year."""
    definition = load(VANERSBORG.parent / "ostersund").definition
    plan = a_plan("mrp", "upcoming", None)
    plan = plan._replace(cycle=plan.cycle._replace(definition=definition), phase="slutlig")
    assert title_of(plan, "sv") == "Slutlig budget 2028–2030"


@pytest.mark.parametrize(
    ("years", "title"),
    [
        ({}, "Inriktningsmål 2018–2022"),
        ({"covers": 4}, "Inriktningsmål 2019–2022"),
        ({"covers": 4, "covers_from": "E+2"}, "Inriktningsmål 2020–2023"),
        ({"covers": 1, "covers_from": "E+3"}, "Inriktningsmål 2021"),
    ],
)
def test_goals_of_a_mandate_period_say_the_years_that_they_are_about(years: dict[str, object], title: str) -> None:
    plan = a_plan("inriktningsmal", "upcoming", None, year=2018, kind="mandate")
    definition = changed(plan.cycle.definition, {f"phase.inriktningsmal.{key}": value for key, value in years.items()})
    assert title_of(plan._replace(cycle=plan.cycle._replace(definition=definition)), "sv") == title
