"""Dates that can never be, and dates in the wrong order, tried over many years."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations

from workflows.dates import Anchor, DateRuleError, is_election_year, parse
from workflows.definition import CycleKind, DateOf, Phase, StateDates, Track, Wheel, anchor
from workflows.messages import N_
from workflows.problem import WHEEL, Place, Problem, split_sentence

YEARS = range(2024, 2041)  # every kind of year: leap years, election years, both ends of four mandate periods
LETTER = {"budget": "Y", "mandate": "E"}
ORDERS = {
    ("opens", "target"): N_("It should be over on {late}, before it opens on {early} (in {cycle})."),
    ("opens", "last"): N_("Its last day is {late}, before it opens on {early} (in {cycle})."),
    ("opens", "statutory"): N_("The law's last day is {late}, before it opens on {early} (in {cycle})."),
    ("target", "last"): N_("Its last day is {late}, before the day {early} that it aims at (in {cycle})."),
    ("target", "statutory"): N_("The law's last day is {late}, before the day {early} that it aims at (in {cycle})."),
    ("last", "statutory"): N_("The law's last day is {late}, before its own last day {early} (in {cycle})."),
}


def date_problems(wheel: Wheel) -> Iterator[Problem]:
    for kind, cycle in wheel.cycles.items():
        yield from _never(kind, cycle.opens.date, ("cycle", kind, "opens", "date"))
    for id, phase in wheel.phases.items():
        yield from _track(phase, phase, ("phase", id))
        if phase.board:
            yield from _track(phase, phase.board, ("phase", id, "board"))


def _track(phase: Phase, track: Track, at: Place) -> Iterator[Problem]:
    for state, dates in track.states.items():
        place = (*at, "state", state)
        wrong = [
            problem for bound, of in dates.items() for problem in _never(phase.cycle, of.date, (*place, bound, "date"))
        ]
        yield from wrong
        if not wrong:
            yield from _order(phase, dates, place)
    for verb, step in track.steps.items():
        for i, use in enumerate(step.rules):
            if use.date is not None:
                yield from _never(phase.cycle, use.date, (*at, "step", verb, "rules", i, "date"))


def _never(kind: CycleKind, text: str, place: Place) -> Iterator[Problem]:
    """A text that is no date, or one that counts from a year which this kind of cycle has not."""
    try:
        rule = parse(text)
        rule.first(anchor(kind, 2026))
    except DateRuleError as error:
        what, cure = split_sentence(error)
        yield Problem("date", WHEEL, place, N_("{what}."), N_("{cure}."), {"what": what, "cure": cure})


def _order(phase: Phase, dates: StateDates, place: Place) -> Iterator[Problem]:
    for (bound, early), (after, late) in combinations(dates.items(), 2):
        for name, year in _anchors(phase):
            first, last = _day(bound, early, year), _day(after, late, year)
            if first > last:
                facts: dict[str, object] = {"early": first, "late": last, "cycle": name}
                cure = N_("Mend one of the two dates.")
                yield Problem("date_order", WHEEL, (*place, after), ORDERS[bound, after], cure, facts)
                break


def _day(bound: str, of: DateOf, year: Anchor) -> date:
    return of.rule.first(year) if bound == "opens" else of.rule.last(year)


def _anchors(phase: Phase) -> Iterable[tuple[str, Anchor]]:
    """The cycles in which the phase comes."""
    for year in YEARS:
        if phase.cycle == "budget" and (not phase.only_after_election or is_election_year(year - 1)):
            yield f"Y = {year}", anchor("budget", year)
        elif phase.cycle == "mandate" and is_election_year(year):
            yield f"E = {year}", anchor("mandate", year)
