"""Finds errors in a wheel before variants are applied: in its variants, series and minimum intervals."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import takewhile
from typing import Any

from workflows.checks.problem import WHEEL, Place, Problem, unknown
from workflows.dates.date_rules import DateRuleError, Reference
from workflows.dates.parse_date import parse
from workflows.definition.definition import Phase, Wheel
from workflows.definition.expand import SIZES, expand, members
from workflows.messages import N_

YEARS_OF_VARIANTS = range(2003, 2091)  # date rules cover 2000 to 2099, and a cycle covers several years
_YEAR = re.compile(r"[YE](?:[+-][0-9])?|20[0-9]{2}")


def variant_problems(wheel: Wheel, written: dict[str, Any]) -> Iterator[Problem]:
    """`written`: the tables of wheel.toml, in which the omitted places are looked up."""
    for name, variant in wheel.variants.items():
        place: Place = ("variant", name)
        if not variant.after_election and not variant.years:
            message = N_("The variant {name} never applies.")
            cure = N_("Add after_election = true, or the years in which the variant applies.")
            yield Problem("never_holds", WHEEL, place, message, cure, {"name": name})
        for year in variant.years:
            if year not in YEARS_OF_VARIANTS:
                message, cure = N_("{name} is not a year of a wheel."), N_("Write a year from {first} to {last}.")
                facts = {"name": year, "first": YEARS_OF_VARIANTS[0], "last": YEARS_OF_VARIANTS[-1]}
                yield Problem("never_holds", WHEEL, (*place, "years"), message, cure, facts)
        yield from _omitted(variant.omit, written, (*place, "omit"))
    for id, phase in wheel.phases.items():
        yield from _series(id, phase, written)
        if phase.condition is not None and not phase.optional:
            message = N_("The phase has a condition but is not optional. It always takes place.")
            cure = N_("Add optional = true, or remove the condition.")
            yield Problem("condition", WHEEL, ("phase", id, "condition"), message, cure)
    yield from _distances(wheel, written)
    for id, body in wheel.bodies.items():
        if body.begins and body.ends and body.ends < body.begins:
            message = N_("{name} ends on {ends}, before the start on {begins}.")
            days: dict[str, object] = {"name": id, "ends": body.ends, "begins": body.begins}
            yield Problem("body_ends", WHEEL, ("body", id, "ends"), message, N_("Correct one of the two dates."), days)


def said_of_variants(problem: Problem, whole: Wheel, variants: tuple[str, ...], here: Wheel) -> Problem:
    """A problem with a phase that the variants leave out, said of them, or with a series, which is several phases; any
    other problem as it is.

    `here`: the wheel with these variants.
    """
    name = _phase_named(problem)
    if name not in whole.phases or name in here.phases:
        return problem
    if whole.phases[name].series is not None and (members := [id for id in here.phases if id.startswith(f"{name}-")]):
        message = N_("{name} is a series of several phases, and one of them must be named here.")
        cure, facts = N_("Write one of: {known}."), {"name": name, "known": ", ".join(members)}
        return replace(problem, message=message, cure=cure, facts=facts)
    message = N_("The phase {name} is named here, but the variant {variants} leaves it out.")
    cure = N_('Leave out this place in the variant too, for example with omit = ["{path}"].')
    path = list(takewhile(lambda part: isinstance(part, str), problem.place))
    path = path[:-1] if path[-1] in ("phase", "reached", "date") else path
    facts = {"name": name, "variants": ", ".join(variants), "path": ".".join(map(str, path))}
    return replace(problem, message=message, cure=cure, facts=facts)


def _phase_named(problem: Problem) -> str:
    """The phase that does not exist where the problem is; "" for another problem."""
    if problem.code == "unknown_phase":
        return str(problem.facts["name"])
    if problem.code == "date" and "rule" in problem.facts:
        with suppress(DateRuleError):
            return next((each.phase for each in parse(str(problem.facts["rule"])).references), "")
    return ""


def _omitted(places: Iterable[str], table: Any, at: Place) -> Iterator[Problem]:
    for i, text in enumerate(places):
        here = table
        for part in text.split("."):
            if isinstance(here, list) and here is table.get("distance"):
                here = dict(enumerate(here, 1)).get(int(part) if part.isdecimal() else 0)
            else:
                here = here.get(part) if isinstance(here, dict) else None
        if here is None:
            message = N_("{name} does not exist and so cannot be left out.")
            cure = N_(
                "Write the path to the date, for example phase.mrp.state.kf.target. In a series the path begins after "
                "the phase."
            )
            yield Problem("unknown_place", WHEEL, (*at, i), message, cure, {"name": text})


def _series(id: str, phase: Phase, written: dict[str, Any]) -> Iterator[Problem]:
    series = phase.series
    if series is None:
        return
    place: Place = ("phase", id, "series")
    most = 12 // SIZES[series.every]
    for key, numbers in (("only", series.only), ("except", series.except_)):
        for number in numbers:
            if not 1 <= number <= most:
                message = N_("The series has no number {name} ({every}).")
                facts = {"every": series.every, "name": number, "most": most}
                yield Problem("series", WHEEL, (*place, key), message, N_("Write numbers from 1 to {most}."), facts)
    if not _YEAR.fullmatch(series.year):
        message, cure = N_("{name} is not a year of a series."), N_("Write `Y`, `Y+1`, `E+1` or a plain year.")
        yield Problem("series", WHEEL, (*place, "year"), message, cure, {"name": series.year})
    table = written.get("phase", {}).get(id, {})
    there = [str(number) for number in members(table.get("series", {}))]
    if not there:
        message, cure = (
            N_("The series {name} has no members."),
            N_("Leave at least one in only, or remove one from except."),
        )
        yield Problem("series", WHEEL, place, message, cure, {"name": id})
    for name, own in series.member.items():
        if name not in there:
            message, cure = N_("The series has no member {name}."), N_("Write one of: {known}.")
            known: dict[str, object] = {"name": name, "known": ", ".join(there)}
            yield Problem("series", WHEEL, (*place, "member", name), message, cure, known)
        yield from _omitted(own.get("omit", ()), table, (*place, "member", name, "omit"))


def _distances(wheel: Wheel, written: dict[str, Any]) -> Iterator[Problem]:
    """Check that the texts are dates, and that some cycle has the phases and bodies that they name."""
    tables = [expand(written, names) for names in [(), *((name,) for name in wheel.variants)]]
    phases = {id: phase for table in tables for id, phase in table.get("phase", {}).items()}
    for i, distance in enumerate(wheel.distances):
        least = f"{distance.at_least} after 1 June 2027"
        for key, text in (("earlier", distance.earlier), ("later", distance.later), ("at_least", least)):
            place: Place = ("distance", i, key)
            try:
                rule = parse(text)
            except DateRuleError as error:
                message, cure, facts = error.message, error.cure, error.facts
                if key == "at_least":
                    message, cure = (
                        N_("`{text}` is not a length of time."),
                        N_("Write, for example, `21 days` or `3 weeks`."),
                    )
                    facts = {"text": distance.at_least}
                yield Problem("distance", WHEEL, place, message, cure, facts)
                continue
            for body in sorted(rule.bodies - set(wheel.bodies)):
                yield unknown("body", N_("The body {name} does not exist."), body, wheel.bodies, WHEEL, place)
            for reference in rule.references:
                yield from _referred(reference, phases, place)
                if reference.bound == "actual" or reference.year is not None:
                    message = N_("`{rule}`: a minimum interval is between two dates of one cycle.")
                    cure = N_("Name the deadline or the opening. The days on which the steps are taken count anyway.")
                    yield Problem("distance", WHEEL, place, message, cure, {"rule": str(reference)})


def _referred(reference: Reference, phases: dict[str, Any], place: Place) -> Iterator[Problem]:
    if reference.phase not in phases:
        yield unknown("phase", N_("The phase {name} does not exist."), reference.phase, phases, WHEEL, place)
        return
    phase = phases[reference.phase]
    binding = phase.get("board", {}) if reference.board else phase
    states = binding.get("state", {}) if isinstance(binding, dict) else {}
    if reference.state is not None and reference.state not in states:
        message = N_("The state {name} has no dates there.")
        yield unknown("state", message, reference.state, states, WHEEL, place)
