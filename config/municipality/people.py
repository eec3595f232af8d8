"""The people and meetings of a municipality's folder, which fill a new database, and the checks of them."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from config.municipality.roles import roles
from config.municipality.toml_lines import Place
from workflows.checks.problem import SLUG, WHEEL, Problem, bad_names, unknown
from workflows.dates.workdays import YEARS
from workflows.definition.workflow import VisibleText
from workflows.messages import N_

BODY_ROLES = ("officer", "secretary", "chair", "head", "function")
CONTACTS = ("officer", "function")  # the roles that receive a board's reminders
OUTSIDE_KNOWN_YEARS = (
    N_("The meeting {name} is outside the known years {first} to {last}."),
    N_("Correct the year, or leave the meeting out."),
)
ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RoleSeed(_Frozen):
    """A role of a person. `body`: empty for a role in the whole municipality."""

    role: str
    body: str = ""


class PersonSeed(_Frozen):
    """A person, or a body's function address."""

    name: VisibleText
    email: str
    language: Literal["sv", "en"] = "sv"
    roles: tuple[RoleSeed, ...] = Field(min_length=1)


class PeopleFile(_Frozen):
    people: dict[str, PersonSeed] = Field(alias="person")


def _only_date(value: object) -> object:
    """Accept dates only: pydantic would convert numbers (as seconds since 1970) and texts."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise PydanticCustomError("date_type", "a date")
    return value


class MeetingsFile(_Frozen):
    """meetings.toml: a `[body]` table for each body, with its meetings by year."""

    source: str = Field(min_length=1)
    bodies: dict[str, dict[str, tuple[Annotated[date, BeforeValidator(_only_date)], ...]]] = Field(alias="meetings")


def people_problems(people: Mapping[str, PersonSeed], bodies: Collection[str]) -> Iterator[Problem]:
    yield from bad_names(((id, ("person", id)) for id in people), SLUG, WHEEL)
    known = [role for role in roles() if role != "daemon"]
    for id, person in people.items():
        if not ADDRESS.fullmatch(person.email):
            message, cure = N_("{name} is not a mail address."), N_("Write the address like this: namnd@example.se.")
            place: Place = ("person", id, "email")
            yield Problem("bad_address", WHEEL, place, message, cure, {"name": person.email})
        for i, held in enumerate(person.roles):
            place = ("person", id, "roles", i)
            if held.role not in known:
                yield unknown("role", N_("The role {name} does not exist."), held.role, known, WHEEL, place)
            elif held.body and held.body not in bodies:
                yield unknown("body", N_("The body {name} does not exist."), held.body, bodies, WHEEL, place)
            elif not held.body and held.role in BODY_ROLES:
                message, cure = N_("The role {name} belongs to a body, but no body is given."), N_("Add body.")
                yield Problem("no_body", WHEEL, place, message, cure, {"name": held.role})


def contact_problems(people: Mapping[str, PersonSeed], boards: Collection[str]) -> Iterator[Problem]:
    """A problem for each board that no reminder could reach."""
    reached = {
        held.body for person in people.values() for held in person.roles if held.role in CONTACTS and person.email
    }
    for board in boards:
        if board not in reached:
            message = N_("The board {name} has no contact. No reminders would reach it.")
            cure = N_("Give a person or an address the role officer or function for the board.")
            yield Problem("no_contact", WHEEL, ("person",), message, cure, {"name": board})


def meeting_problems(meetings: MeetingsFile, bodies: Collection[str]) -> Iterator[Problem]:
    for body, years in meetings.bodies.items():
        if body not in bodies:
            yield unknown("body", N_("The body {name} does not exist."), body, bodies, WHEEL, (body,))
        seen: set[date] = set()
        for year, days in years.items():
            for day in days:
                facts = {"name": day.isoformat(), "year": year}
                if day.year not in YEARS:
                    known = {"first": YEARS[0], "last": YEARS[-1]}
                    yield Problem("wrong_year", WHEEL, (body, year), *OUTSIDE_KNOWN_YEARS, {**facts, **known})
                elif str(day.year) != year:
                    message, cure = (
                        N_("The meeting {name} is listed under {year}."),
                        N_("Move the meeting to the right year."),
                    )
                    yield Problem("wrong_year", WHEEL, (body, year), message, cure, facts)
                if day in seen:
                    message, cure = N_("The meeting {name} occurs twice."), N_("Remove one of them.")
                    yield Problem("duplicate", WHEEL, (body, year), message, cure, facts)
                seen.add(day)


def days_of(meetings: MeetingsFile) -> dict[str, tuple[date, ...]]:
    return {
        body: tuple(sorted(day for days in years.values() for day in days)) for body, years in meetings.bodies.items()
    }
