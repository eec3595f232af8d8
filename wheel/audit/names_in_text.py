"""Finds the names of known people in what an act has logged: a name there cannot be erased."""

import re

from sqlmodel import Session, col, select

from config.municipality.person_names import SHORTEST, is_persons_name
from wheel.database.tables import Person, Role
from workflows.messages import N_
from workflows.rules.named_rules import Reason

_MAY_HOLD_A_NAME = re.compile(r"\b[^\W\d_a-zåäöé][^\W\d_]{2,}")  # a word with a capital letter, which most acts lack
_FUNCTIONS = select(col(Role.person_id)).where(col(Role.role) == "function")


def name_warnings(session: Session, text: str) -> list[Reason]:
    """A warning if the text names people, by their whole name or their surname."""
    if not _MAY_HOLD_A_NAME.search(text):
        return []
    people = select(Person.id, Person.name).where(col(Person.id).not_in(_FUNCTIONS)).order_by(col(Person.id))
    named = tuple(id for id, name in session.exec(people) if is_persons_name(name) and _is_in(text, name))
    if not named:
        return []
    said = N_("The text names {people}. The log can never forget a name: write a role instead.")
    return [Reason("name", said, {"people": named}, severity="warn")]


def _is_in(text: str, name: str) -> bool:
    surname = name.split()[-1]
    return _found(text, name, re.IGNORECASE) or (len(surname) >= SHORTEST and _found(text, surname))


def _found(text: str, name: str, flags: re.RegexFlag = re.NOFLAG) -> bool:
    return re.search(rf"\b{re.escape(name)}s?\b", text, flags) is not None  # with the genitive's s
