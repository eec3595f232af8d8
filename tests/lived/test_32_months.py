"""Thirty-two months of an invented municipality, November 2026 to June 2029, each act typed by its own person.

Three budget years, two reports a year, two annual reports and the goals of a mandate period; officials who hand in,
secretaries who record, meetings of the sample's calendar; and the mishaps of an ordinary office (`MISHAPS`). The plan
of the acts was written by hand from the rules. What is asked at the end is asked of the whole of it: what was said of
each mail on the day on which it left is still said, nobody was told of their own act, and the log is whole.
"""

import re
import shlex
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest

from tests.support.databases import PostgresDatabases
from tests.support.installed import Document, at
from tests.support.town import BOARDS, THREE, Town

BEGIN, END = date(2026, 11, 2), date(2029, 6, 30)

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
2027-02-09 socialnamnden-officer  advance 2026/arsredovisning/socialnamnden report
2027-02-09 socialnamnden-officer  advance 2026/arsredovisning/socialnamnden analyse
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
class Act:
    day: date
    words: tuple[str, ...]
    actor: str = ""  # of a planned step: found by who is to take it


def planned(table: str, phases_of: int) -> Iterator[Act]:
    """The acts of one budget year, or of the goals of one election year."""
    for line in table.split("\n"):
        if not line:
            continue
        year, month_day, plans, step = line.split()
        day = date.fromisoformat(f"{phases_of + int(year[1:] or 0)}-{month_day}")
        day += timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])  # offices are open on working days
        cycle = f"mandat-{phases_of}" if table is GOALS else phases_of
        yield Act(day, (f"{cycle}/{plans}", step))


def whole_plan() -> list[Act]:
    acts = [act for year in (2028, 2029, 2030) for act in planned(BUDGET_YEAR, year)]
    acts += [act for year in (2026, 2027, 2028, 2029) for act in planned(REPORTS, year)]
    acts += list(planned(GOALS, 2026))
    mishaps = [written.split(maxsplit=2) for written in re.split(r"\n(?=\d)", MISHAPS.strip())]
    acts += [Act(date.fromisoformat(day), tuple(shlex.split(words)), person) for day, person, words in mishaps]
    acts += [Act(date(2026, 11, 2), ("open", "2028"), "ekonom-1")]
    acts += [Act(date(2027, 1, 18), ("open", cycle), "ekonom-1") for cycle in ("2026", "2027", "mandat-2026")]
    return sorted((act for act in acts if BEGIN <= act.day <= END), key=lambda act: act.day)  # stable: as written


@dataclass
class Municipality:
    """Those who work in it. `typed`: how many commands each of them wrote."""

    town: Town
    paragraphs: Iterator[int] = field(default_factory=lambda: count(1000))
    typed: Counter[str] = field(default_factory=Counter)
    people: list[Document] = field(default_factory=list)  # as last read
    warned: list[str] = field(default_factory=list)
    said_then: dict[str, str] = field(default_factory=dict)  # of each mail that left, by the notice's key

    def __post_init__(self) -> None:
        with (self.town.home / "municipality" / "meetings.toml").open("rb") as file:
            years = {body: of for body, of in tomllib.load(file).items() if isinstance(of, dict)}
        self.meetings = {body: sorted(day for days in of.values() for day in days) for body, of in years.items()}

    def live(self, days: Iterator[date]) -> None:
        """At eight the service makes and sends the mail of the day; people work at ten."""
        acts = whole_plan()
        for day in days:
            if day.weekday() < 5 and day != BEGIN:
                self.town.tick(day.isoformat())
                self._keep_what_is_said(day)
            while acts and acts[0].day <= day:
                self._act(acts.pop(0), day)

    def _act(self, act: Act, day: date) -> None:
        if act.actor:
            self._type(act.actor, day, *self._filled_in(act.words))
            return
        plans, step = act.words
        boards = self.town.boards if plans.endswith("/*") else ("*",)
        for address in (plans.replace("*", board) for board in boards):
            if (address, step) not in NOT_AS_PLANNED and (found := self._step(address, step, day)):
                self._take(address, found, day)

    def _step(self, address: str, verb: str, day: date) -> Document | None:
        """As `show` offers it; None where the plan asks nothing of its board or is over."""
        shown = self.town.done("show", address, now=self._at(day))
        if shown["status"] in ("not_concerned", "before_introduction"):
            return None
        steps = [step for step in shown["steps"] if step["step"] == verb]
        if not steps and address.endswith("/ks"):  # its plan is not reported to itself, nor reconciled by itself
            return None
        assert steps, (str(day), address, verb, shown["state"], shown["status"])
        found: Document = steps[0]
        return found

    def _take(self, address: str, step: Document, day: date) -> None:
        own = address.rpartition("/")[2]
        body = own if own in step["by"] else step["by"][0]
        words = ["advance", address, step["step"]]
        if step["decision"]:
            meeting = max(meeting for meeting in self.meetings[body] if meeting < day)
            words += ["--body", body, "--date", meeting.isoformat(), "--paragraph", str(next(self.paragraphs))]
            words += ["--diary", f"KS {day.year}/300", "--outcome", "adopted"]
        self._type(self._person(body, "secretary" if step["decision"] else "officer", day), day, *words)

    def _person(self, body: str, role: str, day: date) -> str:
        """The person who holds the role that day; the newest of them, as with a substitute."""
        held = [
            (given["from"] or "", person["person"])
            for person in self._people(day)
            for given in person["roles"]
            if (given["body"], given["role"]) == (body, role)
            and (given["from"] or "") <= day.isoformat() <= (given["to"] or "9999")
        ]
        _, newest = max(held)
        return str(newest)

    def _people(self, day: date) -> list[Document]:
        if not self.people:
            self.people = self.town.done("people", "list", now=self._at(day))["people"]
        return self.people

    def _type(self, person: str, day: date, *words: str) -> None:
        written = self.town.done(*words, "--actor", person, now=self._at(day))
        self.typed[person] += 1
        self.people = [] if words[0] == "people" else self.people  # read again
        warned = sorted({reason["rule"] for reason in written.get("warnings", ())})
        self.warned += [f"{day} {' '.join(words[1:3])}: {', '.join(warned)}"] if warned else []

    def _filled_in(self, words: tuple[str, ...]) -> list[str]:
        """A plan in braces is the log entry of its last step."""
        return [str(self._last_entry(word[1:-1])) if word.startswith("{") else word for word in words]

    def _last_entry(self, address: str) -> int:
        entries = [entry["seq"] for entry in self.town.log("plan.advanced") if entry["subject"] == address]
        return int(max(entries))

    def _keep_what_is_said(self, day: date) -> None:
        """Of the boards' plans those of one board: the others get the same mail."""
        query = (
            "SELECT DISTINCT plan.address FROM notice JOIN message ON message.id = notice.message_id "
            "JOIN plan ON plan.id = notice.plan_id WHERE message.day = ? AND message.status = 'sent'"
        )
        others = tuple(f"/{board}" for board in self.town.boards if board != "socialnamnden")
        mailed = [address for (address,) in self.town.rows(query, day.isoformat()) if not address.endswith(others)]
        for address in mailed:
            for notice in self.town.done("explain", address, now=self._at(day))["notices"]:
                if notice["outcome"] == "sent":
                    self.said_then.setdefault(notice["key"], notice["because"])

    def nobody_was_told_of_their_own_act(self) -> None:
        query = (
            "SELECT notice.key FROM notice JOIN message ON message.id = notice.message_id "
            "WHERE message.status = 'sent' AND notice.plan_id IS NOT NULL"
        )
        sent = [key.split(":") for (key,) in self.town.rows(query)]
        told = {(plan, state, visit, person) for plan, state, visit, _, rule, _, person in sent if rule == "your_turn"}
        moved = [entry for entry in self.town.log("plan.advanced") if entry["actor"] != "daemon"]
        acts = {(act["subject"], act["data"]["to"], str(act["data"]["entry"]), act["actor"]) for act in moved}
        assert acts
        assert told & acts == set()

    def what_was_said_is_still_said(self) -> None:
        """An auditor who asks at the end hears the reason that held on the day on which the mail left."""
        assert len(self.said_then) > 100
        addresses = {key.partition(":")[0] for key in self.said_then}
        explained = [n for plan in addresses for n in self.town.done("explain", plan, now=self._at(END))["notices"]]
        said_now = {notice["key"]: notice["because"] for notice in explained}
        assert {key: said_now[key] for key in self.said_then} == self.said_then

    def other_databases_say_the_same(self, folder: Path, *urls: str) -> None:
        """Dumped from one and loaded into the next: equal documents in all of them."""
        documents = self._documents(self.town)
        place = self.town
        for number, url in enumerate(urls):
            dump = folder / f"{number}.dump"
            place.done("dump", dump, now=self._at(END))
            place = Town(self.town.home, url)
            place.done("load", dump, "--actor", "operator-1")  # an empty database is no practice one: no --now
            assert self._documents(place) == documents

    def _documents(self, town: Town) -> list[Document]:
        registers = (("plans",), ("people", "list"), ("meetings", "list"), ("outbox", "list"))
        plans = (("show", f"2029/{plan}") for plan in ("mrp", "ramar", "verksamhetsplan", "verksamhetsplan/valnamnden"))
        return [town.done(*words, now=self._at(END)) for words in (*registers, *plans)]

    @staticmethod
    def _at(day: date) -> str:
        return at(day.isoformat())


def every_day() -> Iterator[date]:
    return (BEGIN + timedelta(days=n) for n in range((END - BEGIN).days + 1))


def days_of_acts_and_mondays() -> Iterator[date]:
    """Enough for what happens by itself between two acts; a tick catches up on the days before it."""
    busy = {day for act in whole_plan() for day in (act.day, act.day + timedelta(days=1))}
    return (day for day in every_day() if day in busy or day.weekday() == 0)


@pytest.mark.parametrize(
    ("boards", "days"),
    [
        pytest.param(THREE, days_of_acts_and_mondays, id="three boards"),
        pytest.param(BOARDS, every_day, id="all nine boards, every day", marks=pytest.mark.slow),
    ],
)
def test_thirty_two_months(
    tmp_path: Path,
    postgresql_databases: PostgresDatabases,
    boards: tuple[str, ...],
    days: Callable[[], Iterator[date]],
) -> None:
    town = Town(tmp_path / "home")
    town.begin(BEGIN.isoformat(), boards)
    municipality = Municipality(town)
    municipality.live(days())

    # The timetables of these two were due before the town began: nobody was asked to decide them.
    assert municipality.warned == ["2027-01-18 2026: R1", "2027-01-18 2027: R1"]
    town.is_whole(END.isoformat())
    municipality.nobody_was_told_of_their_own_act()
    municipality.what_was_said_is_still_said()
    with postgresql_databases.empty() as postgresql:
        municipality.other_databases_say_the_same(tmp_path, postgresql, f"sqlite:///{tmp_path / 'again.db'}")
