"""The content of a drawing of one calendar year, read as the engine says it on the unit of work's day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from unicodedata import category, normalize

from sqlalchemy import and_, bindparam, or_, select

from config.text.texts import Texts
from wheel.database.meeting_days import meeting_days
from wheel.drawing.moved import moved_days
from wheel.engine.boards_progress import hand_in_day, part_is_done
from wheel.engine.decisions import Registration, registrations
from wheel.engine.plan import NO_RECORD, Cycle, Plan, Status
from wheel.engine.titles import title_of
from wheel.engine.unit_of_work import CYCLE, PLAN, UnitOfWork
from wheel.format import RETURNED, STATUS
from workflows.definition.definition import Body, Step, Text
from workflows.messages import N_

# No date of a budget cycle lies further from its year, none of a mandate cycle outside its years.
_AWAY, _MANDATE = 3, 6
_CYCLES = select(CYCLE.c.id).where(
    or_(
        and_(CYCLE.c.kind == "budget", CYCLE.c.year.between(bindparam("first"), bindparam("last"))),
        and_(CYCLE.c.kind == "mandate", CYCLE.c.year.between(bindparam("elected"), bindparam("year"))),
    )
)
_WHOLES = select(PLAN).where(PLAN.c.cycle_id.in_(_CYCLES), PLAN.c.board.is_(None)).order_by(PLAN.c.id)
_OF_A_BOARD = select(PLAN).where(PLAN.c.cycle_id.in_(_CYCLES), PLAN.c.board == bindparam("board")).order_by(PLAN.c.id)
_BOARDS = select(PLAN).where(PLAN.c.parent_id.in_(bindparam("wholes", expanding=True))).order_by(PLAN.c.id)
_NOT_TAKING_PART = ("not_concerned", "withdrawn")
_WORST_FIRST: tuple[Status, ...] = ("overdue", "sent_back", "postponed", "in_progress", "upcoming", "draft", "done")


@dataclass(frozen=True)
class Arc:
    """One state of one plan. `first` and `last`: the days on which the plan is to be in it.

    A plan is in one state at a time. So the first day is the one after the last day of the state before, or the state's
    own opening if that is later. `open_ended`: nobody has said a last day; `last` is the first one then.
    `decision`: the one that ended the state (`KF 2026-06-17 § 88`). `boards`: how many boards have done their part, and
    of how many, where the state waits for them.
    """

    plan: str
    state: str
    status: Status
    word: str
    title: str
    state_label: str
    label: str
    short: str
    first: date
    last: date
    open_ended: bool = False
    provisional: bool = False
    held: bool = False
    who: tuple[str, ...] = ()
    moved_from: date | None = None
    days_late: int = 0
    decision: str = ""
    boards: tuple[int, int] | None = None


@dataclass(frozen=True)
class Bead:
    """A decision of a body, or the boards' handing in. `plans`: everything that the body decides on that day.

    `day`: the meeting, where it is known, otherwise the last day; `date`: the same as `25 feb`. `letters`: KF, KS, N.
    `lines`: a title and what there is to say about it, for each plan. `next`: the first one that is still to come.
    """

    day: date
    date: str
    letters: str
    body: str
    status: Status
    plans: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]
    next: bool = False


@dataclass(frozen=True)
class Ring:
    cycle: str
    title: str
    arcs: tuple[Arc, ...]
    beads: tuple[Bead, ...]


@dataclass(frozen=True)
class MeetingDay:
    """A meeting of the council or of the executive board, whether anything of the wheel is on its agenda or not."""

    day: date
    council: bool


@dataclass(frozen=True)
class Next:
    """The next deadline, as the centre says it."""

    day: date
    heading: str
    date: str
    title: str
    distance: str


@dataclass(frozen=True)
class WheelPicture:
    """`rings`: the innermost first, which is the oldest budget cycle; a mandate period lies outside.

    `today` is None in another year than that of the drawing; `is_past`: the whole year is over. `legend`: statuses with
    their words; `bodies`: letters of beads with the names of the bodies; `months`: their names.
    """

    year: int
    today: date | None
    is_past: bool
    language: str
    municipality: str
    heading: str
    as_of: str
    rings: tuple[Ring, ...]
    meetings: tuple[MeetingDay, ...]
    months: tuple[str, ...]
    today_line: str
    today_short: str
    next: Next | None
    legend: tuple[tuple[Status, str], ...]
    bodies: tuple[tuple[str, str], ...]
    meeting_words: tuple[str, ...]
    title: str
    description: str

    @property
    def arcs(self) -> list[Arc]:
        """All arcs by their days."""
        found = [arc for ring in self.rings for arc in ring.arcs]
        return sorted(found, key=in_date_order)


def in_date_order(arc: Arc) -> tuple[date, date, str, str]:
    return arc.last, arc.first, arc.plan, arc.state


def wheel_picture(
    uow: UnitOfWork, year: int, language: str, *, board: str | None = None, drafts: bool = True
) -> WheelPicture:
    """The wheel of that calendar year as it stands at `uow.now`; of a `board` that of its own plans alone.

    It shows the plans of whole phases. What a board still owes shows in the bead of the boards (N) and in the count
    beside the arc of the state that waits for them: one arc for each board would be hundreds. Plans that are withdrawn
    or not concerned require nothing, so they are left out; those from before the introduction are there, unfilled.
    `drafts`: also the plans of cycles whose timetable is not decided.
    """
    return _Reader(uow, year, Texts(language), board).picture(drafts)


class _Reader:
    def __init__(self, uow: UnitOfWork, year: int, texts: Texts, board: str | None) -> None:
        self.board = board
        self.uow, self.year, self.t = uow, year, texts
        self.first, self.last = date(year, 1, 1), date(year, 12, 31)
        self.late_boards: list[tuple[str, str]] = []
        self.short_names: dict[int, dict[str, str]] = {}

    def picture(self, drafts: bool) -> WheelPicture:
        t, uow, year = self.t, self.uow, self.year
        query, of = (_OF_A_BOARD, {"board": self.board}) if self.board else (_WHOLES, {})
        around = {"first": year - _AWAY, "last": year + _AWAY, "elected": year - _MANDATE, "year": year + 1}
        found = [plan for plan in uow.readable(query, **around, **of) if drafts or not plan.cycle.draft]
        dated = [(plan, spans) for plan in found if (spans := self._spans(plan))]
        plans = [plan for plan, _ in dated]
        self.boards = self._boards(plans)
        self.meetings = meeting_days(uow.session)
        self.decided = _by_state(registrations(uow, plans))
        self.moved = moved_days(uow, [p.address for p in plans if any(s.version > 1 for s in p.stages.values())])
        today = uow.today(max((p.cycle for p in found), key=lambda c: c.opened_at)) if found else uow.now.date()
        self.today = today
        rings = self._rings(dated)
        here = today if today.year == year else None
        coming = self._next(rings) if here else None
        rings = tuple(replace(ring, beads=_marked(ring.beads, coming)) for ring in rings)
        newest = max((p.cycle for p in found), key=lambda c: (c.opened_at, c.id), default=None)
        municipality = clean(self._named(newest).to(t.language)) if newest else ""
        bodies = dict.fromkeys((bead.letters, bead.body) for ring in rings[::-1] for bead in ring.beads)
        meetings = self._of_both(newest) if newest else ()
        return WheelPicture(
            year=year,
            today=here,
            is_past=year < today.year,
            language=t.language,
            municipality=municipality,
            heading=t(N_("Year wheel {year}"), year=year),
            as_of=t(N_("As of {day}, {week}"), day=today, week=t.week(today)),
            rings=rings,
            meetings=meetings,
            months=tuple(t.month(date(year, month, 1)) for month in range(1, 13)),
            today_line=t(N_("today {day}"), day=t.weekday_day(today)) if here else "",
            today_short=t.short_date(today) if here else "",
            next=self._said(coming) if coming else None,
            legend=tuple((status, self._word(status)) for status in _shown(rings)),
            bodies=tuple(sorted(bodies, key=lambda each: (len(each[0]) < 2, each[0]))),
            meeting_words=(t(N_("meeting of the council")), t(N_("of the executive board"))) if meetings else (),
            title=self._title(municipality),
            description=self._description(rings, coming),
        )

    def _named(self, newest: Cycle) -> Text:
        """The board, or the municipality."""
        wheel = newest.definition.wheel
        return wheel.bodies[self.board].name if self.board in wheel.bodies else wheel.name

    # --- arcs

    def _spans(self, plan: Plan) -> list[tuple[str, date, date]]:
        """The plan's states with the days of this year's drawing, as far as they touch the year."""
        if plan.special_status in _NOT_TAKING_PART:
            return []
        spans, before = [], None
        for state in plan.workflow.states:
            record = plan.stages.get(state.id, NO_RECORD)
            last = record.last or record.statutory or record.target
            first = record.opens
            if last is None and first is None:
                continue
            last = last or first
            assert last is not None
            first = first or (before + timedelta(days=1) if before and before < last else last)
            if before and first <= before < last:
                first = before + timedelta(days=1)
            first = min(first, last)
            before = max(before or last, last) if record.last else before
            if first <= self.last and self.first <= last:
                spans.append((state.id, first, last))
        return spans

    def _rings(self, dated: Sequence[tuple[Plan, list[tuple[str, date, date]]]]) -> tuple[Ring, ...]:
        cycles: dict[int, Cycle] = {plan.cycle.id: plan.cycle for plan, _ in dated}
        order = sorted(cycles.values(), key=lambda cycle: (cycle.kind == "mandate", cycle.year))
        return tuple(self._ring(cycle, [each for each in dated if each[0].cycle.id == cycle.id]) for cycle in order)

    def _ring(self, cycle: Cycle, dated: list[tuple[Plan, list[tuple[str, date, date]]]]) -> Ring:
        arcs: list[Arc] = []
        beads: list[Bead] = []
        for plan, spans in dated:
            for n, (state, first, last) in enumerate(spans):
                arc = self._arc(plan, state, first, last, alone=len(spans) == 1, leads=n == 0)
                arcs.append(arc)
                beads += self._bead(plan, arc)
            beads += self._boards_bead(plan)
        arcs.sort(key=lambda arc: (arc.first, arc.last, arc.plan))
        return Ring(cycle.name, self._ring_title(cycle), tuple(arcs), _merged(beads))

    def _ring_title(self, cycle: Cycle) -> str:
        if cycle.kind == "mandate":
            to = cycle.year + cycle.definition.wheel.cycles["mandate"].every
            return self.t(N_("Mandate period {first}–{last}"), first=cycle.year, last=to)
        if cycle.year > self.year:
            return self.t(N_("Planning {year}"), year=cycle.year)
        if cycle.year == self.year:
            return self.t(N_("Follow-up {year}"), year=cycle.year)
        return self.t(N_("Closing {year}"), year=cycle.year)

    def _arc(self, plan: Plan, state: str, first: date, last: date, *, alone: bool, leads: bool) -> Arc:
        record = plan.stages.get(state, NO_RECORD)
        status = plan.status_in(state, self.uow.today(plan.cycle))
        here = state == plan.state
        language = self.t.language
        phase = clean(plan.cycle.definition.wheel.phases[plan.phase].label.to(language))
        own = clean(plan.workflow.state(state).label.to(language))
        brief = self._brief(own, plan.cycle)
        step = plan.workflow.next_step(state)
        decided = self._decided(plan, state, status)
        children = self.boards.get(plan.id)
        return Arc(
            plan=plan.address,
            state=state,
            status=status,
            word=self._word(status, returned=here and plan.returned),
            title=clean(title_of(plan, language)),
            state_label=own,
            label=phase if alone else f"{phase}: {brief[:1].lower()}{brief[1:]}" if leads else brief,
            short=phase if leads else brief,
            first=first,
            last=last,
            open_ended=not (record.last or record.statutory or record.target),
            provisional=record.is_provisional("last"),
            held=here and plan.held,
            who=self._who(plan, step),
            moved_from=self.moved.get((plan.address, state)) if record.version > 1 else None,
            days_late=(self.today - last).days if status == "overdue" else 0,
            decision=self._reference(plan, decided) if decided else "",
            boards=_count(children) if children and step and step.automatic == "children" else None,
        )

    def _brief(self, label: str, cycle: Cycle) -> str:
        """The label with bodies by their short names: an arc has little room."""
        if cycle.id not in self.short_names:
            bodies = cycle.definition.wheel.bodies.values()
            self.short_names[cycle.id] = {clean(b.inside.to(self.t.language)): b.short for b in bodies if b.short}
        names = self.short_names[cycle.id]
        return " ".join(names.get(word, word) for word in label.split(" "))

    def _decided(self, plan: Plan, state: str, status: Status) -> Registration | None:
        """The decision that ended the state; none where the matter has come back to it."""
        return self.decided.get((plan.id, state)) if status == "done" else None

    def _word(self, status: Status, *, returned: bool = False) -> str:
        said = RETURNED if returned and status == "sent_back" else STATUS[status]
        word = self.t(said)
        return word[:1].upper() + word[1:]

    def _who(self, plan: Plan, step: Step | None) -> tuple[str, ...]:
        if step is None or plan.workflow.state(step.from_[0]).done:
            return ()
        if step.automatic == "children":
            return (self.t(N_("the boards")),)
        bodies = plan.cycle.definition.wheel.bodies
        return tuple(bodies[id].short or clean(bodies[id].inside.to(self.t.language)) for id in plan.bodies(step.by))

    def _reference(self, plan: Plan, decided: Registration) -> str:
        form, body = decided.form, plan.cycle.definition.wheel.bodies.get(decided.form.body)
        point = f" p. {form.point}" if form.point else ""
        name = (body.short or body.name.to(self.t.language)) if body else form.body
        return clean(f"{name} {form.meeting} § {form.paragraph}{point}")

    # --- beads

    def _bead(self, plan: Plan, arc: Arc) -> list[Bead]:
        """The decision that ends the state, if one does."""
        step = plan.workflow.next_step(arc.state)
        if step is None or not step.decision or arc.open_ended or not (ids := plan.bodies(step.by)):
            return []
        day = self._meeting(plan, arc, step, ids)
        if not self.first <= day <= self.last:
            return []
        body = plan.cycle.definition.wheel.bodies[ids[0]]
        name = clean(body.inside.to(self.t.language))
        said = arc.decision or (self._lateness(arc.days_late) if arc.days_late else "")
        return [
            Bead(day, self.t.short_date(day), _letters(body), name, arc.status, (plan.address,), ((arc.title, said),))
        ]

    def _meeting(self, plan: Plan, arc: Arc, step: Step, ids: Sequence[str]) -> date:
        """The meeting at which it was decided; otherwise the last one that is known in the state's days."""
        if decided := self._decided(plan, arc.state, arc.status):
            return decided.form.meeting or arc.last
        if arc.status == "done":
            after = plan.stages.get(step.to, NO_RECORD).day_of_entry(self.uow.calendar(plan.cycle))
            return after or arc.last
        known = (day for id in ids for day in self.meetings.get(id, ()))
        return max((day for day in known if max(arc.first, self.today) <= day <= arc.last), default=arc.last)

    def _boards_bead(self, plan: Plan) -> list[Bead]:
        """The day by which the boards hand in their parts."""
        children = self.boards.get(plan.id, [])
        days = {day for child in children if (day := hand_in_day(child))}
        day = max(days, default=date.min)
        if not self.first <= day <= self.last:
            return []
        done, of = _count(children)
        statuses = [child.status(self.uow.today(plan.cycle)) for child in children if not part_is_done(child)]
        status: Status = min(statuses, key=rank, default="done")
        said = self.t.plural("{done} of {n} board", "{done} of {n} boards", of, done=done)
        if status == "overdue":
            said = f"{said}, {self._lateness((self.today - day).days)}" if self.today > day else said
        title = clean(title_of(plan, self.t.language))
        if status == "overdue":
            self.late_boards.append((title, said))
        name = self.t(N_("the boards"))
        return [Bead(day, self.t.short_date(day), self.t(N_("B")), name, status, (plan.address,), ((title, said),))]

    def _lateness(self, days: int) -> str:
        return self.t.plural("{n} day overdue", "{n} days overdue", days)

    def _boards(self, plans: Iterable[Plan]) -> dict[int, list[Plan]]:
        """The boards' plans that take part, by the id of their phase's plan."""
        wholes = [p.id for p in plans if p.cycle.definition.wheel.phases[p.phase].board is not None]
        found: dict[int, list[Plan]] = {}
        for child in self.uow.plans(_BOARDS, wholes=wholes) if wholes else ():
            if child.parent_id is not None and child.special_status not in _NOT_TAKING_PART:
                found.setdefault(child.parent_id, []).append(child)
        return found

    def _of_both(self, newest: Cycle) -> tuple[MeetingDay, ...]:
        found = []
        for id, body in newest.definition.wheel.bodies.items():
            if body.kind in ("council", "executive"):
                days = (day for day in self.meetings.get(id, ()) if self.first <= day <= self.last)
                found += [MeetingDay(day, body.kind == "council") for day in days]
        return tuple(sorted(found, key=lambda each: (each.day, each.council)))

    # --- words

    def _next(self, rings: Iterable[Ring]) -> tuple[date, str, str] | None:
        """The day, the letters and the title of what comes next."""
        coming = []
        for ring in rings:
            for bead in ring.beads:
                if bead.status not in ("done", "draft", "before_introduction") and bead.day >= self.today:
                    coming.append((bead.day, 0, bead.letters, bead.lines[0][0]))
            for arc in ring.arcs:
                open_ = arc.status not in ("done", "draft", "before_introduction") and not arc.open_ended
                if open_ and self.today <= arc.last <= self.last:
                    coming.append((arc.last, 1, "", arc.title))
        day, _, letters, title = min(coming, default=(None, 0, "", ""))
        return (day, letters, title) if day else None

    def _said(self, coming: tuple[date, str, str]) -> Next:
        day, letters, title = coming
        days = (day - self.today).days
        if days < 2:
            distance = self.t(N_("tomorrow") if days else N_("today"))
        else:
            distance = self.t.plural("in {n} day", "in {n} days", days)
        said = f"{self.t.short_date(day)} {letters}".strip()
        return Next(day, self.t(N_("Next deadline")), said, title, distance)

    def _title(self, municipality: str) -> str:
        if not municipality:
            return self.t(N_("Year wheel {year}"), year=self.year)
        return self.t(N_("Year wheel {year}, {municipality}"), year=self.year, municipality=municipality)

    def _description(self, rings: Sequence[Ring], coming: tuple[date, str, str] | None) -> str:
        """What the drawing shows, for those who cannot see it."""
        t = self.t
        arcs = [arc for ring in rings for arc in ring.arcs]
        titles = "; ".join(ring.title for ring in rings[::-1])
        said = [
            t.plural("{n} ring: {titles}.", "{n} rings: {titles}.", len(rings), titles=titles) if rings else "",
            t.plural("{n} period.", "{n} periods.", len(arcs)),
        ]
        late = [f"{arc.title} ({self._lateness(arc.days_late)})" for arc in arcs if arc.status == "overdue"]
        late += [f"{title} ({remark})" for title, remark in self.late_boards]
        said.append(t(N_("Overdue: {plans}."), plans="; ".join(late)) if late else t(N_("Nothing is overdue.")))
        if coming:
            day, letters, title = coming
            what = f"{letters}, {title}" if letters else title
            said.append(t(N_("Next deadline: {day}, {what}."), day=day, what=what))
        said.append(t(N_("The table with all deadlines has the same facts.")))
        return " ".join(filter(None, said))


def clean(text: str) -> str:
    """A label on one line, without characters that a drawing cannot hold or that turn its order round."""
    composed = " ".join(normalize("NFC", text).split())
    return "".join(sign for sign in composed if category(sign) not in ("Cc", "Cf", "Cs", "Cn", "Co"))


def _letters(body: Body) -> str:
    """`KF`; of a body without a short name its first letter."""
    return clean(body.short or body.name.sv[:1].upper())


def _by_state(found: Iterable[Registration]) -> dict[tuple[int, str], Registration]:
    """The decisions that took a plan out of a state, by plan and state: of several the latest."""
    return {(each.plan.id, each.change.from_state): each for each in found if each.change and each.takes_step}


def _count(children: Sequence[Plan]) -> tuple[int, int]:
    return sum(part_is_done(child) for child in children), len(children)


def _merged(beads: Iterable[Bead]) -> tuple[Bead, ...]:
    """One bead for all that a body decides on one day."""
    found: dict[tuple[date, str], Bead] = {}
    for bead in beads:
        other = found.get((bead.day, bead.letters))
        if other:
            worst = min(bead.status, other.status, key=rank)
            bead = replace(other, status=worst, plans=other.plans + bead.plans, lines=other.lines + bead.lines)
        found[bead.day, bead.letters] = bead
    return tuple(sorted(found.values(), key=lambda bead: (bead.day, bead.letters)))


def rank(status: Status) -> int:
    """The place of the status, the worst first."""
    return _WORST_FIRST.index(status) if status in _WORST_FIRST else len(_WORST_FIRST)


def _marked(beads: tuple[Bead, ...], coming: tuple[date, str, str] | None) -> tuple[Bead, ...]:
    if coming is None or not coming[1]:
        return beads
    return tuple(replace(bead, next=(bead.day, bead.letters) == coming[:2] and bead.status != "done") for bead in beads)


def _shown(rings: Iterable[Ring]) -> list[Status]:
    """The five statuses of a year, and the others that are there."""
    always: list[Status] = ["done", "in_progress", "upcoming", "sent_back", "overdue"]
    there = {arc.status for ring in rings for arc in ring.arcs}
    others: list[Status] = ["postponed", "draft", "before_introduction"]
    return always + [status for status in others if status in there]
