"""Checks the health of a home, for `status` and the health file."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from importlib.metadata import version
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from config.text.texts import Texts
from notifications.delivery.circuit_breaker import why_closed
from notifications.history.mail_log import Figures, pending_figures
from notifications.mail_settings import MailSettings
from wheel.cycles.open_cycle import due_openings, never_begun
from wheel.cycles.stopped_cycles import stopped_cycles
from wheel.daemon_intervals import OLDEST_PENDING, TICK_LATE
from wheel.database.store import HEAD
from wheel.database.tables import PLAN_TRIES
from wheel.documents.status import DaemonDocument, OutboxFigures, ProblemDocument, StatusDocument
from wheel.engine.unit_of_work import PLAN, UnitOfWork
from wheel.home.lock_file import is_locked
from wheel.home.own_files import OwnFiles
from wheel.mail.calendar_of_mail import municipal_day
from wheel.mail.judge_unsent import withheld_while_off
from wheel.mail.reachability import unreached
from wheel.past.proof import last_check
from wheel.reads.file_problems import Problem, file_problems
from workflows.dates.instants import utc
from workflows.messages import N_

HELD = {
    "by_hand": N_("All mail is on hold by hand: {reason}."),
    "long_stop": N_("Mail is on hold after a long stop."),
    "restored": N_("Mail is on hold because a backup was restored. Waiting mail may already have been sent."),
}

UNREACHED = N_("Administrators without a mail address get no mail: {people}.")
FROM_THEN_ON = N_(
    "From {day} on nobody is an administrator. Appoint one before that day, because nobody can do it afterwards."
)
LAST_ADMINISTRATOR = timedelta(days=90)  # reported so long before, since nobody can mend it afterwards
NAMED = 5  # plans in a problem's sentence
STEP_SEEN = timedelta(days=1)  # how long a changed clock is reported

_PUT_ASIDE = select(PLAN.c.address).where(PLAN.c.tries >= PLAN_TRIES).order_by(PLAN.c.id)


def status(
    session: Session, mail: MailSettings, now: datetime, texts: Texts, files: OwnFiles | None = None
) -> StatusDocument:
    """Whether all is well at `now` (UTC). `files`: of the home, if it has any."""
    uow = UnitOfWork(session, now, "", mail, lock=False)
    home = uow.home
    outbox = pending_figures(session, now)
    ticks = home.last_tick is not None and timedelta(0) <= now - home.last_tick <= TICK_LATE
    runs = _holds_lock(files)
    alive = ticks and runs is not False
    problems = _problems(uow, outbox, ticks=ticks, runs=runs)
    problems += file_problems(files, home, now) if files else []
    return StatusDocument(
        well=not problems,
        practice=home.practice,
        daemon=DaemonDocument(alive=alive, last_tick=home.last_tick),
        outbox=OutboxFigures(pending=outbox.pending, oldest_minutes=outbox.oldest_minutes, failed=outbox.failed),
        problems=tuple(ProblemDocument(code=p.code, message=texts(p.message, **p.facts)) for p in problems),
        remarks=_remarks(uow, texts),
        version=version("arshjul"),
        schema_=HEAD,
    )


def administrators_without_address(uow: UnitOfWork) -> list[str]:
    return uow.directory.without_address(municipal_day(uow))


def day_without_administrator(uow: UnitOfWork) -> date | None:
    """The first day without an administrator, if it is so near that somebody must act."""
    today = municipal_day(uow)
    day = uow.directory.first_day_without_administrator(today)
    return day if day and day - today <= LAST_ADMINISTRATOR else None


def unreachable(why: str) -> StatusDocument:
    """The status when the database does not answer. `why`: a sentence in the reader's language."""
    return StatusDocument(
        well=False,
        practice=None,
        daemon=DaemonDocument(alive=None, last_tick=None),
        outbox=OutboxFigures(pending=None, oldest_minutes=None, failed=None),
        problems=(ProblemDocument(code="database", message=why),),
        version=version("arshjul"),
        schema_=HEAD,
    )


def mail_problems(uow: UnitOfWork) -> Iterator[Problem]:
    """Why mail does not reach its readers, whichever mail it is."""
    home, mail = uow.home, uow.mail
    if home.mail_hold:
        yield Problem("mail_held", HELD[home.mail_hold], {"reason": home.mail_hold_reason})
    if not mail.on:
        yield Problem("mail_off", N_("Mail is off in the settings. Nobody gets reminders."), {})
    if mail.redirect_to:
        text = N_("All mail is redirected to {address}. Nobody else gets reminders.")
        yield Problem("mail_redirected", text, {"address": mail.redirect_to})


def _holds_lock(files: OwnFiles | None) -> bool | None:
    """Whether a daemon runs in the home. None where that cannot be seen, or where all daemons may be elsewhere: in a
    home on PostgreSQL that has never had one."""
    if files is None or (files.database is None and not files.home.lock.exists()):
        return None
    return is_locked(files.home.lock)


def _remarks(uow: UnitOfWork, texts: Texts) -> tuple[ProblemDocument, ...]:
    """Remarks, worth a look and yet well: what would be a problem in a real home, where mail reaches somebody, and the
    first cycle of a kind, which opens by itself only after another one."""
    found = []
    if uow.home.practice and (people := administrators_without_address(uow)):
        found.append(ProblemDocument(code="administrator_unreached", message=texts(UNREACHED, people=people)))
    text = N_("The cycle {cycle} could have begun on {day}. Nobody has opened it.")
    for name, day in never_begun(uow):
        found.append(ProblemDocument(code="cycle_never_opened", message=texts(text, cycle=name, day=day)))
    return tuple(found)


def _problems(uow: UnitOfWork, outbox: Figures, *, ticks: bool, runs: bool | None) -> list[Problem]:
    home, mail, now = uow.home, uow.mail, uow.now
    found = []

    def report(code: str, message: str, **facts: Any) -> None:
        found.append(Problem(code, message, facts))

    if not ticks:
        report("daemon_silent", N_("The service has not run for three minutes."))
    elif runs is False and not home.practice:  # a year is practised without a service, too
        report("daemon_silent", N_("The service is not running here."))
    closed = why_closed(uow.session, now)
    if closed is not None:
        text = N_(
            "No mail can be sent: {why}. Correct the fault (the settings under [smtp] or the server). Then mail is "
            "sent by itself."
        )
        report("mail_stopped", text, why=closed)
    if outbox.delayed:
        text = N_("Mail not sent after 15 minutes: {count}.")
        report("mail_failing", text, count=outbox.delayed)
    if outbox.oldest_minutes > OLDEST_PENDING / timedelta(minutes=1):
        text = N_("A mail has waited for {minutes} minutes.")
        report("mail_waiting", text, minutes=outbox.oldest_minutes)
    if outbox.failed:
        text = N_("Mail that could not be delivered: {count}.")
        report("mail_failed", text, count=outbox.failed)
    if outbox.unwritten:
        text = N_("Notices that could not be mailed: {count}. Check the addresses.")
        report("notice_failed", text, count=outbox.unwritten)
    if home.clock_stepped_at and abs(now - home.clock_stepped_at) < STEP_SEEN:
        text = N_("The clock was changed by {seconds} seconds at {at}. Check that it is right.")
        report("clock_stepped", text, seconds=home.clock_step, at=utc(home.clock_stepped_at))
    if fault := last_check(home.log_fault).fault:
        report("log_wrong", fault["message"], **fault["facts"])
    if stopped := stopped_cycles(uow):
        text = N_(
            "Cycles that stand still because their timetable is not decided any more: {cycles}. No phase opens there, "
            "and nobody is reminded. Have the timetable decided again; a withdrawn one is reopened first."
        )
        report("cycle_stopped", text, cycles=stopped)
    if lost := unreached(uow):
        text = N_("Plans whose reminders within two weeks would not reach those responsible: {count} ({plans}).")
        report("nobody_reached", text, count=len(lost), plans=[*lost[:NAMED], *(["…"] if lost[NAMED:] else [])])
    if (unreached_ones := administrators_without_address(uow)) and not home.practice:
        report("administrator_unreached", UNREACHED, people=unreached_ones)
    if without := day_without_administrator(uow):
        report("no_administrator", FROM_THEN_ON, day=without)
    found += mail_problems(uow)
    if mail.on and (withheld := withheld_while_off(uow)):
        text = N_(
            "Mail that was withheld while mail was off, and that still holds: {count} ({mails}). Nobody has been told."
        )
        named = [*map(str, withheld[:NAMED]), *(["…"] if withheld[NAMED:] else [])]
        report("mail_withheld", text, count=len(withheld), mails=named)
    late = [each for each in due_openings(uow) if now - each.at > TICK_LATE]
    if ticks and late:
        text = N_(
            "The cycle {cycle} should have been opened at {at}, and is not. It opens by itself when the municipality's "
            "files have no faults."
        )
        for each in late:
            report("cycle_not_opened", text, cycle=each.name, at=utc(each.at))
    if aside := uow.connection.execute(_PUT_ASIDE).scalars().all():
        text = N_("Plans that the service could not run have been put aside: {plans}.")
        report("put_aside", text, plans=list(aside))
    return found
