"""Names states, steps and bodies as people know them; an id that is typed stands behind in brackets."""

from collections.abc import Iterable
from dataclasses import dataclass

from wheel.plan_address import Address
from workflows.definition.definition import Definition
from workflows.definition.workflow import Workflow


@dataclass(frozen=True)
class Names:
    """The names that one definition gives, in a reader's language. What it does not know is shown by its id."""

    definition: Definition
    workflow: Workflow
    language: str

    @classmethod
    def of(cls, definition: Definition, address: str, language: str) -> "Names":
        plan = Address.parse(address)
        return cls(definition, definition.workflow(plan.phase or "", plan.board), language)

    def state(self, id: str) -> str:
        """`Antagen (adopted)`"""
        return f"{self.workflow.state(id).label.to(self.language)} ({id})" if self.workflow.has(id) else id

    def step(self, verb: str) -> str:
        """`Kommunfullmäktige antar mål- och resursplanen (decide)`"""
        steps = self.workflow.steps_named(verb)
        return f"{steps[0].label.to(self.language)} ({verb})" if steps else verb

    def bodies(self, ids: Iterable[str]) -> list[str]:
        known = self.definition.wheel.bodies
        return [known[id].inside.to(self.language) if id in known else id for id in ids]
