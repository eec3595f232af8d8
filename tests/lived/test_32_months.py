"""Thirty-two months of an invented municipality, November 2026 to June 2029, each act typed by its own person.

Three budget years, two reports a year, two annual reports and the goals of a mandate period; officials who hand in,
secretaries who record, meetings of the sample's calendar; and the mishaps of an ordinary office (`MISHAPS`). The plan
of the acts was written by hand from the rules. What is asked at the end is asked of the whole of it: what was said of
each mail on the day on which it left is still said, nobody was told of their own act, and the log is whole; and how
much its people typed (`TYPED_FOR_NINE`), and a clerk who records for all of them.
"""

import random
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.databases import PostgresDatabases
from tests.support.installed import Document, at
from tests.support.town import BOARDS, THREE, Act, Town

BEGIN, END = date(2026, 11, 2), date(2029, 6, 30)
AT_THE_END = at(END.isoformat())

# Day (Y: the budget year), plans, step. The body that decides does so at its last meeting before that day.
BUDGET_YEAR = """
Y-2 11-05  tidsplan            decide
Y-1 02-25  ramar               decide
Y-1 03-02  ramar               send_out
Y-1 03-15  namndforslag/*      draft
Y-1 04-29  namndforslag/*      propose
Y-1 05-10  uppdragsdialog/*    hold
Y-1 05-11  namndforslag/*      reconcile
Y-1 05-12  uppdragsdialog      reconcile
Y-1 05-20  mrp                 submit
Y-1 06-08  mrp                 propose
Y-1 06-22  mrp                 decide
Y-1 09-10  verksamhetsplan/*   draft
Y-1 10-29  verksamhetsplan/*   submit
Y-1 12-16  verksamhetsplan/*   decide
Y-1 12-17  verksamhetsplan/*   report
"""
REPORTS = """
Y   05-07  delarsrapport-april/*    report
Y   05-18  delarsrapport-april/*    analyse
Y   05-30  delarsrapport-april/*    decide
Y   06-08  delarsrapport-april      hand_over
Y   06-22  delarsrapport-april      decide
Y   09-10  delarsrapport-augusti/*  report
Y   09-20  delarsrapport-augusti/*  analyse
Y   10-07  delarsrapport-augusti/*  decide
Y   10-12  delarsrapport-augusti    hand_over
Y   10-21  delarsrapport-augusti    decide
Y+1 01-21  arsredovisning/*         report
Y+1 01-21  arsberattelse/*          draft
Y+1 02-09  arsredovisning/*         analyse
Y+1 03-01  arsredovisning/*         decide
Y+1 03-09  arsredovisning           draw_up
Y+1 03-29  arsberattelse/*          decide
Y+1 04-11  arsredovisning           hand_over
Y+1 04-22  arsredovisning           decide
Y+1 04-22  arsredovisning           discharge
"""
GOALS = """
Y+1 10-07  inriktningsmal  propose
Y+1 12-16  inriktningsmal  decide
"""

# Taken otherwise or on another day: see `MISHAPS`.
NOT_AS_PLANNED = {
    ("2026/arsredovisning/socialnamnden", "report"), ("2026/arsredovisning/socialnamnden", "analyse"),
    ("2029/namndforslag/socialnamnden", "draft"), ("2029/mrp", "decide"),
    ("2029/verksamhetsplan/valnamnden", "decide"), ("2029/verksamhetsplan/valnamnden", "report"),
    ("2029/delarsrapport-april/valnamnden", "report"), ("2029/delarsrapport-april/valnamnden", "analyse"),
    ("2029/delarsrapport-april/valnamnden", "decide"),
}  # fmt: skip

# Day, person, command. {entry}: the log entry of the person's last step. What is decided names its meeting here.
MISHAPS = """
2027-02-09 socialnamnden-officer  advance 2026/arsredovisning/socialnamnden --to analysed
2027-02-26 ks-officer             correct {2028/ramar} --paragraph 412 --reason "Fel paragraf"
2027-05-17 ekonom-1               advance 2028/mrp submit
2027-05-17 ekonom-1               undo {2028/mrp} --reason "Fel plan"
2027-09-09 ekonom-1               move-deadline 2027/delarsrapport-augusti/socialnamnden 2027-09-17
                                 --reason "Nytt ekonomisystem"
2028-02-28 ekonom-2               people add vikarie-1 --name "Vilma Ersättarsson"
                                 --email vilma.ersattarsson@example.se --role officer --body socialnamnden
                                 --from 2028-03-01 --to 2028-05-31
2028-03-20 ekonom-1               hold 2029/namndforslag/valnamnden --reason "Väntar på valdistrikten"
2028-04-03 ekonom-1               release 2029/namndforslag/valnamnden
2028-03-30 vikarie-1              advance 2029/namndforslag/socialnamnden draft
2028-06-22 kf-secretary           send-back 2029/mrp --body kf --date 2028-06-21 --paragraph 90
                                 --diary "KS 2028/300" --detail minority=yes --reason "Ramarna räknas om"
                                 --new-date 2028-06-28
2028-06-22 ekonom-1               meetings add kf 2028-06-28 --reason "Återremissen"
2028-06-22 ekonom-1               meetings add ks 2028-06-26 --reason "Återremissen"
2028-06-27 ks-officer             advance 2029/mrp propose --body ks --date 2028-06-26 --paragraph 140
                                 --diary "KS 2028/300" --outcome adopted_with_changes
2028-06-29 kf-secretary           advance 2029/mrp decide --body kf --date 2028-06-28 --paragraph 101
                                 --diary "KS 2028/300" --outcome adopted
2028-08-28 ekonom-2               people add valnamnden-officer-2 --name "Efraim Tilltradd"
                                 --email efraim.tilltradd@example.se --role officer --body valnamnden
                                 --from 2028-09-01
2028-08-28 ekonom-2               people role valnamnden-officer-2 secretary --body valnamnden --from 2028-09-01
2028-08-28 ekonom-2               people end valnamnden-officer --to 2028-08-31
2028-12-12 valnamnden-officer-2   postpone 2029/verksamhetsplan/valnamnden --body valnamnden --date 2028-12-11
                                 --paragraph 41 --diary "VN 2028/9" --new-date 2028-12-20
2028-12-18 ekonom-2               meetings add valnamnden 2028-12-20 --reason "Bordlagt ärende"
2028-12-21 valnamnden-officer-2   advance 2029/verksamhetsplan/valnamnden decide --body valnamnden
                                 --date 2028-12-20 --paragraph 44 --diary "VN 2028/9" --outcome adopted
2028-12-22 valnamnden-officer-2   advance 2029/verksamhetsplan/valnamnden report
2029-04-20 ekonom-1               withdraw 2029/delarsrapport-april/valnamnden
                                 --reason "Nämnden har inget att redovisa"
"""


@dataclass(frozen=True, order=True)
class Planned:
    day: date
    words: tuple[str, ...]
    actor: str = ""  # of a planned step: found by who is to take it


def planned(table: str, phases_of: int) -> Iterator[Planned]:
    """The acts of one budget year, or of the goals of one election year."""
    for line in table.split("\n"):
        if not line:
            continue
        year, month_day, plans, step = line.split()
        day = date.fromisoformat(f"{phases_of + int(year[1:] or 0)}-{month_day}")
        day += timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])  # offices are open on working days
        cycle = f"mandat-{phases_of}" if table is GOALS else phases_of
        yield Planned(day, (f"{cycle}/{plans}", step))


def whole_plan() -> list[Planned]:
    acts = [act for year in (2028, 2029, 2030) for act in planned(BUDGET_YEAR, year)]
    acts += [act for year in (2026, 2027, 2028, 2029) for act in planned(REPORTS, year)]
    acts += list(planned(GOALS, 2026))
    mishaps = [written.split(maxsplit=2) for written in re.split(r"\n(?=\d)", MISHAPS.strip())]
    acts += [Planned(date.fromisoformat(day), tuple(shlex.split(words)), person) for day, person, words in mishaps]
    acts += [Planned(date(2026, 11, 2), ("open", "2028"), "ekonom-1")]
    acts += [Planned(date(2027, 1, 18), ("open", cycle), "ekonom-1") for cycle in ("2026", "2027", "mandat-2026")]
    return sorted((act for act in acts if BEGIN <= act.day <= END), key=lambda act: act.day)  # stable: as written


Typist = Callable[[str, str, date], str]  # body, role and day


def live(
    town: Town, days: Iterator[date], typist: Typist, evening: Callable[[date], None] = lambda _: None
) -> Iterator[date]:
    """At eight the service makes and sends the mail of the day; people work at ten. Each day is yielded after eight.
    `evening`: called at the end of each.

    `typist`: who types what a person with that role in a body does.
    """
    acts = whole_plan()
    for day in days:
        if day.weekday() < 5 and day != BEGIN:
            town.tick(day.isoformat())
        yield day
        while acts and acts[0].day <= day:
            todays = [acts.pop(0)]
            while acts and acts[0].day == todays[0].day:
                todays.append(acts.pop(0))
            work(town, day, todays, typist)
        evening(day)


def work(town: Town, day: date, acts: list[Planned], typist: Typist) -> None:
    """The acts of one person on one day stand in one table, unless something else comes between."""
    tables: dict[str, list[Act]] = {}
    for act in acts:
        if act.actor:
            for person, table in tables.items():
                town.record(person, day, table)
            tables = {}
            count = 2 if act.words[0] == "advance" and "--to" in act.words else 1
            town.type(typist(act.actor, "", day), day, *filled_in(town, act.words), acts=count)
            continue
        for step in taken(town, day, *act.words):
            person = typist(step.body, "secretary" if step.meeting else "officer", day)
            tables.setdefault(person, []).append(step)
    for person, table in tables.items():
        town.record(person, day, table)


def taken(town: Town, day: date, plans: str, verb: str) -> list[Act]:
    """The step of each of the plans that asks it of its board and is not over."""
    idle = ("not_concerned", "before_introduction")
    cycle = plans.partition("/")[0]
    listed = town.done("plans", "--cycle", cycle, now=at(day.isoformat()))["plans"]
    over = {plan["address"] for plan in listed if plan["status"] in idle}
    steps = [
        town.act(address, verb, before=day)
        for address in town.named(plans)
        if (address, verb) not in NOT_AS_PLANNED and address not in over
    ]
    return [step for step in steps if step]


def filled_in(town: Town, words: tuple[str, ...]) -> list[str]:
    """A plan in braces is the log entry of its last step."""
    entries = {entry["subject"]: str(entry["seq"]) for entry in town.log("plan.advanced")}
    return [entries[word[1:-1]] if word.startswith("{") else word for word in words]


class Evenings:
    """The answers at the end of some days, which must be the answers about those days ever after."""

    WORDS = (
        ("show", "2028"), ("show", "2028/mrp"), ("show", "2028/verksamhetsplan/socialnamnden"), ("plans",),
        ("decisions",),
    )  # fmt: skip

    def __init__(self, town: Town, of: int) -> None:
        """`of`: on one working day of so many, drawn at random."""
        self._town, self._of, self._draw = town, of, random.Random(2028)
        self.shown: dict[date, list[Document]] = {}

    def keep(self, day: date) -> None:
        if day.weekday() < 5 and day > BEGIN and self._draw.randrange(self._of) == 0:
            self.shown[day] = self._read(day, at(day.isoformat(), "23:59"))

    def are_shown_ever_after(self) -> None:
        for day, shown in self.shown.items():
            assert self._read(day, AT_THE_END, "--at", day.isoformat()) == shown, day

    def _read(self, day: date, now: str, *more: str) -> list[Document]:
        return [self._town.done(*words, *more, now=now) for words in self.WORDS]


def keep_what_is_said(town: Town, day: date, said_then: dict[str, str]) -> None:
    """Of the boards' plans those of one board: the others get the same mail."""
    query = (
        "SELECT DISTINCT plan.address FROM notice JOIN message ON message.id = notice.message_id "
        "JOIN plan ON plan.id = notice.plan_id WHERE message.day = ? AND message.status = 'sent'"
    )
    others = tuple(f"/{board}" for board in town.boards if board != "socialnamnden")
    mailed = [address for (address,) in town.rows(query, day.isoformat()) if not address.endswith(others)]
    for address in mailed:
        for notice in town.done("explain", address, now=at(day.isoformat()))["notices"]:
            if notice["outcome"] == "sent":
                said_then.setdefault(notice["key"], notice["because"])


def nobody_was_told_of_their_own_act(town: Town) -> None:
    query = (
        "SELECT notice.key FROM notice JOIN message ON message.id = notice.message_id "
        "WHERE message.status = 'sent' AND notice.plan_id IS NOT NULL"
    )
    sent = [key.split(":") for (key,) in town.rows(query)]
    told = {(plan, state, visit, person) for plan, state, visit, _, rule, _, person in sent if rule == "your_turn"}
    moved = [entry for entry in town.log("plan.advanced") if entry["actor"] != "daemon"]
    acts = {(act["subject"], act["data"]["to"], str(act["data"]["entry"]), act["actor"]) for act in moved}
    assert acts
    assert told & acts == set()


def what_was_said_is_still_said(town: Town, said_then: dict[str, str]) -> None:
    """An auditor who asks at the end hears the reason that held on the day on which the mail left."""
    assert len(said_then) > 100
    addresses = {key.partition(":")[0] for key in said_then}
    explained = [n for plan in addresses for n in town.done("explain", plan, now=AT_THE_END)["notices"]]
    said_now = {notice["key"]: notice["because"] for notice in explained}
    assert {key: said_now[key] for key in said_then} == said_then


def other_databases_say_the_same(town: Town, folder: Path, *urls: str) -> None:
    """Dumped from one and loaded into the next: equal documents in all of them."""
    before = documents(town)
    place = town
    for number, url in enumerate(urls):
        dump = folder / f"{number}.dump"
        place.done("dump", dump, now=AT_THE_END)
        place = Town(town.home, url)
        place.done("load", dump, "--actor", "operator-1", now=AT_THE_END)
        assert documents(place) == before


def documents(town: Town) -> list[Document]:
    registers = (("plans",), ("people", "list"), ("meetings", "list"), ("outbox", "list"))
    plans = (("show", f"2029/{plan}") for plan in ("mrp", "ramar", "verksamhetsplan", "verksamhetsplan/valnamnden"))
    return [town.done(*words, now=AT_THE_END) for words in (*registers, *plans)]


def every_day() -> Iterator[date]:
    return (BEGIN + timedelta(days=n) for n in range((END - BEGIN).days + 1))


def days_of_acts_and_mondays() -> Iterator[date]:
    """Enough for what happens by itself between two acts; a tick catches up on the days before it."""
    busy = {day for act in whole_plan() for day in (act.day, act.day + timedelta(days=1))}
    return (day for day in every_day() if day in busy or day.weekday() == 0)


WHO = {"ekonom": "administrators", "kf": "kf", "ks": "ks"}  # by the beginning of a person's id
Figures = dict[str, tuple[int, int]]  # acts, and the commands that recorded them
# Acts and commands by year. Before, each act was a command.
TYPED_FOR_THREE: dict[int, Figures] = {
    2027: {"administrators": (12, 10), "boards": (35, 31), "kf": (6, 4), "ks": (26, 22)},
    2028: {"administrators": (15, 13), "boards": (36, 31), "kf": (6, 5), "ks": (25, 22)},
}
TYPED_FOR_NINE: dict[int, Figures] = {
    2027: {"administrators": (18, 10), "boards": (143, 127), "kf": (6, 4), "ks": (26, 22)},
    2028: {"administrators": (21, 13), "boards": (144, 121), "kf": (6, 5), "ks": (25, 22)},
}


def typed_in(town: Town, year: int) -> Figures:
    """How many acts the administrators, KF, KS and the boards recorded in that year, and with how many commands."""
    acts, commands = Counter[str](), Counter[str]()
    for day, person, count in town.typed:
        if day.year == year:
            who = WHO.get(person.partition("-")[0], "boards")
            acts[who] += count
            commands[who] += 1
    return {who: (acts[who], commands[who]) for who in sorted(acts)}


@pytest.mark.parametrize(
    ("boards", "days", "typed"),
    [
        pytest.param(THREE, days_of_acts_and_mondays, TYPED_FOR_THREE, id="three boards"),
        pytest.param(BOARDS, every_day, TYPED_FOR_NINE, id="all nine boards, every day", marks=pytest.mark.slow),
    ],
)
def test_thirty_two_months(
    tmp_path: Path,
    postgresql_databases: PostgresDatabases,
    boards: tuple[str, ...],
    days: Callable[[], Iterator[date]],
    typed: dict[int, Figures],
) -> None:
    town = Town(tmp_path / "home")
    town.begin(BEGIN.isoformat(), boards)
    said_then: dict[str, str] = {}  # of each mail that left, by the notice's key

    def own_hand(body: str, role: str, day: date) -> str:
        return town.person(body, role, day) if role else body

    evenings = Evenings(town, of=12 if boards == THREE else 3)
    for day in live(town, days(), own_hand, evenings.keep):
        keep_what_is_said(town, day, said_then)

    # The timetables of these two were due before the town began: nobody was asked to decide them.
    assert town.warned == ["2027-01-18 2026: R1", "2027-01-18 2027: R1"]
    town.is_whole(END.isoformat())
    nobody_was_told_of_their_own_act(town)
    assert len(evenings.shown) > 10
    evenings.are_shown_ever_after()
    what_was_said_is_still_said(town, said_then)
    assert {year: typed_in(town, year) for year in (2027, 2028)} == typed
    with postgresql_databases.empty() as postgresql:
        other_databases_say_the_same(town, tmp_path, postgresql, f"sqlite:///{tmp_path / 'again.db'}")


def test_one_clerk_types_a_year_of_nine_boards(tmp_path: Path) -> None:
    """An administrator who records everything: what the boards hand in, and what every body decides."""
    town = Town(tmp_path / "home")
    town.begin(BEGIN.isoformat())
    days = (day for day in days_of_acts_and_mondays() if day.year <= 2027)
    for _ in live(town, days, lambda *_: "ekonom-1"):
        pass
    assert town.warned == ["2027-01-18 2026: R1", "2027-01-18 2027: R1"]
    assert typed_in(town, 2027) == {"administrators": (193, 37)}  # at most 60 were asked for
