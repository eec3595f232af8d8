"""Prints the people and their roles."""

from wheel.console.printing.lines import wrapped
from wheel.documents.registers import PeopleDocument


def say_people(document: PeopleDocument) -> list[str]:
    lines = []
    for person in document.people:
        lines += wrapped(f"{person.person}: {person.name} <{person.email}>", "", "    ")
        for role in person.roles:
            days = " – ".join(f"{day}" for day in (role.from_, role.to) if day)
            instead = f"({role.instead_of})" if role.instead_of else ""
            lines.append("    " + " ".join(filter(None, (role.role, role.body, days, instead))))
    return lines
