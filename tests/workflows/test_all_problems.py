"""Each single fault of a definition gives exactly one problem, with its place and its cure."""

import pytest

from config.municipality.toml_lines import TomlFile, read_toml
from workflows.checks.all_problems import Problem, problems
from workflows.definition.definition import Definition, Wheel, Workflow

WHOLE = """
id = "plan"
label = { sv = "Plan", en = "Plan" }
[[state]]
id = "upcoming"
label = { sv = "Kommande", en = "Upcoming" }
[[state]]
id = "open"
label = { sv = "Öppen", en = "Open" }
[[state]]
id = "council"
label = { sv = "Hos KF", en = "With the council" }
returns_to = "open"
[[state]]
id = "decided"
label = { sv = "Beslutad", en = "Decided" }
done = true
[[state]]
id = "closed"
label = { sv = "Avslutad", en = "Closed" }
done = true
[[step]]
verb = "start"
label = { sv = "Börjar", en = "Begins" }
from = ["upcoming"]
to = "open"
automatic = "date"
[[step]]
verb = "compile"
label = { sv = "Sammanställs", en = "Compiled" }
from = ["open"]
to = "council"
automatic = "children"
reached = "handed_in"
[[step]]
verb = "decide"
label = { sv = "Beslutas", en = "Decided" }
from = ["council"]
to = "decided"
by = "decides"
decision = true
[[step]]
verb = "close"
label = { sv = "Avslutas", en = "Closed" }
from = ["decided"]
to = "closed"
automatic = "phase"
"""

BOARD = """
id = "hand-in"
label = { sv = "Inlämning", en = "Hand-in" }
[[state]]
id = "waiting"
label = { sv = "Väntar", en = "Waiting" }
[[state]]
id = "handed_in"
label = { sv = "Inlämnad", en = "Handed in" }
done = true
[[step]]
verb = "submit"
label = { sv = "Lämnas in", en = "Handed in" }
from = ["waiting"]
to = "handed_in"
by = "prepares"
"""

WHEEL = """
name = { sv = "Provköping", en = "Testville" }
version = "1"
country = "SE"
zone = "Europe/Stockholm"
rules_source = "invented"
[cycle.budget]
name = "{year}"
opens = { date = "1 November Y-2", source = "1" }
timetable = "plan"
[cycle.mandate]
name = "mandat-{year}"
every = 4
opens = { date = "15 October E", source = "1" }
[body.kf]
name = { sv = "KF", en = "The council" }
kind = "council"
[body.school]
name = { sv = "Skolnämnden", en = "The school board" }
kind = "board"
[body.office]
name = { sv = "Kontoret", en = "The office" }
kind = "office"
[ladder]
standard = [{ days = 0, to = ["responsible"] }]
[phase.first]
label = { sv = "Först", en = "First" }
workflow = "hand-in"
source = "1"
parties = { prepares = "office" }
[phase.plan]
label = { sv = "Plan", en = "Plan" }
workflow = "plan"
source = "1"
parties = { decides = "kf" }
[phase.plan.state]
open.opens = { date = "1 January Y-1", source = "1" }
open.target = { date = "last of February Y-1", source = "1" }
open.last = { date = "31 March Y-1", source = "1" }
open.statutory = { date = "15 April Y-1", source = "law" }
[phase.plan.step]
decide.rules = [{ rule = "R2", phase = "first", reached = "handed_in" }, { rule = "R6", date = "June Y-1" }]
close.follows = { phase = "first", reached = "handed_in" }
[phase.plan.board]
workflow = "hand-in"
parties = { prepares = "board" }
[phase.plan.board.state]
waiting.last = { date = "1 March Y-1", source = "1" }
[phase.plan.exception]
school = { concerned = true }
[phase.goals]
label = { sv = "Mål", en = "Goals" }
workflow = "hand-in"
source = "1"
cycle = "mandate"
parties = { prepares = "office" }
[phase.goals.state]
waiting.opens = { date = "1 March E+1", source = "1" }
"""


def found(whole: str = WHOLE, board: str = BOARD, wheel: str = WHEEL) -> list[Problem]:
    workflows = [Workflow.model_validate(read_toml(text)) for text in (whole, board)]
    definition = Definition(
        wheel=Wheel.model_validate(read_toml(wheel)), workflows={workflow.id: workflow for workflow in workflows}
    )
    return problems(definition)


def said(problem: Problem, text: str) -> str:
    place = TomlFile("", text, read_toml(text)).shown(problem.place)
    return f"{place}: {problem.message.format_map(problem.facts)} {problem.cure.format_map(problem.facts)}"


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the text"
    return text.replace(old, new)


def test_a_definition_without_fault_has_no_problems() -> None:
    assert found() == []


WORD = "Write the name with a-z, 0-9 and _, with a letter first."
SLUG = "Write the name with a-z, 0-9 and -, with a letter first."


@pytest.mark.parametrize(
    ("code", "old", "new", "sentence"),
    [
        (
            "unknown_state",
            'to = "closed"',
            'to = "closd"',
            "step.close.to: The state closd does not exist. Did you mean closed?",
        ),
        (
            "unknown_state",
            'from = ["council"]',
            'from = ["xyz"]',
            "step.decide.from: The state xyz does not exist. Write one of: upcoming, open, council, decided, closed.",
        ),
        (
            "unknown_state",
            'returns_to = "open"',
            'returns_to = "opened"',
            "state.council.returns_to: The state opened does not exist. Did you mean open?",
        ),
        (
            "returns_forward",
            'returns_to = "open"',
            'returns_to = "closed"',
            "state.council.returns_to: The step council leads back to closed, which comes later. "
            "Name the state itself or an earlier one.",
        ),
        (
            "bad_identifier",
            'verb = "decide"',
            'verb = "os.system"',
            f"step.os.system.verb: os.system is not a valid id. {WORD}",
        ),
        (
            "bad_identifier",
            'by = "decides"',
            'by = "os.system"',
            f"step.decide.by: os.system is not a valid id. {WORD}",
        ),
        ("bad_identifier", 'id = "plan"', 'id = "plan.x"', f"id: plan.x is not a valid id. {SLUG}"),
        (
            "unreachable",
            'from = ["decided"]\nto = "closed"',
            'from = ["decided"]\nto = "decided"',
            "state.closed.id: No plan can reach the state closed. "
            "Add a step that leads to the state, or remove the state.",
        ),
        (
            "dead_end",
            'en = "Closed" }\ndone = true',
            'en = "Closed" }',
            "state.closed.id: A plan cannot leave the state closed, which lacks done = true. "
            "Add a step out of the state, or write done = true.",
        ),
        (
            "nobody",
            'by = "decides"\n',
            "",
            "step.decide: Nobody may take the step decide. "
            "Name the party in by, or state in automatic how the step happens by itself.",
        ),
        (
            "no_reached",
            'reached = "handed_in"\n',
            "",
            "step.compile: The step compile waits for the boards but does not state which state they must reach. "
            "Name in reached the state that every board's plan must reach.",
        ),
        (
            "outcomes",
            "decision = true\n",
            "decision = true\noutcomes.adopts = []\n",
            "step.decide.outcomes: The step decide has outcomes that no decision of it can have. "
            "Write decision = true, and in outcomes.adopts or outcomes.moves which outcomes take the step.",
        ),
        (
            "outcomes",
            "decision = true\n",
            'outcomes.adopts = ["adopted"]\n',
            "step.decide.outcomes: The step decide has outcomes that no decision of it can have. "
            "Write decision = true, and in outcomes.adopts or outcomes.moves which outcomes take the step.",
        ),
        (
            "outcomes",
            "decision = true\n",
            'decision = true\noutcomes.adopts = ["adopted"]\noutcomes.moves = ["noted", "adopted"]\n',
            "step.decide.outcomes: The outcome adopted of the step decide is named twice. "
            "An outcome either adopts the matter or only moves the plan on.",
        ),
        (
            "unknown_in_label",
            'en = "Closed" }\ndone = true',
            'en = "Closed by {decide}" }\ndone = true',
            "state.closed.label.en: {decide} in the label stands for no body. Did you mean {decides}?",
        ),
        (
            "unknown_in_label",
            'en = "Closed" }\ndone = true',
            'en = "Closed {" }\ndone = true',
            "state.closed.label.en: { in the label stands for no body. "
            "Write one of: {decides}, {receives}, {council}, {executive}, {auditors}.",
        ),
        (
            "duplicate",
            'verb = "compile"\nlabel = { sv = "Sammanställs", en = "Compiled" }\nfrom = ["open"]',
            'verb = "decide"\nlabel = { sv = "Sammanställs", en = "Compiled" }\nfrom = ["open", "council"]',
            "step.decide.verb: Two steps decide lead out of council. Give one of them another verb.",
        ),
    ],
)
def test_a_fault_of_a_workflow(code: str, old: str, new: str, sentence: str) -> None:
    text = changed(WHOLE, old, new)
    mine = [problem for problem in found(whole=text) if problem.source]
    assert [(problem.code, said(problem, text)) for problem in mine] == [(code, sentence)]


def test_a_state_that_is_there_twice() -> None:
    text = WHOLE + '[[state]]\nid = "open"\nlabel = { sv = "Öppen", en = "Open" }\n'
    assert [said(problem, text) for problem in found(whole=text)] == [
        "state.open.id: The state open occurs twice. Give each state an id of its own."
    ]


def test_a_party_that_prepares_in_a_state_and_has_no_body() -> None:
    text = changed(WHOLE, 'returns_to = "open"', 'returns_to = "open"\nworks = "prepares"')
    assert [(problem.code, said(problem, WHEEL)) for problem in found(whole=text)] == [
        (
            "unknown_party",
            "phase.plan.parties: In the state council the party prepares works, but no body is given for the party. "
            "Add prepares to the parties, with a body.",
        )
    ]


def test_a_workflow_without_an_end() -> None:
    text = changed(BOARD, "done = true\n", "").replace('["waiting"]', '["waiting", "handed_in"]')
    assert [said(problem, text) for problem in found(board=text)] == [
        "id: The workflow hand-in has no end that a plan can reach. "
        "Write done = true at the state in which nobody has anything left to do."
    ]


@pytest.mark.parametrize(
    ("code", "old", "new", "sentence"),
    [
        (
            "calendar",
            'country = "SE"',
            'country = "XX"',
            "country: Unknown country 'XX'. Write its two capital letters, such as SE.",
        ),
        (
            "calendar",
            '"Europe/Stockholm"',
            '"Europe/Provköping"',
            "zone: Unknown time zone 'Europe/Provköping'. Write a name such as Europe/Stockholm.",
        ),
        (
            "cycle_name",
            '"mandat-{year}"',
            '"mandat-{year.__class__}"',
            "cycle.mandate.name: A cycle cannot be named mandat-{year.__class__}. "
            "Write {year} in the place of the year, otherwise only a-z, 0-9 and -.",
        ),
        (
            "cycle_every",
            "every = 4\n",
            "",
            "cycle.mandate.every: `every = 1` does not fit: a mandate cycle follows the elections, which come every 4 "
            "years. "
            "Write every = 4, or a multiple of it.",
        ),
        (
            "cycle_every",
            "every = 4\n",
            "every = 0\n",
            "cycle.mandate.every: There cannot be 0 years between two cycles. Write 1 or more.",
        ),
        (
            "unknown_cycle",
            '[cycle.mandate]\nname = "mandat-{year}"\nevery = 4\nopens = { date = "15 October E", source = "1" }\n',
            "",
            "phase.goals.cycle: The cycle mandate does not exist. Write one of: budget.",
        ),
        (
            "bad_identifier",
            "[body.office]",
            '[body.board]\nname = { sv = "?", en = "?" }\nkind = "office"\n[body.office]',
            "body.board: board means the board whose plan it is and cannot name a body. Give the body another name.",
        ),
        (
            "duplicate",
            '"mandat-{year}"',
            '"{year}"',
            "cycle.mandate.name: Another cycle is also named {year}. Give one of them another name.",
        ),
        (
            "unknown_phase",
            'timetable = "plan"',
            'timetable = "goals"',  # of the other cycle
            "cycle.budget.timetable: The phase goals does not exist in this cycle. Write one of: first, plan.",
        ),
        (
            "no_decision",
            'timetable = "plan"',
            'timetable = "first"',
            "cycle.budget.timetable: Nobody decides the timetable: the workflow hand-in has no deciding step. "
            "Give the phase a workflow that ends in a decision, such as tidsplan, beslut or beslutskedja.",
        ),
        (
            "unknown_workflow",
            'workflow = "plan"',
            'workflow = "plans"',
            "phase.plan.workflow: The workflow plans does not exist. Did you mean plan?",
        ),
        (
            "unknown_ladder",
            'workflow = "plan"',
            'workflow = "plan"\nladder = "steep"',
            "phase.plan.ladder: The ladder steep of reminders does not exist. Write one of: standard.",
        ),
        (
            "unknown_body",
            '{ decides = "kf" }',
            '{ decides = "skool" }',
            "phase.plan.parties.decides: The body skool does not exist. Did you mean school?",
        ),
        (
            "unknown_body",
            '{ decides = "kf" }',
            '{ decides = "board" }',  # only the plans of boards know whose they are
            "phase.plan.parties.decides: The body board does not exist. Write one of: kf, school, office.",
        ),
        (
            "unknown_party",
            '{ decides = "kf" }',
            '{ proposes = "kf" }',
            "phase.plan.parties: The step decide is taken by the party decides, but no body is given for the party. "
            "Add decides to the parties, with a body.",
        ),
        (
            "office_decides",
            '{ decides = "kf" }',
            '{ decides = "office" }',
            "phase.plan.parties.decides: The step decide is a political decision, but office is not a political body. "
            "Name the council, the executive board or a board.",
        ),
        (
            "unknown_state",
            "waiting.last",
            "wating.last",
            "phase.plan.board.state.wating: The state wating does not exist in the phase's workflow. Did you mean "
            "waiting?",
        ),
        (
            "unknown_verb",
            "decide.rules = [",
            "shut.rules = []\ndecide.rules = [",
            "phase.plan.step.shut: The step shut does not exist in the phase's workflow. Write one of: start, "
            "compile, decide, close.",
        ),
        (
            "unknown_rule",
            'rule = "R2"',
            'rule = "R99"',
            "phase.plan.step.decide.rules.R99.rule: The program cannot check the rule R99. "
            "Write one of: R1, R2, R3, R4, R6, R8, R13, R16, R17, R18.",
        ),
        (
            "bad_identifier",
            'rule = "R2"',
            'rule = "os.system"',
            "phase.plan.step.decide.rules.os.system.rule: os.system is not a valid id. "
            "Write the id of a rule, such as R2.",
        ),
        (
            "unknown_phase",
            '"R2", phase = "first"',
            '"R2", phase = "goals"',
            "phase.plan.step.decide.rules.R2.phase: The phase goals does not exist in this cycle. Write one of: "
            "first, plan.",
        ),
        (
            "no_phase",
            '"R2", phase = "first", reached',
            '"R2", reached',
            "phase.plan.step.decide.rules.R2: R2 needs phase. Without it the rule checks nothing. "
            "Add phase. See docs/wheel-files.md for what each rule needs.",
        ),
        (
            "no_phase",
            '{ rule = "R6", date = "June Y-1" }',
            '{ rule = "R6", reached = "handed_in" }',
            "phase.plan.step.decide.rules.R6: R6 concerns another phase but does not name it. Name it in phase.",
        ),
        (
            "no_date",
            '{ rule = "R6", date = "June Y-1" }',
            '{ rule = "R3" }',
            "phase.plan.step.decide.rules.R3: R3 needs date. Without it the rule checks nothing. "
            "Add date. See docs/wheel-files.md for what each rule needs.",
        ),
        (
            "two_openings",
            "close.follows = {",
            'start.follows = { phase = "first", reached = "handed_in" }\nclose.follows = {',
            "phase.plan.state.open: The step start has a date, open.opens, and also follows a phase. Only one of them "
            "can move it. Remove one of them.",
        ),
        (
            "circle",
            '{ rule = "R2", phase = "first", reached = "handed_in" }',
            '{ rule = "R2", phase = "plan", reached = "decided" }, '
            '{ rule = "R18", phase = "plan", reached = "closed" }',
            "phase.plan.step.decide: The step decide waits for plan.decided, plan.closed, which in turn waits for this "
            "step. Let one of the steps stop waiting.",
        ),
        (
            "circle",
            'open.opens = { date = "1 January Y-1"',
            'open.opens = { date = "1 day after actual day of plan.decided"',
            "phase.plan.step.start: The step start waits for plan.decided, which in turn waits for this step. Let one "
            "of the steps stop waiting.",
        ),
        (
            "date",
            'open.last = { date = "31 March Y-1"',
            'open.last = { date = "30 days after actual day of first.handed_on"',
            "phase.plan.state.open.last.date: `actual day of first.handed_on`: there is no such phase or state in this "
            "cycle. Name a phase and a state that its plans come to.",
        ),
        (
            "date",
            'open.opens = { date = "1 January Y-1"',
            'open.opens = { date = "turn of December/January Y-2"',
            "phase.plan.state.open.opens.date: `turn of December/January Y-2` can be read in two ways: the year can be "
            "that of December or of January. Write both years, for example `turn of December Y/January Y+1`.",
        ),
        (
            "date",
            'parties = { decides = "kf" }',
            'parties = { decides = "kf" }\ncovers = 3\ncovers_from = "E+1"',
            "phase.plan.covers_from: `E+1` is counted from an election year, but this cycle has none. Write `Y-2` to "
            "`Y+2`.",
        ),
        (
            "unknown_board",
            'workflow = "hand-in"\nparties = { prepares = "board" }',
            'workflow = "hand-in"\nboards = ["school", "office"]\nparties = { prepares = "board" }',
            "phase.plan.board.boards.2: The board office has no plan of its own here. Write one of: school.",
        ),
        (
            "duplicate",
            'parties = { decides = "kf" }',
            'parties = { decides = ["kf", "kf"] }',
            "phase.plan.parties.decides: The party decides has no body, or the same one twice. Name each of its bodies "
            "once.",
        ),
        (
            "circular",
            'open.last = { date = "31 March Y-1"',
            'open.last = { date = "1 week after actual day of plan.decided"',
            "phase.plan.state.open.last: The date counts from a step that the plan only takes after it. Count from an "
            "earlier state, or give the date a rule of its own.",
        ),
        (
            "office_decides",
            'parties = { decides = "kf" }',
            'parties = { decides = "kf", replaces = "office" }',
            "phase.plan.parties.replaces: office may replace the timetable, which is a political decision, but is not "
            "a political body. Name the council, the executive board or a board.",
        ),
        (
            "circular",
            'open.last = { date = "31 March Y-1"',
            'open.last = { date = "12 months after last day of plan.open Y-1"',
            "phase.plan.state.open.last.date: A date is counted from itself, by way of the cycles of other years. Give "
            "one of the dates a rule of its own.",
        ),
        (
            "date",
            'close.follows = { phase = "first", reached = "handed_in" }',
            'close.follows = { phase = "first", reached = "handed_in", year = "Y" }',
            "phase.plan.step.close.follows.year: `Y` is not the year of another cycle of this kind. Write `Y-1` or "
            "`Y+1`.",
        ),
        (
            "date",
            '"R2", phase = "first", reached = "handed_in"',
            '"R2", phase = "first", reached = "handed_in", year = "E+4"',
            "phase.plan.step.decide.rules.R2.year: `E+4` is not the year of another cycle of this kind. Write `Y-1` or "
            "`Y+1`.",
        ),
        (
            "no_boards",
            '"R2", phase = "first", reached',
            '"R2", phase = "first", boards = true, reached',
            "phase.plan.step.decide.rules.R2: The phase first has no plans for the boards. Remove boards.",
        ),
        (
            "no_reached",
            '"R2", phase = "first", reached = "handed_in"',
            '"R2", phase = "first"',
            "phase.plan.step.decide.rules.R2: The file does not state how far first must have come. Name the state in "
            "reached.",
        ),
        (
            "unknown_state",
            'close.follows = { phase = "first", reached = "handed_in" }',
            'close.follows = { phase = "first", reached = "handed" }',
            "phase.plan.step.close.follows.reached: The state handed does not exist in the other phase. "
            "Did you mean handed_in?",
        ),
        (
            "no_follows",
            'close.follows = { phase = "first", reached = "handed_in" }\n',
            "",
            "phase.plan.step: The step close follows another phase, but no phase is given. "
            "Add close.follows with phase and reached.",
        ),
        (
            "no_opens",
            'open.opens = { date = "1 January Y-1", source = "1" }\n',
            "",
            "phase.plan.state.open: The step start happens by itself when open opens, but the date of the opening is "
            "missing. "
            "Add open.opens, or start.follows for an order without dates.",
        ),
        (
            "date",
            '"last of February Y-1"',
            '"30 February Y-1"',
            "phase.plan.state.open.target.date: 30 February does not exist: February has 28 days. "
            "Write `28 February Y-1` or `last of February Y-1`.",
        ),
        (
            "date",
            '"June Y-1"',
            '"14 days before KF"',
            "phase.plan.step.decide.rules.R6.date: `14 days before KF` is not a date rule. "
            "Write `24 February Y-1`, `last of February Y-1`, `June Y-1` or `2027-02-24`.",
        ),
        (
            "date",
            '"1 March E+1"',
            '"1 March Y+1"',
            "phase.goals.state.waiting.opens.date: `Y+1` is counted from a budget year, but this cycle has none. "
            "Write `E` to `E+8`.",
        ),
        (
            "date_order",
            '"31 March Y-1"',
            '"28 February Y-1"',  # the aim is 29 February in a leap year: only every fourth year is wrong
            "phase.plan.state.open.last: The deadline 2024-02-28 is before the target 2024-02-29 (Y = 2025). "
            "Correct one of the two dates.",
        ),
        (
            "date_order",
            '"15 April Y-1"',
            '"30 March Y-1"',
            "phase.plan.state.open.statutory: The law's last day 2023-03-30 is before the deadline 2023-03-31 "
            "(Y = 2024). Correct one of the two dates.",
        ),
        (
            "unknown_board",
            "school = { concerned",
            "office = { concerned",
            "phase.plan.exception.office: The board office has no plan of its own here. Write one of: school.",
        ),
        (
            "unknown_workflow",
            "{ concerned = true }",
            '{ workflow = "hand-on" }',
            "phase.plan.exception.school.workflow: The workflow hand-on does not exist. Did you mean hand-in?",
        ),
        (
            "bad_identifier",
            "[body.school]",
            '[body."os.system"]\nname = { sv = "?", en = "?" }\nkind = "office"\n[body.school]',
            f"body.os.system: os.system is not a valid id. {SLUG}",
        ),
    ],
)
def test_a_fault_of_a_wheel(code: str, old: str, new: str, sentence: str) -> None:
    text = changed(WHEEL, old, new)
    assert [(problem.code, said(problem, text)) for problem in found(wheel=text)] == [(code, sentence)]


def test_a_join_in_a_phase_without_plans_of_boards() -> None:
    start = WHEEL.index("[phase.plan.board]")
    text = WHEEL[:start] + WHEEL[WHEEL.index("[phase.goals]") :]
    assert [said(problem, text) for problem in found(wheel=text)] == [
        "phase.plan.workflow: The step compile waits for the boards, but the phase has no plans for the boards. "
        "Add the table board, or choose a workflow that does not wait for the boards."
    ]


def test_a_join_on_a_state_that_the_boards_plans_lack() -> None:
    text = changed(WHOLE, 'reached = "handed_in"', 'reached = "handed_on"')
    assert [said(problem, WHEEL) for problem in found(whole=text)] == [
        "phase.plan.board.workflow: The step that waits for the boards waits for the state handed_on, which their "
        "workflow does not have. Did you mean handed_in?"
    ]


def test_opens_after_the_last_day_is_found_in_a_mandate_cycle_too() -> None:
    text = WHEEL + 'waiting.last = { date = "28 February E+1", source = "1" }\n'
    assert [said(problem, text) for problem in found(wheel=text)] == [
        "phase.goals.state.waiting.last: The deadline 2027-02-28 is before the opening 2027-03-01 (E = 2026). "
        "Correct one of the two dates."
    ]


def test_only_the_invalid_date_is_named_and_not_those_that_count_from_it() -> None:
    bad = changed(WHEEL, 'open.opens = { date = "1 January Y-1"', 'open.opens = { date = "31 June Y-1"')
    text = changed(bad, '"last of February Y-1"', '"2 weeks after opening of plan"')
    text = changed(text, 'waiting.last = { date = "1 March Y-1"', 'waiting.last = { date = "target of plan.open"')
    text = changed(text, "school = { concerned = true }", "")
    text += '[phase.plan.exception.school.state]\nwaiting.opens = { date = "opening of plan", source = "1" }\n'
    assert [said(problem, text).partition(":")[0] for problem in found(wheel=text)] == [
        "phase.plan.state.open.opens.date"
    ]


def test_dates_that_count_from_each_other_are_all_named() -> None:
    text = changed(WHEEL, 'open.target = { date = "last of February Y-1"', 'open.target = { date = "last day of plan"')
    text = changed(text, 'open.last = { date = "31 March Y-1"', 'open.last = { date = "target of plan"')
    text = changed(text, 'waiting.last = { date = "1 March Y-1"', 'waiting.last = { date = "target of plan.open"')
    places = [said(problem, text).partition(":")[0] for problem in found(wheel=text) if problem.code == "circular"]
    assert places == ["phase.plan.state.open.target.date", "phase.plan.state.open.last.date"]


def test_several_faults_come_all_at_once() -> None:
    whole = changed(changed(WHOLE, 'by = "decides"\n', ""), 'returns_to = "open"', 'returns_to = "closed"')
    wheel = changed(changed(WHEEL, '"1 March E+1"', '"31 June E+1"'), 'rule = "R6"', 'rule = "R5"')
    assert [problem.code for problem in found(whole=whole, wheel=wheel)] == [
        "returns_forward",
        "nobody",
        "no_decision",  # for nobody decides it
        "unknown_rule",
        "date",
    ]


OPENING = changed(BOARD, 'by = "prepares"\n', 'automatic = "date"\n').replace('id = "hand-in"', 'id = "window"')


@pytest.mark.parametrize(
    ("dates", "problem"),
    [
        ('handed_in.opens = { date = "1 March Y-1", source = "1" }\n', None),
        ("", ("no_opens", "phase.plan.exception.school.state.handed_in")),
    ],
)
def test_a_board_with_another_workflow_has_that_ones_dates_in_its_exception(
    dates: str, problem: tuple[str, str] | None
) -> None:
    text = changed(
        WHEEL,
        "school = { concerned = true }",
        f"""school.workflow = "window"
[phase.plan.exception.school.state]
waiting.last = {{ date = "1 April Y-1", source = "1" }}
{dates}""",
    )
    workflows = [Workflow.model_validate(read_toml(flow)) for flow in (WHOLE, BOARD, OPENING)]
    definition = Definition(
        wheel=Wheel.model_validate(read_toml(text)), workflows={workflow.id: workflow for workflow in workflows}
    )
    places = [(each.code, ".".join(map(str, each.place))) for each in problems(definition)]
    assert places == ([problem] if problem else [])
