"""A year rehearsed for a municipality of twelve boards, and for a hundred such: time of each, memory that stays flat.

Each municipality has a wheel of its own, as a county would have it; the engine, its log, its notices and the gathering
of its mail are the real ones.
"""

import gc
from collections.abc import Iterator
from statistics import median

from bench.measure import Figure, Figures, Scale, at_most, peak_memory, seconds
from config.municipality.municipality import VANERSBORG, Municipality, load
from config.municipality.people import PersonSeed
from notifications.mail_settings import MailSettings
from wheel.rehearsal.policy import ON_TIME, policy
from wheel.rehearsal.rehearse import rehearse
from wheel.rehearsal.replica import Span, of_files
from wheel.rehearsal.result import RehearsalResult
from workflows.definition.definition import Definition, Text

YEAR = 2027
MODEL = "socialnamnden"  # the further boards are its like
MORE = ("arbetsmarknadsnamnden", "tekniska-namnden", "gymnasienamnden")
MAIL = MailSettings()


def measure(scale: Scale) -> Figures:
    town = of_twelve("1")
    _year(town)  # warm
    took = [seconds(lambda: _year(town)) for _ in range(scale.rounds)]
    yield at_most("a punctual year of 12 boards", median(took), 1.0, "s")
    yield at_most("the fastest of them", min(took), 1.0, "s")
    late = [seconds(lambda: _year(town, "late:14")) for _ in range(scale.rounds)]
    yield Figure("a late year, and the punctual one that it is held against", f"{median(late):.2f} s")
    year = _year(town)
    yield Figure("  its entries and mails", f"{len(year.calendar):,} / {year.mail_count:,}")
    each: dict[int, float] = {}
    for count in (1, 10) if scale.quick else (1, 10, 100):
        each[count] = seconds(lambda: _several(count)) / count  # noqa: B023 - called before the next one
        yield Figure(f"  each of {count} municipalities", f"{each[count]:.2f} s")
    most = max(each)
    yield at_most(f"time of each, {most} municipalities against 1", each[most] / each[1], 1.1, "x")
    few, many = (peak_memory(lambda: _several(count)) for count in (1, 10))  # noqa: B023
    yield Figure("  memory at most, 1 and 10 municipalities", f"{few:.1f} / {many:.1f} MB")
    yield at_most("memory of each further municipality", (many - few) / 9, 0.25, "MB")


def _year(town: Municipality, asked: str = "on-time") -> RehearsalResult:
    (year,) = rehearse(of_files(town, Span(YEAR), MAIL), policy(asked) if asked != "on-time" else ON_TIME)
    return year


def _several(count: int) -> None:
    for town in _towns(count):
        _year(town)
        gc.collect()  # what is left is garbage that Python would collect sooner or later


def _towns(count: int) -> Iterator[Municipality]:
    return (of_twelve(str(number)) for number in range(count))


def of_twelve(version: str) -> Municipality:
    """The sample with three boards more, each with people and meetings; `version` makes its wheel another one."""
    sample = load(VANERSBORG)
    wheel = sample.definition.wheel
    like = wheel.bodies[MODEL]
    added = {id: like.model_copy(update={"name": Text(sv=id, en=id), "short": None}) for id in MORE}
    wheel = wheel.model_copy(update={"bodies": {**wheel.bodies, **added}, "version": version})
    people = dict(sample.people)
    for id, person in sample.people.items():
        if id.startswith(MODEL):
            people |= {id.replace(MODEL, board): _moved(person, board) for board in MORE}
    meetings = {**sample.meetings, **dict.fromkeys(MORE, sample.meetings[MODEL])}
    return Municipality(Definition(wheel=wheel, workflows=sample.definition.workflows), people, meetings)


def _moved(person: PersonSeed, board: str) -> PersonSeed:
    roles = tuple(role.model_copy(update={"body": board}) for role in person.roles)
    return person.model_copy(update={"roles": roles, "email": f"{board}@example.se"})
