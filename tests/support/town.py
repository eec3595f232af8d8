"""Vänersborg as a practice home that lives through years by the command: its wheel, people and meetings."""

import re
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import NamedTuple

from tests.support.installed import Arshjul, Document, at, sent_on
from tests.support.wheelhouse import vanersborg
from wheel.plan_address import Address

BOARDS = (
    "ks", "barn-och-utbildningsnamnden", "byggnadsnamnden", "kultur-och-fritidsnamnden", "miljo-och-halsoskyddsnamnden",
    "samhallsbyggnadsnamnden", "socialnamnden", "valnamnden", "overformyndarnamnden",
)  # fmt: skip
THREE = ("ks", "socialnamnden", "valnamnden")
ADMIN = ("--actor", "admin")


@dataclass(frozen=True)
class Act:
    """A step of a plan, and the body that takes it. `meeting`: the day on which it decides, under that §."""

    address: str
    step: str
    body: str
    meeting: str = ""
    paragraph: str = ""

    @property
    def diary(self) -> str:
        return f"KS {self.meeting[:4]}/112" if self.meeting else ""

    @property
    def words(self) -> tuple[str, ...]:
        """As it is typed by itself."""
        reference = f"{self.body} {self.meeting} § {self.paragraph}, dnr {self.diary}"
        return ("advance", self.address, self.step, *(("--decision", reference, *ADOPTED) if self.meeting else ()))

    @property
    def row(self) -> str:
        """As it stands in a table."""
        decision = (self.body, self.meeting, self.paragraph, self.diary, "adopted") if self.meeting else ("",) * 5
        return ";".join((self.address, self.step, *decision))


ADOPTED = ("--outcome", "adopted")
HEADING = "address;step;body;date;paragraph;diary;outcome"


class Typed(NamedTuple):
    """One command that somebody has typed, and how many acts it recorded."""

    day: date
    person: str
    acts: int


class Town(Arshjul):
    """A practice home that lives through years. `boards`: those that it has. `typed`: by its people, but no opening."""

    boards: tuple[str, ...] = BOARDS

    def __init__(self, home: Path, database: str | None = None) -> None:
        super().__init__(home, database)
        self._paragraphs = count(1)
        self._people: list[Document] = []  # as last read
        self.meetings: dict[str, list[date]] = {}
        self.typed: list[Typed] = []
        self.warned: list[str] = []  # the day, the words, and the rules of the warnings

    def begin(self, day: str, boards: tuple[str, ...] = BOARDS) -> None:
        """With Vänersborg's wheel and all its boards, or some of them: the same year in less time."""
        self.boards = boards
        source = () if boards == BOARDS else ("--source", fewer_boards(self.home.parent, boards))
        self.done("init", "--practice", "--email", "admin@vanersborg.example", *source, now=at(day, "07:00"))
        with (self.home / "municipality" / "meetings.toml").open("rb") as file:
            years = {body: of for body, of in tomllib.load(file).items() if isinstance(of, dict)}
        self.meetings = {body: sorted(day for days in of.values() for day in days) for body, of in years.items()}

    def open(self, day: str, *cycles: str) -> None:
        for cycle in cycles:
            self.done("open", cycle, *ADMIN, now=at(day, "07:15"))

    def tick(self, day: str) -> dict[str, str]:
        """At eight, when the mail of the day is due. Where each plan that moved went."""
        ticked = self.done("tick", now=at(day, "08:00"))
        assert ticked["held_back"] == 0
        assert ticked["put_aside"] == []
        return {moved["address"]: moved["to"] for moved in ticked["moved"]}

    # --- what people do, at ten o'clock

    def take(self, day: str, verb: str, plans: str, to: str, meeting: str = "", without: Iterable[str] = ()) -> None:
        """An administrator takes a step of a plan, or of all boards' (`2028/mrp`, `2027/arsredovisning/*`).

        A decision is that of the body of the step, at its `meeting`.
        """
        acts = filter(None, (self.act(address, verb, meeting) for address in self.named(plans, without)))
        written = self.record("admin", date.fromisoformat(day), list(acts))
        assert {row["state"] for row in written.get("rows", [written])} == {to}
        # The bodies of these years also decide on days that are not in the sample's calendar.
        assert [reason for reason in written["warnings"] if reason["rule"] != "meeting"] == [], written

    def named(self, plans: str, without: Iterable[str] = ()) -> list[str]:
        if not plans.endswith("/*"):
            return [plans]
        return [plans.replace("*", board) for board in self.boards if board not in without]

    def act(self, address: str, verb: str, meeting: str = "", before: date | None = None) -> Act | None:
        """The step by the body whose it is; None where nobody takes it: KS's own plan is reported to nobody.

        A decision is made at that `meeting`, or at the body's last one `before` that day.
        """
        at = Address.parse(address)
        assert at.phase is not None
        step = next(iter(vanersborg().workflow(at.phase, at.board).steps_named(verb)), None)
        if step is None or step.by is None:
            return None
        body = vanersborg().binding(at.phase, at.board).body(step.by, at.board)
        if step.decision and before:
            meeting = max(day for day in self.meetings[body] if day < before).isoformat()
        assert step.decision == bool(meeting)
        return Act(address, verb, body, meeting, str(next(self._paragraphs)) if meeting else "")

    def person(self, body: str, role: str, day: date) -> str:
        """The person who holds the role that day; the newest of them, as with a substitute."""
        self._people = self._people or self.done("people", "list", now=at(day.isoformat()))["people"]
        held = [
            (given["from"] or "", person["person"])
            for person in self._people
            for given in person["roles"]
            if (given["body"], given["role"]) == (body, role)
            and (given["from"] or "") <= day.isoformat() <= (given["to"] or "9999")
        ]
        _, newest = max(held)
        return str(newest)

    def record(self, person: str, day: date, acts: Sequence[Act]) -> Document:
        """One act is typed, several are recorded from a table."""
        if len(acts) == 1:
            return self.type(person, day, *acts[0].words)
        table = self.home.parent / "acts.csv"
        table.write_text("\n".join((HEADING, *(act.row for act in acts))), encoding="utf-8")
        return self.type(person, day, "record", str(table), acts=len(acts))

    def type(self, person: str, day: date, *words: str, acts: int = 1) -> Document:
        written = self.done(*words, "--actor", person, now=at(day.isoformat()))
        self.typed.append(Typed(day, person, acts))
        if words[0] == "people":
            self._people = []
        warned = sorted({reason["rule"] for reason in written.get("warnings", ())})
        self.warned += [f"{day} {' '.join(words[1:3])}: {', '.join(warned)}"] if warned else []
        return written

    # --- what is to be seen

    def stands(self, day: str, cycle: str, hour: str = "12:00") -> dict[str, str]:
        """Each plan's state and status: `mrp`, and `arsredovisning/*` for all boards but those that stand otherwise."""
        found: dict[str, str] = {}
        boards: dict[str, dict[str, str]] = {}
        for plan in self.done("plans", "--cycle", cycle, now=at(day, hour))["plans"]:
            said = f"{plan['state']} {plan['status']}"
            if plan["board"]:
                boards.setdefault(plan["phase"], {})[plan["board"]] = said
            else:
                found[plan["phase"]] = said
        for phase, each in boards.items():
            ordinary, _ = Counter(each.values()).most_common(1)[0]
            found[f"{phase}/*"] = ordinary
            found |= {f"{phase}/{board}": said for board, said in each.items() if said != ordinary}
        return found

    def dates(self, day: str, address: str) -> dict[str, dict[str, str]]:
        """The dates of the states that have any."""
        bounds = ("opens", "target", "last", "statutory")
        states = self.done("show", address, now=at(day))["states"]
        dates = {s["state"]: {bound: s[bound]["date"] for bound in bounds if s[bound]} for s in states}
        return {state: said for state, said in dates.items() if said}

    def mailed(self, person: str, *months: str) -> list[str]:
        """The days of those months on which the person got mail."""
        ((address,),) = self.rows("SELECT email FROM person WHERE id = ?", person)
        to = [mail for mail in self.mails() if mail["To"].addresses[0].addr_spec == address]
        return [day for mail in to if (day := sent_on(mail).date().isoformat())[:7] in months]

    def told(self, person: str, day: str) -> list[str]:
        """The subjects of the person's mail of that day: plan, state, rule and working days."""
        query = (
            "SELECT notice.key FROM notice JOIN message ON message.id = notice.message_id "
            "WHERE notice.person_id = ? AND message.day = ? AND message.status = 'sent'"
        )
        keys = [key.split(":") for (key,) in self.rows(query, person, day)]
        return sorted(f"{plan} {state} {rule.partition('/')[0]}{days}" for plan, state, _, _, rule, days, _ in keys)

    def is_whole(self, day: str) -> None:
        """Assert the conditions that every finished year must meet."""
        assert self.done("log", "verify", now=at(day))["ok"] is True
        assert self.rows("SELECT DISTINCT status FROM message") == [("sent",)]
        mails = self.mails()
        assert len(mails) == self.rows("SELECT count(*) FROM message")[0][0]
        a_day = Counter((str(mail["To"]), sent_on(mail).date()) for mail in mails)
        assert max(a_day.values()) == 1, "somebody got two mails on one day"
        assert all(sent_on(mail).weekday() < 5 for mail in mails)


def fewer_boards(folder: Path, kept: tuple[str, ...]) -> Path:
    """A folder with Vänersborg's wheel, people and meetings, without those of the other boards."""
    Arshjul(folder / "whole").done("init", "--practice")
    wheel = folder / "wheel"
    shutil.copytree(folder / "whole" / "municipality", wheel)
    gone = "|".join(board for board in BOARDS if board not in kept)
    for name, table in (("wheel.toml", r"body\."), ("people.toml", r"person\."), ("meetings.toml", "")):
        file = wheel / name
        said = file.read_text(encoding="utf-8")
        without = re.sub(rf"^\[{table}(?:{gone})(?:-[a-z]+)?\]\n(?:(?!\[[a-z]).*\n)*", "", said, flags=re.MULTILINE)
        assert len(without) < len(said)
        file.write_text(without, encoding="utf-8")
    return wheel
