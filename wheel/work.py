"""One act on the database: a transaction with its log, who acts and when. What every verb stands on."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, insert, or_, select, update
from sqlmodel import Session, col

from notifications.mail_settings import MailSettings
from notifications.models import Notice
from notifications.notices import notice_key, plan_notices
from wheel.agenda import agenda
from wheel.directory import Directory
from wheel.errors import Conflict, NotFound
from wheel.log import Journal
from wheel.matter import Matter, Turn
from wheel.models import Cycle, DefinitionRow, Plan
from workflows.definition import Definition
from workflows.rules import Behind
from workflows.workdays import Calendar

PLAN = Plan.__table__  # type: ignore[attr-defined]

# The statements of every act, built once: to build one costs more than to run it.
_CYCLE = select(Cycle.__table__).where(col(Cycle.id) == bindparam("of"))  # type: ignore[attr-defined]
_PLAN = select(PLAN).where(PLAN.c.address == bindparam("at"))
_PLAN_LOCKED = _PLAN.with_for_update()
_PHASE = select(PLAN).where(PLAN.c.cycle_id == bindparam("of"), PLAN.c.phase == bindparam("named")).order_by(PLAN.c.id)
_WHOLE = _PHASE.where(PLAN.c.board.is_(None))
_BOARDS = _PHASE.where(PLAN.c.board.is_not(None))
_SAVE = update(PLAN).where(PLAN.c.id == bindparam("of"), PLAN.c.version == bindparam("seen"))
# A plan that is due already keeps its place in the order. Every row is updated all the same: that waits for a tick
# which holds the plan and has not seen what it is woken for.
_WAKE_AT = bindparam("woken", type_=PLAN.c.wake_at.type)
_WAKE = update(PLAN).values(wake_at=case((PLAN.c.wake_at < _WAKE_AT, PLAN.c.wake_at), else_=_WAKE_AT))
_WAKE_ONE = _WAKE.where(PLAN.c.id == bindparam("of"))

_definitions: dict[str, Definition] = {}  # parsed, by their SHA-256: the same in every database


class Work:
    """A transaction at work: reads plans as matters, saves them, plans notices, appends to the log.

    `now` is the instant (UTC) that everything in it is judged by. `lock` is False where nothing will be written.
    """

    def __init__(self, session: Session, now: datetime, actor: str, mail: MailSettings, *, lock: bool = True) -> None:
        self.session = session
        self.now = now
        self.actor = actor
        self.mail = mail
        self.lock = lock
        self.journal = Journal(session, now, actor)
        self.notices = 0
        self.log_seqs: list[int] = []
        self._turns: dict[int, Turn] = {}

    @cached_property
    def directory(self) -> Directory:
        return Directory(self.session)

    # --- reading

    def definition(self, sha256: str) -> Definition:
        if sha256 not in _definitions:
            stored = select(col(DefinitionRow.body)).where(col(DefinitionRow.sha256) == sha256)
            body = self.session.execute(stored).scalar_one()
            _definitions[sha256] = Definition.model_validate_json(body)
        return _definitions[sha256]

    def turn(self, cycle_id: int) -> Turn:
        if cycle_id not in self._turns:
            cycle = self.session.execute(_CYCLE, {"of": cycle_id}).one()
            definition = self.definition(cycle.definition)
            turn = Turn(cycle_id, cycle.name, cycle.kind, cycle.year, definition, False, cycle.opened_at)
            self._turns[cycle_id] = replace(turn, draft=self._is_draft(turn))
        return self._turns[cycle_id]

    def _is_draft(self, turn: Turn) -> bool:
        """A cycle is a draft until the first decision of its timetable's plan has been made (R1)."""
        phase = turn.definition.wheel.cycles[turn.kind].timetable
        if phase is None:
            return False
        row = self.session.execute(_WHOLE, {"of": turn.id, "named": phase}).one_or_none()
        if row is None:
            return False
        timetable = Matter.of(row, turn)
        decision = next((step for step in timetable.workflow.steps if step.decision), None)
        return decision is not None and not timetable.reached(decision.to)

    def forget_turn(self, cycle_id: int) -> None:
        """The timetable moved: the cycle may have ceased to be a draft."""
        self._turns.pop(cycle_id, None)

    def matters(self, query: Select[Any], **values: Any) -> list[Matter]:
        return [Matter.of(row, self.turn(row.cycle_id)) for row in self.session.execute(query, values).all()]

    def matter(self, address: str) -> Matter:
        """The plan at that address, locked for this transaction. Raises NotFound."""
        row = self.session.execute(_PLAN_LOCKED if self.lock else _PLAN, {"at": address}).one_or_none()
        if row is None:
            raise NotFound.plan(address)
        return Matter.of(row, self.turn(row.cycle_id))

    def plans_of(self, turn: Turn, phase: str, *, boards: bool) -> list[Matter]:
        """The whole plan of a phase, or its boards' plans."""
        return self.matters(_BOARDS if boards else _WHOLE, of=turn.id, named=phase)

    def children(self, matter: Matter) -> list[Matter]:
        return self.matters(select(PLAN).where(PLAN.c.parent_id == matter.id).order_by(PLAN.c.id))

    def behind(self, plans: list[Matter], reached: str, later: Collection[int] = ()) -> Behind:
        """Those of the plans that have not come so far, and the bodies whose step takes them there.

        A board's plan that was withdrawn is not waited for; a whole phase that was has decided nothing. `later`:
        the plans that came so far too late to count.
        """
        late = [
            m for m in plans if m.id in later or (not m.reached(reached) and not (m.board and m.mark == "withdrawn"))
        ]
        taking = [m.body(step.by) for m in late for step in m.workflow.steps if step.to == reached and step.by]
        return Behind(tuple(m.address for m in late), tuple(dict.fromkeys(taking)))

    def calendar(self, turn: Turn) -> Calendar:
        return Calendar(turn.definition.wheel.country, turn.definition.wheel.zone)

    def today(self, turn: Turn) -> date:
        return self.calendar(turn).local_date(self.now)

    # --- writing

    def save(self, matter: Matter, **changes: Any) -> Matter:
        """Write what was decided about the plan, and its next alarm. Raises Conflict if somebody was faster."""
        after = matter.changed(version=matter.version + 1, **changes)
        after = after.changed(wake_at=self.next_alarm(after))
        values: dict[str, Any] = {name: getattr(after, name) for name in changes}
        if "stages" in values:
            values["stages"] = {name: stage.to_json() for name, stage in after.stages.items()}
        self._update(matter, version=after.version, wake_at=after.wake_at, **values)
        if after.is_timetable and (after.state, after.mark) != (matter.state, matter.mark):
            self.forget_turn(after.turn.id)
            self.wake(PLAN.c.cycle_id == after.turn.id)
        return after

    def rearm(self, matter: Matter, handled_until: datetime) -> datetime | None:
        """Its agenda is done up to there; no new version, for nothing that people see has changed."""
        after = matter.changed(handled_until=handled_until)
        alarms = agenda(after, self.calendar(after.turn), self.mail.send_hour)
        wake_at = alarms[0].at if alarms else None
        self._update(matter, handled_until=handled_until, wake_at=wake_at, tries=0, retry_at=None, trouble="")
        return wake_at

    def _update(self, matter: Matter, **values: Any) -> None:
        changed = self.session.execute(_SAVE, {"of": matter.id, "seen": matter.version, **values})
        if changed.rowcount != 1:  # type: ignore[attr-defined]
            raise Conflict.on(matter.address)

    def next_alarm(self, matter: Matter) -> datetime | None:
        """When to look at the plan next: now at the latest where a step waits for other plans.

        Not after what has been due before: after an outage each plan keeps its place in the order of what is due.
        """
        steps = matter.workflow.steps_from(matter.state) if matter.in_play and not matter.held else []
        at = [self.now] if any(step.automatic in ("children", "phase") for step in steps) else []
        at += [alarm.at for alarm in agenda(matter, self.calendar(matter.turn), self.mail.send_hour)[:1]]
        return min(at, default=None)

    def wake(self, *where: Any) -> None:
        """Whatever may change an agenda sets this: the plan is looked at in the next tick, in its own transaction."""
        self.session.execute(_WAKE.where(*where), {"woken": self.now})

    def wake_watchers(self, matter: Matter) -> None:
        if matter.parent_id is not None:
            self.session.execute(_WAKE_ONE, {"of": matter.parent_id, "woken": self.now})
        for where in _following(matter):
            self.wake(where)

    def watchers(self, matter: Matter) -> list[Matter]:
        """Those whose next step may wait for this plan: its parent, and the phases that follow its phase."""
        where = [PLAN.c.id == matter.parent_id, *_following(matter)]
        return self.matters(select(PLAN).where(or_(*where)).order_by(PLAN.c.id))

    def log(self, action: str, matter: Matter | str, **data: Any) -> None:
        subject = matter if isinstance(matter, str) else matter.address
        self.journal.add(action, subject, data)

    def notify(
        self,
        matter: Matter,
        rule: str,
        people: Iterable[str],
        *,
        due: datetime,
        offset: int | None = None,
        at_once: bool = True,
        facts: dict[str, Any] | None = None,
    ) -> int:
        """Plan one notice per person; those that exist already are not planned again. Returns how many are new."""
        version = matter.stage.version
        rows = [
            Notice(
                key=notice_key(matter.address, matter.state, matter.entry, version, rule, offset, person),
                plan_id=matter.id,
                state=matter.state,
                entry=matter.entry,
                deadline_version=version,
                rule=rule,
                offset=offset,
                person_id=person,
                at_once=at_once,
                facts=facts or {},
                due=due,
                send_after=due + self.mail.at_once_wait if at_once else due,
            )
            for person in people
        ]
        new = plan_notices(self.session, rows) if rows else 0
        if new:
            self.log("notice.planned", matter, rule=rule, offset=offset, people=[row.person_id for row in rows])
        self.notices += new
        return new

    def next_send(self, matter: Matter, after: datetime) -> datetime:
        """The first sending hour of a working day at or after that instant."""
        calendar = self.calendar(matter.turn)
        day = calendar.on_or_after(calendar.local_date(after))
        at = calendar.instant(day, self.mail.send_hour)
        return (
            at if at >= after else calendar.instant(calendar.on_or_after(day + timedelta(days=1)), self.mail.send_hour)
        )


def _following(matter: Matter) -> list[ColumnElement[bool]]:
    """Where the plans are that follow this one's phase."""
    found = []
    for phase, of_boards in matter.turn.definition.watchers(matter.phase):
        if of_boards and matter.board is not None:
            whose = PLAN.c.board == matter.board
        else:
            whose = PLAN.c.board.is_not(None) if of_boards else PLAN.c.board.is_(None)
        found.append(and_(PLAN.c.cycle_id == matter.turn.id, PLAN.c.phase == phase, whose))
    return found


def store_definition(session: Session, definition: Definition) -> str:
    """Keep the definition, once per content. Returns its SHA-256."""
    known = select(col(DefinitionRow.sha256)).where(col(DefinitionRow.sha256) == definition.sha256)
    if session.execute(known).one_or_none() is None:
        session.execute(
            insert(DefinitionRow).values(
                sha256=definition.sha256, version=definition.wheel.version, body=definition.canonical
            )
        )
    return definition.sha256
