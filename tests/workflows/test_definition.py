"""A definition: the names and years of bodies, the ordinary way through a workflow, and the stored form."""

from datetime import date

import pytest
from pydantic import ValidationError

from tests.support.wheelhouse import vanersborg
from workflows.dates.workdays import Calendar
from workflows.definition.definition import Body, Workflow, anchor, canonical_json

FIRST, LAST = date(2027, 3, 1), date(2027, 3, 31)


def body(name: str = "Skolnämnden", **more: object) -> Body:
    return Body.model_validate({"name": {"sv": name, "en": name}, "kind": "board", **more})


@pytest.mark.parametrize(
    ("name", "inside"),
    [("Skolnämnden", "skolnämnden"), ("KF:s presidium", "KF:s presidium"), ("KSau", "KSau"), ("V", "v")],
)
def test_inside_a_sentence_a_name_begins_in_lower_case_unless_it_is_an_abbreviation(name: str, inside: str) -> None:
    assert body(name).inside.sv == body(name).inside.en == inside


@pytest.mark.parametrize("kind", ["member", "company", "outside"])
def test_inside_a_sentence_a_proper_name_keeps_its_capital(kind: str) -> None:
    name = {"sv": "Ekeby kommun", "en": "The municipality of Ekeby"}
    inside = Body.model_validate({"name": name, "kind": kind}).inside
    assert (inside.sv, inside.en) == ("Ekeby kommun", "the municipality of Ekeby")


@pytest.mark.parametrize("name", ["", " ", "\u200b"])
def test_a_name_without_a_visible_character_is_too_short(name: str) -> None:
    with pytest.raises(ValidationError) as error:
        body(name)
    assert {(found["type"], found["ctx"]["min_length"]) for found in error.value.errors()} == {("string_too_short", 1)}


@pytest.mark.parametrize(
    ("begins", "ends", "exists"),
    [
        (None, None, True),
        (None, "2027-03-01", True),
        (None, "2027-02-28", False),
        ("2027-03-31", None, True),
        ("2027-04-01", None, False),
        ("2027-03-10", "2027-03-10", True),
    ],
)
def test_a_body_exists_between_two_days_if_it_does_on_one_of_them(
    begins: str | None, ends: str | None, exists: bool
) -> None:
    assert body(begins=begins, ends=ends).exists_between(FIRST, LAST) is exists


def test_the_ordinary_way_through_a_circle_takes_each_step_once() -> None:
    text = {"sv": "?", "en": "?"}
    ways = [("plan", "upcoming", "open"), ("end", "open", "done"), ("revise", "done", "open")]
    circle = Workflow.model_validate(
        {
            "id": "circle",
            "label": text,
            "state": [{"id": state, "label": text} for state in ("upcoming", "open", "done")],
            "step": [{"verb": verb, "label": text, "from": [source], "to": to} for verb, source, to in ways],
        }
    )
    assert [step.verb for step in circle.way_ahead("upcoming")] == ["plan", "end", "revise"]
    assert [step.verb for step in circle.way_ahead("done")] == ["revise", "end"]


def test_canonical_json_has_one_spelling_for_each_value() -> None:
    value = {"o\u0308": ["a\u030a", 1, None, True], "a": ("x",)}
    assert canonical_json(value) == '{"a":["x"],"ö":["å",1,null,true]}'.encode()
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical_json(float("nan"))


def test_a_phase_after_an_election_is_there_in_the_budget_year_after_it() -> None:
    years = [year for year in range(2026, 2034) if "budgetfaststallelse" in vanersborg().phases("budget", year)]
    assert years == [2027, 2031]


def test_an_anchor_knows_its_year_and_its_calendar() -> None:
    calendar = Calendar("SE", "Europe/Stockholm")
    budget, mandate = anchor("budget", 2028, calendar), anchor("mandate", 2026, calendar)
    assert (budget.budget_year, budget.election_year, budget.calendar) == (2028, None, calendar)
    assert (mandate.budget_year, mandate.election_year, mandate.calendar) == (None, 2026, calendar)
