"""Prints the people and their roles."""

from config.municipality.roles import roles
from config.text.texts import Texts
from wheel.console.printing.lines import wrapped
from wheel.documents.registers import PeopleDocument, RoleDocument


def say_people(document: PeopleDocument, t: Texts) -> list[str]:
    lines = []
    for person in document.people:
        lines += wrapped(f"{person.person}: {person.name} <{person.email}>", "", "    ")
        for role in person.roles:
            if role.from_ and role.to and role.to < role.from_:
                continue  # ended before it began
            lines += wrapped(_role(role, t), "    ", "      ")
    return lines or [t("No people.")]


def _role(role: RoleDocument, t: Texts) -> str:
    """`officer (socialnamnden), from 2028-03-01, until 2028-05-31, instead of socialnamnden-officer`"""
    label = roles()[role.role].label.to(t.language) if role.role in roles() else role.role
    facts = [f"{label} ({role.body})" if role.body else label]
    facts += [t("from {day}", day=f"{role.from_}")] if role.from_ else []
    facts += [t("until {day}", day=f"{role.to}")] if role.to else []
    facts += [t("instead of {person}", person=role.instead_of)] if role.instead_of else []
    return ", ".join(facts)
