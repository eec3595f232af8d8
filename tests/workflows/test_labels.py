"""A label names the wheel's own bodies: a party's, a kind's, in the genitive, several, or in general words."""

import pytest

from tests.support.other_wheels import loaded
from tests.support.wheelhouse import vanersborg
from workflows.definition.definition import Definition
from workflows.definition.labels import no_bodies, with_bodies
from workflows.definition.workflow import Text, Workflow


def labelled(sv: str, en: str) -> Workflow:
    """A workflow whose only step has that label."""
    table = {
        "id": "w",
        "label": {"sv": "W", "en": "W"},
        "state": [{"id": "a", "label": {"sv": "A", "en": "A"}}, {"id": "b", "label": {"sv": "B", "en": "B"}}],
        "step": [{"verb": "go", "label": {"sv": sv, "en": en}, "from": ["a"], "to": "b", "by": "decides"}],
    }
    return Workflow.model_validate(table)


BODIES = {
    "decides": [Text(sv="regionstyrelsen", en="the regional board")],
    "prepares": [Text(sv="kontoret", en="the office"), Text(sv="KDX", en="KDX")],
}


@pytest.mark.parametrize(
    ("label", "swedish", "english"),
    [
        ("{decides} beslutar", "Regionstyrelsen beslutar", "The regional board beslutar"),
        ("Hos {decides}", "Hos regionstyrelsen", "Hos the regional board"),
        ("{decides's} plan", "Regionstyrelsens plan", "The regional board's plan"),
        ("Av {prepares}", "Av kontoret och KDX", "Av the office and KDX"),
        ("Till {auditors}", "Till revisorerna", "Till the auditors"),  # the wheel has none
        ("Till {council}", "Till fullmäktige", "Till the council"),
        ("{nobody} kommer", "{nobody} kommer", "{nobody} kommer"),
    ],
)
def test_a_label_names_bodies(label: str, swedish: str, english: str) -> None:
    found = with_bodies(labelled(label, label), lambda who: BODIES.get(who, [])).steps[0].label
    assert (found.sv, found.en) == (swedish, english)


def test_a_workflow_that_names_nobody_stays_as_it_is() -> None:
    workflow = labelled("Beslutas", "Decided")
    assert with_bodies(workflow, no_bodies) is workflow


@pytest.mark.parametrize("name", ["region", "forbund", "svar-inom-30-dagar", "ramar-tills-vidare"])
def test_no_plan_of_a_wheel_shows_a_brace_and_a_general_word_only_where_it_has_no_such_body(name: str) -> None:
    labels = labels_of(loaded(name).definition)
    assert [text for text in labels if "{" in text or "organet" in text] == []


def test_in_vanersborg_the_texts_are_those_that_they_were() -> None:
    labels = labels_of(vanersborg())
    assert {
        "Kommunstyrelsen fastställer tidsplanen", "Hos kommunfullmäktige", "Kommunstyrelsens förslag",
        "Kommunfullmäktige antar mål- och resursplanen", "Det nyvalda kommunfullmäktige fastställer budgeten",
        "Årsredovisningen överlämnas till kommunfullmäktige och revisorerna",
        "Nämnden rapporterar verksamhetsplanen till kommunstyrelsen", "Beslutad av kommunstyrelsen",
    } <= labels  # fmt: skip


def labels_of(definition: Definition) -> set[str]:
    wheel = definition.wheel
    plans = [
        (id, board)
        for id, phase in wheel.phases.items()
        for board in (None, *wheel.boards)
        if board is None or phase.board
    ]
    flows = [definition.workflow(*plan) for plan in plans]
    states = {state.label.sv for flow in flows for state in flow.states}
    return states | {step.label.sv for flow in flows for step in flow.steps} | {flow.label.sv for flow in flows}
