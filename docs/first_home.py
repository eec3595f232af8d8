"""Make a practice home in the middle of its work: Vänersborg from last September until today, by commands that you
could type. Each is printed. `make run` does it, if there is no home yet.

    python docs/first_home.py FOLDER [NOW]

The people are invented, and so are all decisions. What has been decided by NOW (default: this moment) is decided, what
is due soon is under way, some boards are late, and one has had its plan sent back. "Last September" is that of the year
before, so that this year's wheel has been lived from its first day. The tables of acts are kept in FOLDER/acts.
"""

import io
import json
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from wheel.console.main import main

ZONE = ZoneInfo("Europe/Stockholm")
CLERK = "ekonom-1"
BOARDS = {
    "ks": "ks", "sn": "socialnamnden", "bun": "barn-och-utbildningsnamnden", "bn": "byggnadsnamnden",
    "kfn": "kultur-och-fritidsnamnden", "mhn": "miljo-och-halsoskyddsnamnden", "sbn": "samhallsbyggnadsnamnden",
    "vn": "valnamnden", "ofn": "overformyndarnamnden",
}  # fmt: skip

# The day on which the clerk records it, the plan and the step. Y is the budget year, or the year of the election.
# `*`: the boards that have no line of their own for that step; `*-vn`: nor the election board. Then the body of a
# decision, which it makes at its last meeting before that day. `< day: reason`: it sends the matter back until then.
# `on day`: the day of a step that is recorded later. `! reason`: a rule is passed over.
BUDGET_YEAR = """
Y-2 11-09  tidsplan                  decide     ks
Y-1 03-02  ramar                     decide     ks
Y-1 03-15  ramar                     send_out
Y-1 03-15  namndforslag/*            draft
Y-1 04-30  namndforslag/*            propose    board
Y-1 05-11  uppdragsdialog/*-vn       hold
Y-1 05-11  namndforslag/*            reconcile
Y-1 05-20  namndforslag/mhn          draft
Y-1 05-20  mrp                       submit
Y-1 06-04  uppdragsdialog/mhn        hold
Y-1 06-04  namndforslag/mhn          propose    board
Y-1 06-04  namndforslag/mhn          reconcile
Y-1 06-04  uppdragsdialog            reconcile
Y-1 06-09  mrp                       propose    ks
Y-1 06-22  mrp                       decide     kf
Y-1 09-10  verksamhetsplan/*         draft
Y-1 10-20  verksamhetsplan/*         submit
Y-1 10-20  verksamhetsplan/bun       submit
Y-1 10-20  verksamhetsplan/sbn       submit
Y-1 10-29  verksamhetsplan/bun       send-back  board < Y-1 12-17: Detaljbudgeten stämmer inte med nämndens ram
Y-1 12-03  verksamhetsplan/ofn       draft
Y-1 12-03  verksamhetsplan/ofn       submit
Y-1 12-17  verksamhetsplan/*         decide     board
Y-1 12-17  verksamhetsplan/sbn       send-back  board < Y 01-29: Beskriv hur underhållet av gatorna ska finansieras
Y-1 12-17  verksamhetsplan/bun       submit     on Y-1 12-03
Y-1 12-17  verksamhetsplan/bun       decide     board
Y-1 12-17  verksamhetsplan/*-ks      report
Y   01-21  verksamhetsplan/vn        submit
Y   01-30  verksamhetsplan/sbn       submit     on Y 01-19
Y   01-30  verksamhetsplan/sbn       decide     board
Y   01-30  verksamhetsplan/sbn       report
Y   03-02  verksamhetsplan/vn        decide     board
Y   03-02  verksamhetsplan/vn        report
Y   05-11  delarsrapport-april/*     report
Y   05-20  delarsrapport-april/*     analyse
Y   05-29  delarsrapport-april/*     decide     board
Y   06-04  delarsrapport-april       compile    ! Samhällsbyggnadsnämndens del kommer i september
Y   06-09  delarsrapport-april       hand_over  ks
Y   06-22  delarsrapport-april       send-back  kf < Y 10-22: Komplettera med samhällsbyggnadsnämndens del
Y   09-29  delarsrapport-april/sbn   decide     board
Y   10-09  delarsrapport-april       hand_over  ks
Y   10-23  delarsrapport-april       decide     kf
Y   09-10  delarsrapport-augusti/*   report
Y   09-21  delarsrapport-augusti/*   analyse
Y   09-21  delarsrapport-augusti/bn  analyse
Y   09-29  delarsrapport-augusti/mhn report
Y   09-29  delarsrapport-augusti/bn  send-back  board < Y 10-28: Analysera varför bygglovsavgifterna minskar
Y   10-05  delarsrapport-augusti/*   decide     board
Y   10-09  delarsrapport-augusti/ks  decide     ks
Y   10-20  delarsrapport-augusti/mhn analyse
Y   10-29  delarsrapport-augusti/mhn decide     board
Y   10-29  delarsrapport-augusti/bn  analyse    on Y 10-20
Y   10-29  delarsrapport-augusti/bn  decide     board
Y   10-30  delarsrapport-augusti     hand_over  ks
Y   11-19  delarsrapport-augusti     decide     kf
Y+1 01-21  arsredovisning/*          report
Y+1 01-21  arsredovisning/bun        analyse
Y+1 01-30  arsredovisning/bun        send-back  board < Y+1 03-02: Förklara underskottet i gymnasieskolan
Y+1 02-10  arsredovisning/*          analyse
Y+1 03-02  arsredovisning/bun        analyse    on Y+1 02-10
Y+1 03-02  arsredovisning/bun        decide     board
Y+1 03-02  arsredovisning/*          decide     board
Y+1 03-02  arsredovisning/kfn        report
Y+1 03-15  arsredovisning/kfn        analyse
Y+1 03-30  arsredovisning/kfn        decide     board
Y+1 04-10  arsredovisning            draw_up    ks
Y+1 04-10  arsredovisning            hand_over
Y+1 04-23  arsredovisning            decide     kf
Y+1 04-23  arsredovisning            discharge  kf
Y+1 01-21  arsberattelse/*           draft
Y+1 03-02  arsberattelse/bun         send-back  board < Y+1 04-29: Beskriv varför tre aktiviteter inte blev av
Y+1 03-30  arsberattelse/bn          send-back  board < Y+1 08-30: Följ upp tillsynsplanen
Y+1 03-30  arsberattelse/*           decide     board
Y+1 04-30  arsberattelse/bun         decide     board
Y+1 08-31  arsberattelse/bn          decide     board
"""
AFTER_ELECTION = """
Y-1 10-30  budgetfaststallelse       propose    ks
Y-1 11-19  budgetfaststallelse       decide     kf
"""
MANDATE = """
Y+1 10-09  inriktningsmal            propose    ks
Y+1 12-17  inriktningsmal            decide     kf
"""

HEADING = "address;step;on;body;date;paragraph;diary;outcome;new_date;reason"


@dataclass(frozen=True)
class Act:
    """`body`: of a decision. `until`: the day for which the matter is sent back."""

    day: date
    cycle: str
    phase: str
    board: str
    step: str
    body: str = ""
    on: date | None = None
    until: date | None = None
    reason: str = ""

    @property
    def address(self) -> str:
        return "/".join(filter(None, (self.cycle, self.phase, self.board)))


def day_of(words: str, year: int) -> date:
    """`Y-1 06-22` seen from that year, or the Monday after it: offices are open on working days."""
    years, month_day = words.split()
    day = date.fromisoformat(f"{year + int(years[1:] or 0)}-{month_day}")
    return day + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])


LINE = re.compile(
    r"(?P<day>Y\S* +\S+)  (?P<phase>[a-z-]+)/?(?P<whose>\S*) +(?P<step>\S+)"
    r"( +(?P<body>board|k[sf]))?( +on (?P<on>.+))?( +< (?P<until>[^:]+): (?P<back>.+))?( +! (?P<anyway>.+))?"
)


def acts_of(table: str, cycle: str, year: int) -> Iterator[Act]:
    lines = [found for line in table.strip().splitlines() if (found := LINE.fullmatch(line))]
    own = {line.group("phase", "whose", "step") for line in lines}
    for line in lines:
        phase, whose, step, body = line.group("phase", "whose", "step", "body")
        on, until = (day_of(line[name], year) if line[name] else None for name in ("on", "until"))
        others = [name for name in BOARDS if (phase, name, step) not in own and whose != f"*-{name}"]
        for board in [BOARDS[name] for name in others] if "*" in whose else [BOARDS.get(whose, "")]:
            decides = board if body == "board" else body or ""
            reason = line["back"] or line["anyway"] or ""
            yield Act(day_of(line["day"], year), cycle, phase, board, step, decides, on, until, reason)


def elections(first: int, last: int) -> list[int]:
    return [year for year in range(first, last + 1) if year % 4 == 2]


class Practice:
    """A practice home, and the clerk who types in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.paragraphs = count(1)
        self.meetings: dict[str, list[date]] = {}

    def type(self, *words: str, day: date, hour: int) -> dict[str, Any]:
        """Type the command at that hour of the day. Its answer. Raises SystemExit with it, if it does not succeed."""
        return self.type_at(datetime.combine(day, time(hour), ZONE), *words)

    def type_at(self, moment: datetime, *words: str) -> dict[str, Any]:
        now = moment.isoformat(timespec="minutes")
        print("arshjul", shlex.join([*words, "--now", now]), flush=True)
        said = io.StringIO()
        with redirect_stdout(said):
            code = main([*words, "--now", now, "--home", str(self.home), "--json"])
        answer: dict[str, Any] = json.loads(said.getvalue())
        if code:
            raise SystemExit(f"exit code {code}: {json.dumps(answer, ensure_ascii=False, indent=1)}")
        return answer

    def tick(self, day: date) -> None:
        """The mail of the day. After days without the service somebody has to release what are many mails."""
        if self.type("tick", day=day, hour=8)["held_back"]:
            self.type("tick", "--confirm", "--actor", CLERK, day=day, hour=9)

    def record(self, day: date, acts: list[Act]) -> None:
        table = self.home / "acts" / f"{day}.csv"
        table.parent.mkdir(exist_ok=True)
        rows = [";".join(self.row(act)) for act in acts]
        table.write_text("\n".join([HEADING, *rows, ""]), encoding="utf-8")
        anyway = ["--anyway"] if any(act.reason and not act.until for act in acts) else []
        self.type("record", str(table), *anyway, "--actor", CLERK, day=day, hour=10)

    def row(self, act: Act) -> tuple[str, ...]:
        if not act.body:
            return (act.address, act.step, str(act.on or ""), "", "", "", "", "", "", act.reason)
        meeting = max(day for day in self.meetings[act.body] if day < act.day)
        diary = f"KS {meeting.year}/{100 + len(act.phase)}"
        until = str(act.until or "")
        outcome = "" if until else "adopted"
        decision = (act.body, str(meeting), str(next(self.paragraphs)), diary, outcome)
        return (act.address, act.step, "", *decision, until, act.reason)

    def learn_meetings(self, day: date, years: range) -> None:
        """The calendar of the sample covers some years; those that are missing follow its habits."""
        days: dict[str, set[date]] = {}
        for meeting in self.type("meetings", "list", day=day, hour=7)["meetings"]:
            days.setdefault(meeting["body"], set()).add(date.fromisoformat(meeting["date"]))
        missing = [
            (body, meeting)
            for body, known in days.items()
            for year in years
            if not any(each.year == year for each in known)
            for meeting in usual_meetings(body, year)
        ]
        if missing:
            file = self.home / "meetings.csv"
            rows = [f"{body};{meeting}" for body, meeting in missing]
            file.write_text("\n".join(["body;date", *rows, ""]), encoding="utf-8")
            self.type("meetings", "import", str(file), "--actor", CLERK, day=day, hour=7)
        for body, meeting in missing:
            days[body].add(meeting)
        self.meetings = {body: sorted(known) for body, known in days.items()}


def usual_meetings(body: str, year: int) -> Iterator[date]:
    """KF on the third Wednesday of the month, KS on the first and the fourth, the boards in the fourth week."""
    weekday = 2 if body in ("kf", "ks") else (0, 1, 3)[len(body) % 3]
    for month in (1, 2, 3, 4, 5, 6, 9, 10, 11, 12):
        weeks = (3,) if body == "kf" else (1, 4) if body == "ks" else (2,) if month in (6, 12) else (4,)
        for week in weeks:
            first = date(year, month, 1)
            day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (week - 1))
            yield day


def live(home: Path, now: datetime) -> None:
    """Raises SystemExit with what a command answered that did not succeed."""
    year = now.year
    begin = day_of("Y-1 09-01", year)
    mandates = elections(year - 6, year)
    opens = {str(of): day_of("Y-2 11-01", of) for of in range(year - 1, year + 3)}
    opens |= {f"mandat-{of}": day_of("Y 10-15", of) for of in mandates}
    opens = {cycle: max(day, begin) for cycle, day in opens.items()}
    acts = [act for of in range(year - 1, year + 3) for act in acts_of(BUDGET_YEAR, str(of), of)]
    acts += [act for of in mandates for act in acts_of(AFTER_ELECTION, str(of + 1), of + 1)]
    acts += [act for of in mandates for act in acts_of(MANDATE, f"mandat-{of}", of)]
    acts = [act for act in acts if act.day >= opens.get(act.cycle, date.max)]

    practice = Practice(home)
    practice.type("init", "--practice", "--email", "admin@example.se", day=begin, hour=6)
    practice.learn_meetings(begin, range(year - 1, year + 3))
    today = now.date()
    lately = {today - timedelta(days=ago) for ago in range(8) if (today - timedelta(days=ago)).weekday() < 5}
    for day in sorted({*opens.values(), *(act.day for act in acts), *lately}):
        if datetime.combine(day, time(11), ZONE) > now:
            break
        for cycle in (cycle for cycle, on in opens.items() if on == day):
            practice.type("open", cycle, "--actor", CLERK, day=day, hour=7)
        practice.tick(day)
        if todays := [act for act in acts if act.day == day]:
            practice.record(day, todays)
    practice.type_at(now, "tick")  # so that the service, which begins now, finds no long stop


def made(home: Path, now: datetime) -> None:
    try:
        live(home, now)
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)  # half a home would pass for a whole one the next time
        raise


if __name__ == "__main__":
    made(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]) if sys.argv[2:] else datetime.now(ZONE))
