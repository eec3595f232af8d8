"""Names states, steps, bodies and persons as people know them; an id that people type is added in brackets."""

from collections.abc import Callable, Iterable, Mapping

from wheel.engine.unit_of_work import UnitOfWork
from wheel.plan_address import Address
from wheel.reads.registers import definitions_of, person_names
from workflows.definition.definition import Definition
from workflows.definition.workflow import Workflow


class Names:
    """The names of a plan's states, steps, bodies and persons in a reader's language. An unknown id is shown as it is.

    `definition_of`: the definition that a cycle keeps, given the cycle's name. `persons`: their names, by their ids.
    `later`: the names since the cycle's next migration, for what that definition does not know yet.
    """

    def __init__(
        self,
        language: str,
        definition_of: Callable[[str], Definition | None],
        persons: Mapping[str, str] | None = None,
        later: "Names | None" = None,
    ) -> None:
        self.language = language
        self.definition_of = definition_of
        self.persons = persons or {}
        self.later = later

    def state(self, address: str, id: str) -> str:
        """`Antagen (adopted)`"""
        return _with_id(self.state_label(address, id), id)

    def step(self, address: str, verb: str) -> str:
        """`Kommunfullmäktige antar mål- och resursplanen (decide)`"""
        return _with_id(self.step_label(address, verb), verb)

    def state_label(self, address: str, id: str) -> str:
        """`Antagen`"""
        workflow = self._workflow(address)
        if workflow and workflow.has(id):
            return workflow.state(id).label.to(self.language)
        return self.later.state_label(address, id) if self.later else id

    def step_label(self, address: str, verb: str) -> str:
        """`Kommunfullmäktige antar mål- och resursplanen`"""
        workflow = self._workflow(address)
        steps = workflow.steps_named(verb) if workflow else ()
        if steps:
            return steps[0].label.to(self.language)
        return self.later.step_label(address, verb) if self.later else verb

    def bodies(self, address: str, ids: Iterable[str]) -> list[str]:
        definition = self.definition_of(Address.parse(address).cycle)
        known = definition.wheel.bodies if definition else {}
        return [known[id].inside.to(self.language) if id in known else id for id in ids]

    def short(self, address: str, id: str) -> str:
        """`KF`; the whole name of a body that has no short one."""
        definition = self.definition_of(Address.parse(address).cycle)
        body = definition.wheel.bodies.get(id) if definition else None
        if body:
            return body.short or body.name.to(self.language)
        return self.later.short(address, id) if self.later else id

    def people(self, ids: Iterable[str]) -> list[str]:
        return [self.persons.get(id) or id for id in ids]

    def person(self, id: str) -> str:
        """`Asta Provberg (ks-officer)`"""
        return _with_id(self.persons.get(id) or id, id)

    def _workflow(self, address: str) -> Workflow | None:
        at = Address.parse(address)
        definition = self.definition_of(at.cycle)
        phase = definition.wheel.phases.get(at.phase or "") if definition else None
        if definition is None or phase is None or (at.board and phase.board is None):
            return None
        return definition.workflow(at.phase or "", at.board)


def names_at(uow: UnitOfWork, addresses: Iterable[str], language: str) -> Names:
    """The names that the home has for those addresses, and for all its persons."""
    cycles = {Address.parse(address).cycle for address in addresses}
    return Names(language, definitions_of(uow, cycles).get, person_names(uow.session))


def _with_id(label: str, id: str) -> str:
    return f"{label} ({id})" if label != id else id
