"""The workflows of the wheel, as people read them: states with dates, steps, rules and reminders in words."""

from wheel.documents.base import Day, Document, Flag
from workflows.definition.definition import Recipient


class FlowUse(Document):
    """A phase that follows the workflow. `boards`: in the plans of these boards; None for the plan of the whole.
    `dates_differ`: not all of these have the same dates; those of the first are shown."""

    cycle: str
    phase: str
    title: str
    boards: tuple[str, ...] | None
    dates_differ: Flag = False


class FlowRow(Document):
    workflow: str
    label: str
    uses: tuple[FlowUse, ...]


class FlowList(Document):
    workflows: tuple[FlowRow, ...]


class FlowState(Document):
    """`opens` and `last`: its dates in the cycle that is shown; `source`: the place that sets the last day."""

    state: str
    label: str
    done: Flag = False
    opens: Day | None
    last: Day | None
    source: str
    returns_to: str


class FlowRule(Document):
    """A rule that a step is held to. `held`: refuse, pass (refuses, and can be passed over with a reason) or warn."""

    rule: str
    said: str
    citation: str
    held: str


class FlowStep(Document):
    """`when`: how the calendar takes it, if it does; `aside`: it leaves the ordinary way."""

    step: str
    label: str
    from_: tuple[str, ...]
    to: str
    who: tuple[str, ...]
    decision: Flag = False
    aside: Flag = False
    when: str
    rules: tuple[FlowRule, ...]


class FlowRung(Document):
    """A reminder so many working days before (negative) or after the last day. `longer`: only in states that are longer
    than so many days."""

    days: int
    to: tuple[Recipient, ...]
    longer: int | None


class FlowSection(Document):
    """The workflow in one phase."""

    use: FlowUse
    states: tuple[FlowState, ...]
    steps: tuple[FlowStep, ...]
    reminders: tuple[FlowRung, ...]


class FlowPage(Document):
    workflow: str
    label: str
    sections: tuple[FlowSection, ...]
