"""Finds the names of known people in what an act has logged: a name there cannot be erased."""

import re
from collections.abc import Iterable, Iterator

from sqlmodel import Session, col, select

from wheel.database.tables import Person
from workflows.messages import N_
from workflows.rules.named_rules import Reason

_MAY_HOLD_A_NAME = re.compile(r"\b[^\W\d_a-zåäöé][^\W\d_]{2,}")  # a word with a capital letter, which most acts lack
SHORTEST = 3  # letters of a surname that is looked for by itself


def name_warnings(session: Session, text: str) -> list[Reason]:
    """A warning if the text names people, by their whole name or their surname."""
    if not _MAY_HOLD_A_NAME.search(text):
        return []
    people = session.exec(select(Person.id, Person.name).order_by(col(Person.id))).all()
    named = [id for id, name in people if is_persons_name(name) and _names(text, name)]
    return [_warning(tuple(named))] if named else []


def is_persons_name(name: str) -> bool:
    """Whether it looks like first name and surname, and not like a board or a function."""
    words = name.split()
    return len(words) > 1 and all(word[0].isupper() for word in (words[0], words[-1])) and not re.search(r"\d", name)


def parts_in_id(id: str, name: str) -> bool:
    """Whether an id is made from a person's name, such as `anna.ek`."""
    parts = set(_plain(id))
    return is_persons_name(name) and bool(parts & {part for part in _plain(name) if len(part) >= SHORTEST})


def _plain(text: str) -> Iterator[str]:
    return (part for part in re.split(r"[\W\d_]+", text.casefold()) if part)


def _names(text: str, name: str) -> bool:
    surname = name.split()[-1]
    wanted: Iterable[tuple[str, re.RegexFlag]] = [(name, re.IGNORECASE)]
    if len(surname) >= SHORTEST:
        wanted = [*wanted, (surname, re.NOFLAG)]
    return any(re.search(rf"\b{re.escape(each)}s?\b", text, flags) for each, flags in wanted)


def _warning(people: tuple[str, ...]) -> Reason:
    text = N_("The text names {people}. The log can never forget a name: write a role instead.")
    return Reason("name", text, {"people": people}, severity="warn")
