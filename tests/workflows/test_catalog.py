"""Every workflow of the catalog is valid, can be started and reaches its end."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from config.municipality.municipality import CATALOG, catalog
from config.municipality.toml_lines import read_toml
from workflows.checks.workflow_problems import workflow_problems
from workflows.definition.definition import Step, Text, Workflow

CONSENT = ("adopted", "adopted_with_changes")
WORKFLOWS = catalog()
NAMES = sorted(WORKFLOWS)


def test_the_catalog_has_exactly_these_workflows() -> None:
    assert set(WORKFLOWS) >= {
        *("tidsplan", "budgetberedning", "uppdragsdialog", "uppdragsdialog-namnd", "ramar", "namndforslag"),
        *(
            "namndforslag-namnd",
            "namndforslag-ks",
            "mrp",
            "budgetfaststallelse",
            "verksamhetsplan",
            "verksamhetsplan-namnd",
        ),
        *("verksamhetsplan-ks", "delarsrapport", "delarsrapport-namnd", "arsredovisning", "arsredovisning-namnd"),
        *("arsberattelse", "arsberattelse-namnd", "inriktningsmal"),
        *("beslutskedja", "inlamning", "inlamning-namnd", "dialog", "remiss", "rapport"),
    }


@pytest.mark.parametrize("path", sorted(CATALOG.glob("*.toml")), ids=lambda path: path.stem)
def test_a_workflow_stands_in_the_file_of_its_name(path: Path) -> None:
    workflow = Workflow.model_validate(read_toml(path.read_text(encoding="utf-8")))
    assert workflow.id == path.stem


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_has_no_problem(name: str) -> None:
    assert workflow_problems(WORKFLOWS[name]) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_waits_first_and_is_opened_by_its_date(name: str) -> None:
    workflow = WORKFLOWS[name]
    assert workflow.initial == "upcoming"
    assert [(step.verb, step.automatic) for step in workflow.steps_from("upcoming")] == [("open", "date")]
    assert not workflow.state("upcoming").done


@pytest.mark.parametrize("name", NAMES)
def test_every_state_is_reachable_and_leads_to_the_end(name: str) -> None:
    workflow = WORKFLOWS[name]
    assert _after(workflow, ["upcoming"]) == {state.id for state in workflow.states}
    for state in workflow.states:
        assert any(workflow.state(id).done for id in _after(workflow, [state.id])), state.id


@pytest.mark.parametrize("name", NAMES)
def test_the_ordinary_way_leads_through_the_states_in_their_order(name: str) -> None:
    workflow = WORKFLOWS[name]
    way = ["upcoming", *(step.to for step in workflow.way_ahead("upcoming"))]
    order = [state.id for state in workflow.states]
    assert way == sorted(way, key=order.index)
    assert workflow.state(way[-1]).done


@pytest.mark.parametrize("name", NAMES)
def test_where_a_body_decides_the_matter_can_be_sent_back(name: str) -> None:
    workflow = WORKFLOWS[name]
    for step in workflow.steps:
        if step.decision and not step.off_path:
            assert all(workflow.state(state).returns_to for state in step.from_), step.verb


def test_the_states_and_decisions_of_the_goal_and_resource_plan() -> None:
    mrp = WORKFLOWS["mrp"]
    assert [state.id for state in mrp.states] == ["upcoming", "underlag", "ks_proposal", "kf", "adopted", "in_force"]
    assert [step.verb for step in mrp.way_ahead("upcoming")] == ["open", "submit", "propose", "decide", "take_effect"]
    assert {step.verb: step.by for step in mrp.steps if step.decision} == {
        "propose": "proposes",
        "decide": "decides",
        "revise": "decides",
    }
    assert mrp.state("kf").returns_to == "ks_proposal"
    assert mrp.reached("in_force", "adopted")


def test_the_timetable_counts_as_decided_also_when_it_is_in_force_or_replaced() -> None:
    tidsplan = WORKFLOWS["tidsplan"]
    assert [state.id for state in tidsplan.states if tidsplan.reached(state.id, "decided")] == [
        "decided",
        "in_force",
        "replaced",
    ]


def test_each_decision_names_the_outcomes_that_take_it() -> None:
    unnamed = [
        (name, step.verb) for name in NAMES for step in WORKFLOWS[name].steps if step.decision != bool(step.outcomes)
    ]
    assert unnamed == []


@pytest.mark.parametrize(
    ("name", "verb", "adopts", "moves"),
    [  # the verbs of each document: fastställs, antas, beslutas, godkänns; a report is behandlad or noted
        ("tidsplan", "decide", CONSENT, ()),
        ("ramar", "decide", CONSENT, ()),
        ("inriktningsmal", "propose", (), CONSENT),
        ("inriktningsmal", "decide", CONSENT, ()),
        ("mrp", "propose", (), CONSENT),
        ("mrp", "decide", CONSENT, ()),
        ("mrp", "revise", CONSENT, ()),
        ("budgetfaststallelse", "decide", CONSENT, ()),
        ("verksamhetsplan-namnd", "decide", CONSENT, ()),
        ("delarsrapport", "hand_over", (), CONSENT),
        ("delarsrapport", "decide", CONSENT, ("noted",)),
        ("arsredovisning", "decide", CONSENT, ()),
        ("arsredovisning", "discharge", CONSENT, ("rejected",)),  # refused discharge settles the matter too
        ("tva-lasningar", "read", (), (*CONSENT, "noted")),
        ("tva-lasningar", "decide", CONSENT, ()),
        ("beslutskedja", "propose", (), CONSENT),
    ],
)
def test_the_outcomes_that_decide_a_document(
    name: str, verb: str, adopts: tuple[str, ...], moves: tuple[str, ...]
) -> None:
    step = WORKFLOWS[name].steps_named(verb)[0]
    assert step.adopted_by == adopts
    assert step.taken_by == (*adopts, *moves)


@pytest.mark.parametrize(
    ("name", "decides"),
    [("tidsplan", "decide"), ("beslutskedja", "decide"), ("tva-lasningar", "decide"), ("moment", None)],
)
def test_a_proposal_or_a_first_reading_is_not_the_deciding_step(name: str, decides: str | None) -> None:
    step = WORKFLOWS[name].deciding_step
    assert (step and step.verb) == decides


@pytest.mark.parametrize(("by", "adopts"), [("decides", CONSENT), ("proposes", ())])
def test_without_named_outcomes_the_consent_of_the_body_that_decides_adopts(by: str, adopts: tuple[str, ...]) -> None:
    label = Text(sv="Beslutar", en="Decides")
    step = Step.model_validate(
        {"verb": "decide", "label": label, "from": ("kf",), "to": "adopted", "by": by, "decision": True}
    )
    assert (step.adopted_by, step.taken_by) == (adopts, CONSENT)


@pytest.mark.parametrize("document", ["verksamhetsplan", "namndforslag"])
def test_the_executive_boards_own_plan_has_the_states_of_the_others(document: str) -> None:
    own, others = WORKFLOWS[f"{document}-ks"], WORKFLOWS[f"{document}-namnd"]
    assert [state.id for state in own.states] == [state.id for state in others.states]
    assert [step.verb for step in own.steps] == [step.verb for step in others.steps]


def test_the_executive_board_has_nobody_to_report_its_operational_plan_to() -> None:
    assert WORKFLOWS["verksamhetsplan-ks"].steps_named("report")[0].by is None


@pytest.mark.parametrize(
    ("whole", "board", "reached"),
    [
        ("uppdragsdialog", "uppdragsdialog-namnd", "held"),
        ("namndforslag", "namndforslag-namnd", "reconciled"),
        ("namndforslag", "namndforslag-ks", "reconciled"),
        ("verksamhetsplan", "verksamhetsplan-namnd", "reported_to_ks"),
        ("verksamhetsplan", "verksamhetsplan-ks", "reported_to_ks"),
        ("delarsrapport", "delarsrapport-namnd", "treated"),
        ("arsredovisning", "arsredovisning-namnd", "treated"),
        ("arsberattelse", "arsberattelse-namnd", "treated"),
        ("inlamning", "inlamning-namnd", "handed_in"),
    ],
)
def test_a_whole_waits_for_a_state_that_its_boards_plans_have(whole: str, board: str, reached: str) -> None:
    waits = [step.reached for step in WORKFLOWS[whole].steps if step.automatic == "children"]
    assert waits == [reached]
    assert WORKFLOWS[board].state(reached).done


def _after(workflow: Workflow, states: Iterable[str]) -> set[str]:
    found, ahead = set[str](), list(states)
    while ahead:
        state = ahead.pop()
        if state not in found:
            found.add(state)
            ahead += [step.to for step in workflow.steps_from(state)]
    return found
