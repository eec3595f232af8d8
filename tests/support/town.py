"""Vänersborg as a practice home that lives through years by the command: its wheel, people and meetings."""

import re
import shutil
from collections import Counter
from collections.abc import Iterable
from itertools import count
from pathlib import Path

from tests.support.installed import Arshjul, at, sent_on

BOARDS = (
    "ks", "barn-och-utbildningsnamnden", "byggnadsnamnden", "kultur-och-fritidsnamnden", "miljo-och-halsoskyddsnamnden",
    "samhallsbyggnadsnamnden", "socialnamnden", "valnamnden", "overformyndarnamnden",
)  # fmt: skip
THREE = ("ks", "socialnamnden", "valnamnden")
ADMIN = ("--actor", "admin")


class Town(Arshjul):
    """A practice home that lives through years. `boards`: those that it has."""

    boards: tuple[str, ...] = BOARDS

    def __init__(self, home: Path, database: str | None = None) -> None:
        super().__init__(home, database)
        self._paragraphs = count(1)

    def begin(self, day: str, boards: tuple[str, ...] = BOARDS) -> None:
        """With Vänersborg's wheel and all its boards, or some of them: the same year in less time."""
        self.boards = boards
        source = () if boards == BOARDS else ("--source", fewer_boards(self.home.parent, boards))
        self.done("init", "--practice", "--email", "admin@vanersborg.example", *source, now=at(day, "07:00"))

    def open(self, day: str, *cycles: str) -> None:
        for cycle in cycles:
            self.done("open", cycle, *ADMIN, now=at(day, "07:15"))

    def tick(self, day: str) -> dict[str, str]:
        """At eight, when the mail of the day is due. Where each plan that moved went."""
        ticked = self.done("tick", now=at(day, "08:00"))
        assert ticked["held_back"] == 0
        assert ticked["put_aside"] == []
        return {moved["address"]: moved["to"] for moved in ticked["moved"]}

    def take(self, day: str, verb: str, plans: str, to: str, meeting: str = "", without: Iterable[str] = ()) -> None:
        """Take a step of a plan, or of all boards' (`2028/mrp`, `2027/arsredovisning/*`), at ten o'clock of that day.

        A decision is that of the body that `show` names, at its `meeting`.
        """
        now = at(day, "10:00")
        addresses = self._named(plans, without)
        (step,) = [s for s in self.done("show", addresses[0], now=now)["steps"] if s["step"] == verb]
        assert (step["to"], step["decision"]) == (to, bool(meeting))
        first = addresses[0].rpartition("/")[2]

        for address in addresses:
            own = address.rpartition("/")[2] if step["by"] == [first] else step["by"][0]
            decision = self._decision(own, meeting) if meeting else ()
            written = self.done("advance", address, verb, *ADMIN, *decision, now=now)
            # The bodies of these years also decide on days that are not in the sample's calendar.
            warned = [reason for reason in written["warnings"] if reason["rule"] != "meeting"]
            assert (written["state"], warned) == (to, []), written

    def _named(self, plans: str, without: Iterable[str]) -> list[str]:
        if not plans.endswith("/*"):
            return [plans]
        return [plans.replace("*", board) for board in self.boards if board not in without]

    def _decision(self, body: str, meeting: str) -> tuple[str, ...]:
        fields = (
            "--paragraph",
            str(next(self._paragraphs)),
            "--diary",
            f"KS {meeting[:4]}/112",
            "--outcome",
            "adopted",
        )
        return ("--body", body, "--date", meeting, *fields)

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
