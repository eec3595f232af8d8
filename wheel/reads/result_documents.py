"""Turns the engine's results, reasons and errors into documents, in the reader's language."""

import re
from datetime import datetime

from config.municipality.codes import number
from config.municipality.faults import FaultyFilesError
from config.municipality.roles import roles
from config.text.texts import Texts
from wheel.documents.errors import FaultDocument, FaultyDocument, NumberedFault, RefusedDocument
from wheel.documents.reasons import ReasonDocument
from wheel.documents.writes import RowDocument, WriteDocument
from wheel.engine.request_and_result import Result, RowResult
from wheel.errors import RefusedError, RefusedRows
from wheel.format import BOUNDS, OUTCOMES, STATUS
from wheel.plan_address import Address
from workflows.definition.definition import Definition, Text
from workflows.definition.workflow import Workflow
from workflows.messages import N_
from workflows.rules.named_rules import Reason

# The fields of a decision in words. Their keys stand beside them: they are what one types.
FIELDS = {
    "body": N_("the body"),
    "date": N_("the day of the meeting"),
    "paragraph": N_("the paragraph"),
    "diary": N_("the diary number"),
    "outcome": N_("the outcome"),
}

# A state of plans, as facts name it: `2028/mrp kf`, and with a date `2028/mrp kf.last – → 2027-06-16`.
_STATE_OF = re.compile(
    r"(?P<plans>[^ ,]+/[^ ,]+(?:, [^ ,]+)*) (?P<state>\w+)(?:\.(?P<bound>opens|target|last|statutory) (?P<days>.+))?"
)


def sentence(reason: Reason, texts: Texts, definition: Definition | None) -> str:
    """The reason as a sentence in the reader's language, with the names of bodies and states."""
    bodies = definition.wheel.bodies if definition else {}

    def say(value: object) -> object:
        if isinstance(value, datetime) and definition:
            local = definition.wheel.calendar.local(value)
            return f"{texts.date(local.date())} {texts.clock(local)}"
        if isinstance(value, tuple | list):
            return [say(item) for item in value]
        if isinstance(value, dict) and value.keys() == {"sv", "en"}:  # as the log keeps what has two languages
            return value[texts.language]
        return bodies[value].inside if isinstance(value, str) and value in bodies else value

    facts = {name: say(value) for name, value in reason.facts.items()}
    facts |= {name: texts(STATUS[reason.facts[name]]) for name in ("status", "mark") if name in facts}
    if "roles" in reason.facts:
        who = ", ".join(bodies[id].inside.to(texts.language) if id in bodies else id for id in reason.who)
        facts["roles"] = [_role(role, reason.facts["verb"], who, texts) for role in reason.facts["roles"]]
    if "outcomes" in facts:
        facts["outcomes"] = [f"{texts(OUTCOMES[name])} ({name})" for name in reason.facts["outcomes"]]
    if facts.get("outcome") in OUTCOMES:
        facts["outcome"] = texts(OUTCOMES[reason.facts["outcome"]])
    if "fields" in facts:
        facts["fields"] = [f"{texts(FIELDS[name])} ({name})" for name in reason.facts["fields"]]
    if definition and "workflow" in facts:
        workflow = definition.workflow_named(reason.facts["workflow"])
        states = [name for name in ("state", "to", "before") if name in facts]
        facts |= {name: workflow.state(reason.facts[name]).label for name in states}
        if "steps" in facts:
            facts["steps"] = [_step(workflow, verb, texts) for verb in reason.facts["steps"]]
    if definition and "reached" in facts:
        facts |= _waited_for(definition, **reason.facts)
    if definition:
        facts |= _dates_in_words(reason.facts, texts, definition)
    said = texts(reason.message, **{"who": say(reason.who), **facts})
    return said[:1].upper() + said[1:]


def _dates_in_words(facts: dict[str, object], texts: Texts, definition: Definition) -> dict[str, object]:
    """The facts that name a state of plans, by the state's label: `2028/mrp “With the council”` for `2028/mrp kf`."""

    def words(value: object) -> object:
        if isinstance(value, tuple | list):
            return [words(item) for item in value]
        found = _STATE_OF.fullmatch(value) if isinstance(value, str) else None
        workflow = _workflow_of(found, definition) if found else None
        if found is None or workflow is None:
            return value
        said = {"plan": found["plans"], "state": workflow.state(found["state"]).label}
        if found["bound"] is None:
            return texts("{plan} “{state}”", **said)
        bound = BOUNDS[found["bound"]]
        return texts("{plan} “{state}”, {bound}: {days}", **said, bound=texts(bound), days=found["days"])

    named: dict[str, object] = {key: words(facts[key]) for key in ("dates", "name", "cycle") if key in facts}
    found = _STATE_OF.fullmatch(str(facts.get("name")))
    workflow = _workflow_of(found, definition) if found else None
    if workflow and workflow.has(str(facts.get("other"))):  # another state of the same plan
        named["other"] = texts("“{state}”", state=workflow.state(str(facts["other"])).label)
    return named


def _workflow_of(found: re.Match[str], definition: Definition) -> Workflow | None:
    """The workflow of the plans that are named, if it has the state; of `2028/mrp/*` that of the first board."""
    at = Address.parse(found["plans"].partition(",")[0])
    phase = definition.wheel.phases.get(at.phase or "")
    if phase is None or (at.board and phase.board is None):
        return None
    boards = definition.wheel.boards
    board = (at.board if at.board in boards else boards[0]) if at.board else None
    workflow = definition.workflow(at.phase or "", board)
    return workflow if workflow.has(found["state"]) else None


def _role(role: str, verb: str, who: str, texts: Texts) -> str:
    """`administrator`, but `secretary (the council)` for a role that permits the verb in its own body alone."""
    rule = roles()[role]
    label = rule.label.to(texts.language)
    return f"{label} ({who})" if who and verb not in rule.anywhere else label


def _step(workflow: Workflow, verb: str, texts: Texts) -> str:
    return f"{workflow.steps_named(verb)[0].label.to(texts.language)} ({verb})"


def _waited_for(definition: Definition, phase: str, reached: str, boards: bool, **_: object) -> dict[str, Text]:
    """The names of the phase and the state, as far as this definition has them."""
    whole = definition.wheel.phases.get(phase)
    if whole is None:
        return {}
    workflow = definition.workflow_named((whole.board or whole if boards else whole).workflow)
    return {"phase": whole.label, **({"reached": workflow.state(reached).label} if workflow.has(reached) else {})}


def reason_document(
    reason: Reason, texts: Texts, definition: Definition | None, row: int | None = None, address: str | None = None
) -> ReasonDocument:
    """`definition` names the bodies and states; without one they stand by their ids. `row`, `address`: of a table."""
    return ReasonDocument(
        rule=reason.rule,
        severity=reason.severity,
        citation=reason.citation,
        message=sentence(reason, texts, definition),
        who=tuple(reason.who),
        step=reason.step,
        overridable=reason.overridable,
        row=row,
        address=address,
    )


def write_document(done: Result, texts: Texts) -> WriteDocument:
    """What an action did. Raises ValidationError if the action answers with something outside the contract."""
    fields = ("address", "state", "status", "version", "log", "notices", "dry_run", "held", "returned", "send_after")
    shared = {name: getattr(done, name) for name in fields}
    warnings = [reason_document(reason, texts, done.definition) for reason in done.warnings]
    more: dict[str, object] = {**done.more}
    if done.rows:
        more["rows"] = [_row_document(row) for row in done.rows]
        warnings = [
            reason_document(reason, texts, row.result.definition, row.row, row.result.address)
            for row in done.rows
            for reason in row.result.warnings
        ] + warnings
    return WriteDocument.model_validate({**shared, "warnings": warnings, **more})


def _row_document(row: RowResult) -> RowDocument:
    done = {name: getattr(row.result, name) for name in ("address", "state", "status", "version", "held", "returned")}
    return RowDocument.model_validate({**done, "row": row.row, "step": row.step, "next": row.next})


def refused_document(error: RefusedError, texts: Texts) -> RefusedDocument:
    if isinstance(error, RefusedRows):
        rows = error.rows
        refusals = [
            reason_document(reason, texts, row.definition, row.row, row.address)
            for row in rows
            for reason in row.reasons
        ]
    else:
        refusals = [reason_document(reason, texts, error.definition) for reason in error.reasons]
    return RefusedDocument(refusals=tuple(refusals))


def faulty_document(error: FaultyFilesError, texts: Texts) -> FaultyDocument:
    faults = tuple(
        FaultDocument(
            code=fault.code,
            number=number(fault.code),
            file=fault.file,
            line=fault.line or None,
            place=fault.place,
            message=texts(fault.message, **fault.facts),
            cure=texts(fault.cure, **fault.facts),
        )
        for fault in error.faults
    )
    errors = (NumberedFault(**{**vars(fault), "code": fault.number, "name": fault.code}) for fault in faults)
    message = texts.plural("{n} fault. Nothing was done.", "{n} faults. Nothing was done.", error.count)
    if error.count > len(faults):
        message += " " + texts("The first {n} are listed.", n=len(faults))
    return FaultyDocument(message=message, faults=faults, errors=tuple(errors))
