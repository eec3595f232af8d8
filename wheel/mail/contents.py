"""Builds the content of a mail about a notice, from the plan as it is when the mail is made."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from config.municipality.roles import roles
from config.text.texts import Texts
from notifications.content.content import Addressee, NoticeContent
from notifications.content.wording import UNSENT
from notifications.tables import Notice
from wheel.audit.journal import head
from wheel.database.tables import Person
from wheel.drawing.files import png
from wheel.drawing.picture import wheel_picture
from wheel.engine.boards_progress import Children, children_of
from wheel.engine.for_information import FLAGGED, RECEIVED, WITHDRAWN
from wheel.engine.notice_validity import flags_told, why_invalid
from wheel.engine.people_and_roles import RESPONSIBLE
from wheel.engine.plan import NO_RECORD, Plan, PlanFlag, StateRecord
from wheel.engine.titles import title_for_a_subject, title_of
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.mail.calendar_entries import entries, last_told
from wheel.mail.calendar_of_mail import municipal_day, newest_wheel
from wheel.mail.consequences_of_lateness import next_body_waiting, next_meeting
from wheel.mail.tell_of_failed_mail import UNDELIVERED
from wheel.mail.year_report import year_report
from workflows.definition.definition import Step
from workflows.messages import N_

logger = logging.getLogger(__name__)

WEEKLY = "weekly"  # the notice that carries the log's head
_FLAG = {
    "reopened": N_("{title} was reopened on {day}."),
    "changed": N_("{title} was decided otherwise on {day}."),
    "part": N_("{title} is open again since {day}, after the phase had counted it."),
}


class ContentBuilder:
    """Builds the contents of mails from the notices of one transaction. Each plan is read once."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self._plans: dict[int, Plan] = {}
        self._children: dict[int, Children | None] = {}
        self._wheels: dict[str, tuple[bytes, str]] = {}

    def plans(self, ids: set[int]) -> Mapping[int, Plan]:
        """Those and others, by their ids; without those that cannot be read."""
        self._read(ids - self._plans.keys())
        return self._plans

    def build(
        self, notices: Sequence[Notice], people: Mapping[str, Addressee]
    ) -> dict[int, NoticeContent | str | Exception]:
        """The content of each notice of these people, by notice id; or why it no longer holds (a code of endings.py).

        An error ends as the content of all the person's notices, and does not touch other people's. Errors of the
        database's connection are raised.
        """
        self._read({notice.plan_id for notice in notices if notice.plan_id} - self._plans.keys())
        found: dict[int, NoticeContent | str | Exception] = {}
        for person, group in groupby(notices, key=attrgetter("person_id")):
            reader, theirs = people.get(person), list(group)
            if reader is None:
                continue
            try:
                with self.uow.attempt():
                    told = last_told(self.uow, theirs, person)
                    found |= {notice.id or 0: self._say(notice, reader, told) for notice in theirs}
            except (OperationalError, InterfaceError):
                raise  # an error of the database, not of the notice
            except Exception as error:
                found |= {notice.id or 0: error for notice in theirs}
        return found

    def _say(self, notice: Notice, reader: Addressee, told: Mapping[int, Row[Any]]) -> NoticeContent | str:
        if notice.plan_id is None:
            return self._weekly(notice, reader)
        plan = self._plans.get(notice.plan_id)
        if plan is None:
            return "unreadable"
        if notice.rule == RECEIVED:
            return why_invalid(notice, plan) or self._for_information(notice, plan, reader)
        tell = {WITHDRAWN: self._withdrawn, FLAGGED: self._flagged}.get(notice.rule, self._tell)
        return why_invalid(notice, plan) or replace(
            tell(notice, plan, reader), calendar=entries(self.uow, plan, told.get(plan.id))
        )

    def _weekly(self, notice: Notice, reader: Addressee) -> NoticeContent:
        """Where the year stands, and the log's head, for the administrators' mailboxes to keep."""
        texts = Texts(reader.language)
        why = N_(
            "You get this mail as an administrator. Keep it: the checksum shows whether the log was rewritten or cut "
            "short."
        )
        picture, alt = self._wheel(reader.language)
        return NoticeContent(
            address="log",
            picture=picture,
            alt=alt,
            municipality=self._municipality(texts),
            title=texts("The year in week {number}", number=notice.due.isocalendar().week),
            report=year_report(self.uow, texts),
            task=head(self.uow.session),
            task_label=texts("The log's checksum"),
            rule=notice.rule,
            why_you=texts(why),
        )

    def _wheel(self, language: str) -> tuple[bytes, str]:
        """The year's wheel as PNG, and in words; the same for all of a language. The mail leaves without it if it
        cannot be drawn: the log's head matters more."""
        if language not in self._wheels:
            self._wheels[language] = b"", ""
            try:
                picture = wheel_picture(self.uow, municipal_day(self.uow).year, language)
                if picture.rings:
                    self._wheels[language] = png(picture, "mini"), picture.description
            except DBAPIError:
                raise
            except Exception:
                logger.exception("the wheel of the weekly mail cannot be drawn")
        return self._wheels[language]

    def _municipality(self, texts: Texts) -> str:
        wheel = newest_wheel(self.uow)
        return wheel.name.to(texts.language) if wheel else ""

    def _read(self, ids: set[int]) -> None:
        if ids:
            for row in self.uow.session.execute(select(PLAN).where(PLAN.c.id.in_(ids))).all():
                with suppress(ValueError):  # its definition is broken: the reader's other plans are not
                    self._plans[row.id] = Plan.of(row, self.uow.cycle(row.cycle_id))

    def _tell(self, notice: Notice, plan: Plan, reader: Addressee) -> NoticeContent:
        texts = Texts(reader.language)
        step = plan.workflow.next_step(plan.state)
        last = plan.stage.last
        today = self.uow.today(plan.cycle)
        meeting = self.uow.last_meeting(plan)
        counted = meeting if meeting and meeting >= today else last
        days = (counted - today).days if counted else None
        late = days is not None and days < 0
        old = notice.facts.get("old")
        url = f"{self.uow.mail.base_url}/plan/{plan.address}" if self.uow.mail.base_url else None
        return NoticeContent(
            address=plan.address,
            municipality=plan.cycle.definition.wheel.name.to(texts.language),
            body=self._owing(plan, reader),
            title=title_of(plan, texts.language),
            shorter=title_for_a_subject(plan, texts.language),
            task=self._task(plan, step, reader, texts) if step else "",
            rule=UNSENT if notice.rule == UNDELIVERED and not notice.facts.get("person") else notice.rule,
            why_you=self._why(plan, reader, texts),
            deadline=last,
            clock=plan.stage.clock_of("last") or "",
            provisional=plan.stage.is_provisional("last"),
            opens=plan.stage.opens if plan.visit == 1 and plan.stage.opens and plan.stage.opens > today else None,
            opens_clock=plan.stage.clock_of("opens") or "",
            statutory=plan.stage.statutory,
            meeting=meeting,
            counted=counted,
            statutory_clock=plan.stage.clock_of("statutory") or "",
            old_deadline=date.fromisoformat(old) if old else None,
            days=days,
            then=self._then(plan, step, today, texts) if step else "",
            standing=self._standing(plan, texts),
            reason=self._reason(notice, texts),
            waiting=next_body_waiting(self.uow, plan, self._whole(plan), texts) if late else "",
            next_meeting=next_meeting(self.uow, plan) if late else None,
            url=url,
            must=texts("must be decided") if step and step.decision else "",
            task_label=texts("To do"),
            returned_by=self._returned_by(notice, plan, texts),
            how=self._mend(notice, reader, plan, texts)
            or (self._how(plan, step, reader, texts) if step and not url else ""),
        )

    def _task(self, plan: Plan, step: Step, reader: Addressee, texts: Texts) -> str:
        """The reader's task. A step that comes by itself is no task; whoever prepares the matter has another one
        than the body that decides it."""
        if step.automatic == "children":
            return texts("Remind the boards that are missing") if self._missing(plan) else ""
        found = plan.binding.steps.get(step.verb)
        if step.automatic == "phase" and found and found.follows:
            phase = plan.cycle.definition.wheel.phases[found.follows.phase].label
            return texts("See to it that “{phase}” gets done. Then this step is taken by itself.", phase=phase)
        if step.automatic:
            return ""
        if self._only_prepares(plan, reader):
            bodies = plan.cycle.definition.wheel.bodies
            return texts("Prepare the matter for {body}", body=[bodies[id].inside for id in plan.owing])
        return step.label.to(texts.language)

    def _only_prepares(self, plan: Plan, reader: Addressee) -> bool:
        owing, day = plan.owing, self.uow.today(plan.cycle)
        others = [body for body in plan.bodies_to_remind if body not in owing]
        here, owes = (
            any(reader.id in self.uow.directory.holding(RESPONSIBLE, body, day) for body in bodies)
            for bodies in (others, owing)
        )
        return bool(owing) and here and not owes

    def _owing(self, plan: Plan, reader: Addressee) -> str | None:
        """Of the bodies that owe the step, the one that the reader is in; otherwise the first."""
        day = self.uow.today(plan.cycle)
        mine = (body for body in plan.owing if reader.id in self.uow.directory.holding(RESPONSIBLE, body, day))
        return next(mine, plan.owed_by())

    def _mend(self, notice: Notice, reader: Addressee, plan: Plan, texts: Texts) -> str:
        """The advice to an administrator about somebody else's mail that did not arrive, or was not sent."""
        day, person = self.uow.today(plan.cycle), notice.facts.get("person")
        if notice.rule != UNDELIVERED or self.uow.directory.objection(reader.id, "people", [], day) is not None:
            return ""
        if not person:
            return f"`arshjul remind {plan.address}`"
        command = f"arshjul people change {person}"
        return texts("Tell them in another way, and correct the mail address: `{command}`", command=command)

    def _how(self, plan: Plan, step: Step, reader: Addressee, texts: Texts) -> str:
        """How the reader says that the step is taken, or reminds those for whom it waits."""
        day = self.uow.today(plan.cycle)
        if step.automatic == "children" and self._missing(plan):
            may_not = self.uow.directory.objection(reader.id, "remind", plan.bodies_to_remind, day)
            return "" if may_not else f"`arshjul remind {plan.address}`"
        if step.automatic or not step.by or self._only_prepares(plan, reader):
            return ""
        verb = "decide" if step.decision else "advance"
        if self.uow.directory.objection(reader.id, verb, plan.bodies(step.by), day) is None:
            command = f"arshjul advance {plan.address} {step.verb}"
            return texts("Reply to this mail when it is done, or record it yourself: `{command}`", command=command)
        return texts("Reply to this mail when it is done. Then it is recorded.")

    def _returned_by(self, notice: Notice, plan: Plan, texts: Texts) -> str:
        body = plan.cycle.definition.wheel.bodies.get(str(notice.facts.get("by_body")))
        if body is None:
            return ""
        name, cited = body.name.to(texts.language), notice.facts.get("cited")
        if notice.rule == "returned":  # no decision: its day
            cited = texts.date(self.uow.calendar(plan.cycle).local_date(notice.due))
        return f"{name} ({cited})" if cited else name

    def _withdrawn(self, notice: Notice, plan: Plan, reader: Addressee) -> NoticeContent:
        texts = Texts(reader.language)
        return NoticeContent(
            address=plan.address,
            municipality=plan.cycle.definition.wheel.name.to(texts.language),
            title=title_of(plan, texts.language),
            shorter=title_for_a_subject(plan, texts.language),
            task="",
            rule=notice.rule,
            why_you=texts("You get this mail because an earlier mail told you of the matter."),
            reason=self._reason(notice, texts),
            url=f"{self.uow.mail.base_url}/plan/{plan.address}" if self.uow.mail.base_url else None,
        )

    def _flagged(self, notice: Notice, plan: Plan, reader: Addressee) -> NoticeContent:
        """The mail about a change beneath the plan."""
        texts = Texts(reader.language)
        return NoticeContent(
            address=plan.address,
            municipality=plan.cycle.definition.wheel.name.to(texts.language),
            title=title_of(plan, texts.language),
            shorter=title_for_a_subject(plan, texts.language),
            task=texts("Decide whether the plan is still right. If it is, have the flag taken off; if not, reopen it."),
            task_label=texts("To do"),
            rule=notice.rule,
            why_you=self._why(plan, reader, texts, plan.bodies_of_the_matter),
            reason="\n".join(self._flag(plan, flag, texts) for flag in flags_told(notice, plan)),
            standing=self._standing(plan, texts),
            url=f"{self.uow.mail.base_url}/plan/{plan.address}" if self.uow.mail.base_url else None,
        )

    def _flag(self, plan: Plan, flag: PlanFlag, texts: Texts) -> str:
        day = self.uow.calendar(plan.cycle).local_date(datetime.fromisoformat(flag.at))
        found = self.uow.plans(select(PLAN).where(PLAN.c.address == flag.because))  # not locked
        title = title_of(found[0], texts.language) if found else flag.because
        return f"{texts(_FLAG[flag.kind], title=title, day=day)} {flag.reason}".rstrip()

    def _for_information(self, notice: Notice, plan: Plan, reader: Addressee) -> NoticeContent:
        """The state and the next step, for a reader who has nothing to do."""
        texts = Texts(reader.language)
        step, last = plan.workflow.next_step(plan.state), plan.stage.last
        then = step.label.to(texts.language) if step else ""
        return NoticeContent(
            address=plan.address,
            municipality=plan.cycle.definition.wheel.name.to(texts.language),
            body=notice.facts.get("body"),
            title=title_of(plan, texts.language),
            shorter=title_for_a_subject(plan, texts.language),
            task="",
            rule=notice.rule,
            why_you=self._why(plan, reader, texts, plan.receivers),
            then=texts("{what}, by {day}", what=then, day=_day(plan.stage, texts)) if then and last else then,
            standing=plan.workflow.state(plan.state).label.to(texts.language),
            url=f"{self.uow.mail.base_url}/plan/{plan.address}" if self.uow.mail.base_url else None,
        )

    def _reason(self, notice: Notice, texts: Texts) -> str:
        """The reason as somebody wrote it, or that this mail replaces one that did not arrive."""
        if notice.rule != UNDELIVERED:
            return str(notice.facts.get("reason") or "")
        if not notice.facts.get("person"):
            return texts("The reminders waited for weeks and are no longer sent. Send a new one if it is needed.")
        person = self.uow.session.get(Person, str(notice.facts["person"]))
        name = person.name if person else "?"
        return texts("The mail to {name} did not arrive, so you get it instead.", name=name)

    def _why(self, plan: Plan, reader: Addressee, texts: Texts, bodies: Sequence[str] = ()) -> str:
        """The roles in which this person is told: of a body that receives, owes or prepares it, or for the whole."""
        named = plan.cycle.definition.wheel.bodies
        day = self.uow.today(plan.cycle)
        for body in (*(bodies or plan.bodies_to_remind), ""):
            for role, rule in roles().items():
                if reader.id in self.uow.directory.holding((role,), body, day):
                    label = rule.label.to(texts.language)
                    if not body:
                        return texts("You get this mail as {role}.", role=label)
                    if role == "function":  # a mailbox is not addressed as "you"
                        return texts("This mail goes to the function address of {body}.", body=named[body].inside)
                    return texts("You get this mail as {role} of {body}.", role=label, body=named[body].inside)
        return texts("You get this mail because you were responsible when it was planned.")

    def _then(self, plan: Plan, step: Step, today: date, texts: Texts) -> str:
        """The next step, and by when, unless that day lies before the present deadline. After a board's last step it is
        the step that waits for all boards."""
        if step.automatic:
            label, opens = step.label.to(texts.language), plan.stages.get(step.to, NO_RECORD).opens
            by_itself = step.automatic == "date" and opens is not None and opens >= today
            return texts("{what}, by itself on {day}", what=label, day=opens) if by_itself else label
        after, stage = plan.workflow.next_step(step.to), plan.stages.get(step.to, NO_RECORD)
        if after is None:
            whole = self._whole(plan)
            after, stage = whole.workflow.next_step(whole.state), whole.stage
            if after is None or whole is plan or after.automatic != "children":
                return ""
        label = after.label.to(texts.language)
        if stage.last is not None and stage.last >= max(today, plan.stage.last or today):
            return texts("{what}, by {day}", what=label, day=_day(stage, texts))
        return label

    def _whole(self, plan: Plan) -> Plan:
        """The plan that a board's plan is a part of, or itself."""
        whole = plan.parent_id or plan.id
        self._read({whole} - self._plans.keys())
        return self._plans[whole]

    def _standing(self, plan: Plan, texts: Texts) -> str:
        """How many of the boards have come as far as they are to, and which have not; where there are none, how far the
        plan has come."""
        children = self._children_of(self._whole(plan))
        if children is None:
            return plan.workflow.state(plan.state).label.to(texts.language)
        bodies = plan.cycle.definition.wheel.bodies
        if children.reopened:
            names = [bodies[each.board].name.to(texts.language) for each in children.reopened if each.board]
            return texts("Open again, after the phase had counted them: {bodies}", bodies=", ".join(names))
        if not children.of:
            return texts("No board takes part")
        standing = texts("{done} of {of} boards are done", done=children.done, of=len(children.of))
        missing = [bodies[each.board].name.to(texts.language) for each in children.missing if each.board]
        if not children.done or not missing:  # where nobody is done, everybody is missing
            return standing
        return texts("{standing}. Missing: {bodies}", standing=standing, bodies=", ".join(missing))

    def _missing(self, plan: Plan) -> bool:
        children = self._children_of(plan)
        return bool(children and children.missing)

    def _children_of(self, whole: Plan) -> Children | None:
        if whole.id not in self._children:
            self._children[whole.id] = children_of(self.uow, whole)
        return self._children[whole.id]


def _day(stage: StateRecord, texts: Texts) -> str:
    """The last day with its time of day, if it has one."""
    return texts.at(texts.date(stage.last), stage.clock_of("last")) if stage.last else ""
