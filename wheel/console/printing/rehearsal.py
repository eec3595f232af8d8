"""Prints a rehearsed year: by months, with the boards of a phase in one line, and a summary at the end."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any, TypeVar

from config.text.texts import Texts
from wheel.console.printing.lines import wrapped
from wheel.console.printing.plans import reason_line
from wheel.documents.rehearsal import DayDifference, MailDifference, MissedDifference, PairDocument, SummaryDocument
from wheel.format import BOUNDS, source_word
from wheel.plan_address import Address
from wheel.reads.names import Names
from wheel.reads.result_documents import reason_document
from wheel.rehearsal.labels import WHAT
from wheel.rehearsal.policy import Policy
from wheel.rehearsal.recorder import Entry
from wheel.rehearsal.result import Lateness, MissedMeeting, RehearsalResult, UndecidedDate, UnfinishedPlan
from wheel.rehearsal.year_documents import summary
from workflows.definition.definition import Wheel
from workflows.messages import N_
from workflows.rules.named_rules import Reason

T = TypeVar("T")
D = TypeVar("D", bound=DayDifference | MissedDifference | MailDifference)

TOLD = ("cycle_opened", "opens", "done", "decided")  # the part of these that is printed
POLICIES = {
    ("on-time", False): N_("everybody on time"),
    ("on-time", True): N_("everybody on time"),
    ("late", False): N_("the boards {days} days late"),
    ("late", True): N_("everybody {days} days late"),
    ("silent", False): N_("the boards do nothing"),
    ("silent", True): N_("nobody does anything"),
    ("random", False): N_("the boards late at random (seed {seed})"),
    ("random", True): N_("everybody late at random (seed {seed})"),
}
SUMMARY = {
    "openings": N_("openings"),
    "decisions": N_("decisions"),
    "without_meeting": N_("of these without a known meeting"),
    "mails": N_("mails"),
    "people": N_("people who get mail"),
    "late": N_("overdue steps"),
    "most_days_late": N_("days overdue at most"),
    "missed": N_("meetings without a decision"),
    "undecided": N_("dates not yet decided"),
    "not_woken": N_("plans that the service could not run"),
    "unfinished": N_("plans not finished"),
}
MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"), N_("July"), N_("August"),
    N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip


def say_policy(policy: Policy, t: Texts) -> str:
    return t(POLICIES[policy.kind, policy.everybody], days=policy.days, seed=policy.seed)


def say_year(year: RehearsalResult, t: Texts) -> list[str]:
    printer = YearPrinter(year, t)
    return [
        *wrapped(title(year, t)),
        *wrapped(t("Rehearsed in memory. Nothing was changed and no mail was sent.") + " " + _begun(year, t)),
        *printer.not_woken(),
        *printer.months(),
        *printer.undecided(),
        *printer.mails(),
        *printer.late(),
        *printer.missed(),
        *printer.unfinished(),
        *say_summary(t, summary(year)),
    ]


def title(year: RehearsalResult, t: Texts) -> str:
    facts = {"name": year.definition.wheel.name, "first": year.first.isoformat(), "last": year.last.isoformat()}
    return t("{name}, {first} to {last}: {policy}", policy=say_policy(year.policy, t), **facts)


def _begun(year: RehearsalResult, t: Texts) -> str:
    if year.fresh:
        return t("New cycles, as if the year before was on time.")
    return t("It starts from the home's cycles.")


def say_summary(t: Texts, *summaries: SummaryDocument) -> list[str]:
    lines = ["", t("In numbers")]
    for name, word in SUMMARY.items():
        lines.append("".join(f"{getattr(found, name):7}" for found in summaries) + f"  {t(word)}")
    return lines


class YearPrinter:
    """Prints the parts of one year."""

    def __init__(self, year: RehearsalResult, t: Texts) -> None:
        self.year, self.t = year, t
        self.wheel: Wheel = year.definition.wheel
        self.names = Names(t.language, year.of_cycles.get)

    def months(self) -> list[str]:
        lines: list[str] = []
        for (year, month), entries in groupby(self._told(), key=lambda entry: (entry.day.year, entry.day.month)):
            lines += ["", f"{self.t(MONTHS[month - 1])} {year}"]
            grouped = gathered(entries, lambda e: (e.day, e.what, e.cycle, e.phase, e.step, e.meeting, e.last, e.clock))
            for together in sorted(grouped, key=lambda found: found[0].day):
                lines += self._entry(together)
        return lines

    def _told(self) -> list[Entry]:
        """The entries that people have to know in time. Automatic and finished steps are only in --json and --csv."""
        return [entry for entry in self.year.without_kept_dates() if entry.what in WHAT]

    def _entry(self, together: list[Entry]) -> list[str]:
        entry, t = together[0], self.t
        parts = [f"{phase_of(entry.address)} {self._who(together)}".rstrip()]
        if entry.step and entry.what in ("due", "decision_due", "decided", "refused", "late"):
            parts = [self.step(entry.address, entry.step, self._who(together))]
        if entry.what == "decided":
            if entry.last is not None and entry.day > entry.last:
                parts.append(t("(deadline {day})", day=entry.last.isoformat()))
            if entry.meeting is False:
                parts.append(t("(assumed: no meeting is known)"))
        if entry.clock:
            parts.append(t("(at {clock})", clock=entry.clock))
        first = f"  {entry.day.day:2}  {t(WHAT[entry.what]):12} "
        lines = wrapped(" ".join(parts), first, " " * 19)
        for reason in dict.fromkeys(self._reason(reason) for e in together for reason in e.reasons):
            lines += wrapped(reason, " " * 19)
        return lines

    def step(self, address: str, verb: str | None, who: str = "") -> str:
        """`2028/mrp KF: Kommunfullmäktige antar mål- och resursplanen`"""
        plan = f"{phase_of(address)} {who}".rstrip()
        return f"{plan}: {self.names.step_label(address, verb)}" if verb else plan

    def _reason(self, reason: Reason, address: str = "") -> str:
        """The reason as a line, with its missing plans gathered by phase, and with its step if the address is given."""
        if missing := reason.facts.get("missing"):
            reason = replace(reason, facts={**reason.facts, "missing": [self._causes(missing)]})
        document = reason_document(reason, self.t, self.year.definition)
        return reason_line(document, self.t, partial(self.names.step_label, address) if address else None)

    def _who(self, together: Iterable[Entry | Lateness | MissedMeeting | UndecidedDate | UnfinishedPlan]) -> str:
        """The bodies by their short names; more than five by their number."""
        bodies = [board_of(item.address) or item.body for item in together]
        return self.bodies(list(dict.fromkeys(body for body in bodies if body)))

    def bodies(self, bodies: list[str]) -> str:
        if len(bodies) > 5:
            return self.t.plural("{n} board", "{n} boards", len(bodies))
        return ", ".join(self._short(body) for body in bodies)

    def _short(self, body: str) -> str:
        found = self.wheel.bodies.get(body)
        return (found.short or found.name.to(self.t.language)) if found else body

    def not_woken(self) -> list[str]:
        lines = []
        for plan in self.year.not_woken:
            lines += wrapped(f"{plan.address}: {plan.trouble}", "  ", "    ")
        return ["", self.t("Plans that the service could not run"), *lines] if lines else []

    def undecided(self) -> list[str]:
        """The undecided dates, which belong to no month."""
        lines = []
        for together in gathered(self.year.undecided, lambda u: (phase_of(u.address), u.state, u.bound, u.source)):
            first = together[0]
            plan = f"{phase_of(first.address)} {self._who(together)}".rstrip()
            state = self.names.state_label(first.address, first.state)
            source = source_word(first.source, self.t)
            lines += wrapped(f"{plan}: {state}, {self.t(BOUNDS[first.bound])} ({source})", "  ", "    ")
        return ["", self.t("Dates not decided yet: nobody is reminded of them"), *lines] if lines else []

    def mails(self) -> list[str]:
        lines = []
        for mailed in self.year.mails:
            name = mailed.name if mailed.name != mailed.person else ""
            lines += wrapped(f"{mailed.person}  {name}".rstrip(), f"{len(mailed.days):5}  ")
        return ["", self.t("Mail per person"), *lines]

    def late(self) -> list[str]:
        lines = []
        for late in gathered(self.year.lateness, lambda a: (phase_of(a.address), a.state, a.last, a.done is None)):
            first, days = late[0], sorted(item.days for item in late)
            number = str(days[0]) if days[0] == days[-1] else f"{days[0]}–{days[-1]}"
            text = N_("{what}, {n} days after {last}")
            text = text if first.done else N_("{what}, not at all. {n} days after {last} when the year ends")
            what = self.step(first.address, first.step, self._who(late))
            lines += wrapped(self.t(text, what=what, n=number, last=first.last.isoformat()), "  ", "    ")
        return ["", self.t("Overdue steps"), *lines] if lines else []

    def missed(self) -> list[str]:
        """The missed meetings, and who caused that."""
        lines = []
        for missed in gathered(self.year.missed, lambda m: (phase_of(m.address), m.step, self._why(m))):
            lines += wrapped(f"{self.step(missed[0].address, missed[0].step)}, {self._why(missed[0])}", "  ", "    ")
            for same in gathered(missed, lambda m: (m.meeting, m.next)):
                meeting, next_ = same[0].meeting, same[0].next
                text = N_("{who}: no decision on {meeting}, no later meeting is known")
                text = N_("{who}: no decision on {meeting}, next meeting {next}") if next_ else text
                facts = {"meeting": meeting.isoformat(), "next": next_.isoformat() if next_ else ""}
                lines += wrapped(self.t(text, who=self._who(same), **facts), "    ", "      ")
        return ["", self.t("The cost of the delays"), *lines] if lines else []

    def _why(self, missed: MissedMeeting) -> str:
        if missed.because == (missed.address,):
            return self.t("because they are overdue themselves")
        if not missed.because:
            return self.t("because its dates leave no time for it")
        return self.t("because of {causes}", causes=self._causes(missed.because))

    def _causes(self, because: Sequence[str]) -> str:
        found = []
        for together in gathered(because, phase_of):
            boards = [board for address in together if (board := board_of(address))]
            found.append(f"{phase_of(together[0])} {self.bodies(boards)}".strip())
        return ", ".join(found)

    def unfinished(self) -> list[str]:
        lines = []
        for plans in gathered(self.year.unfinished, lambda u: (phase_of(u.address), u.state, u.last, u.reasons == ())):
            first = plans[0]
            plan = f"{phase_of(first.address)} {self._who(plans)}".rstrip()
            facts = {"state": self.names.state_label(first.address, first.state), "last": first.last.isoformat()}
            lines += wrapped(
                self.t("{plan}: still in the state “{state}”. Deadline {last}", plan=plan, **facts), "  ", "    "
            )
            reasons = dict.fromkeys(self._reason(reason, plan.address) for plan in plans for reason in plan.reasons)
            for reason in reasons:
                lines += wrapped(reason, "      ")
        return ["", self.t("Plans not finished"), *lines] if lines else []


def phase_of(address: str) -> str:
    return str(Address.parse(address).of_the_phase)


def board_of(address: str) -> str | None:
    return Address.parse(address).board


def gathered(items: Iterable[T], key: Callable[[T], Any]) -> list[list[T]]:
    """Groups of items with equal keys, in the order of their first items."""
    found: dict[Any, list[T]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return list(found.values())


# ---- two years beside each other ---------------------------------------------------------------------------------


def say_pair(
    first: RehearsalResult, second: RehearsalResult, document: PairDocument, t: Texts, other: str = ""
) -> list[str]:
    """`other`: the folder of the second one's wheel, where it has its own."""
    lines = []
    for letter, year in (("A", first), ("B", second)):
        lines += wrapped(title(year, t), f"{letter}  ")
    lines += wrapped(t("the wheel of {folder}", folder=other), "   ") if other else []
    printer, differences = YearPrinter(second, t), document.differences

    def meeting(row: MissedDifference, who: str) -> str:
        return f"{printer.step(row.address, row.step, who)}, {row.meeting}"

    happened = [row for row in differences.calendar if row.what in TOLD]
    lines += _section(
        t(N_("On another day")), happened, lambda row, who: printer.step(row.address, row.step, who), printer
    )
    lines += _section(t(N_("Meetings without a decision")), differences.missed, meeting, printer)
    lines += _section(t(N_("Mail per person")), differences.mails, lambda row, _: row.person, printer)
    return [*lines, "", f"{'A':>7}{'B':>7}", *say_summary(t, summary(first), summary(second))[2:]]


def _section(head: str, rows: Sequence[D], what: Callable[[D, str], str], printer: YearPrinter) -> list[str]:
    """A line for each pair of values, with the boards that share it."""

    def said(value: object) -> str:
        return "–" if value is None else printer.t(N_("never")) if value == "never" else str(value)

    lines: list[str] = []
    for together in gathered(rows, lambda row: (what(row, ""), row.first, row.second)):
        row = together[0]
        addresses = [each.address for each in together if not isinstance(each, MailDifference)]
        boards = [board for board in map(board_of, addresses) if board]
        before = f"  {said(row.first):>10}  {said(row.second):>10}  "
        lines += wrapped(what(row, printer.bodies(boards)), before)
    return ["", head, *lines] if lines else []
