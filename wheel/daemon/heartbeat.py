"""The daemon: APScheduler starts the jobs, on two threads, and signals end them. The database knows what is due."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from config.municipality.roles import DAEMON
from config.settings.setting_faults import SettingsFault
from wheel.app import App
from wheel.clocks import ClockWatch
from wheel.daemon.health_file import HealthFile
from wheel.daemon.lock import only_daemon
from wheel.daemon.technical_log import technical_log
from wheel.daemon_intervals import PERIOD
from wheel.database.store import Unavailable
from wheel.engine.unit_of_work import unit_of_work
from wheel.mail.deliver import DeliveryResult
from wheel.tick.alarm_check import check_alarms
from wheel.tick.clock_changes import note_step
from wheel.tick.log_check import check_log
from wheel.tick.tick import TickResult

logger = logging.getLogger(__name__)

CHECK_PERIOD = timedelta(days=1)
FIRST_CHECK = timedelta(hours=1)  # so that a daemon that is restarted every day checks too
DELIVERY_PERIOD_SECONDS = 10  # a person who waits for a mail waits no longer than this, and the ten minutes
LOOK_SECONDS = 5  # between two looks at the clock
BEATS = ("tick", "deliver")


class FixedInterval(BaseTrigger):  # type: ignore[misc]
    """Fires at this interval, in UTC, and at once if the clock was set ahead. APScheduler's own interval trigger would
    first enumerate all beats that the clock has passed over: for ten years that takes minutes and gigabytes."""

    def __init__(self, period: timedelta) -> None:
        self._period = period

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        following = previous + self._period if previous else now
        return following if following > now else now + self._period


def run(app: App, stop: threading.Event, report: Callable[[str], None], opening: Callable[[], list[str]] = list) -> int:
    """Tick and deliver until `stop` is set. Returns the exit code.

    `report` gets a line for each thing that is done. First it gets the lines of `opening`, which is asked when this is
    the only daemon. At the end the mail in hand is finished or left pending, the plan in hand committed or rolled back.
    Raises Conflict if somebody has removed the lock files and started another daemon.
    """
    if faults := app.own_files.health_faults():
        raise SettingsFault(faults)
    with technical_log(), only_daemon(app) as keep_lock:
        for line in opening():
            report(line)
        health = HealthFile(app)
        scheduler = _scheduler(app, report, stop, health)
        scheduler.start(paused=stop.is_set())  # so that nothing begins where it was told to stop before it was ready
        try:
            _watch(app, report, stop, scheduler, health, keep_lock)
        finally:
            stop.set()
            report(app.texts("Stopping. The mail in progress is sent first."))
            scheduler.shutdown(wait=True)  # lets a running job finish; only BackgroundScheduler does
    return 0


def _watch(
    app: App,
    report: Callable[[str], None],
    stop: threading.Event,
    scheduler: BackgroundScheduler,
    health: HealthFile,
    keep_lock: Callable[[], None],
) -> None:
    """Watch, until told to stop, whether the clock is set, whether ticks come, and whether the lock is still ours.

    The scheduler sleeps until a wall-clock time: if the clock is set back by an hour, it would sleep an hour longer.
    """
    watch, step = ClockWatch(app.clock), timedelta(0)
    while not stop.wait(LOOK_SECONDS):
        keep_lock()
        if now := watch.look():
            step += now
            for beat in BEATS:
                scheduler.modify_job(beat, next_run_time=datetime.now(UTC))
        if step:
            report(app.texts("The clock was changed by {seconds} seconds.", seconds=round(step.total_seconds())))
            try:
                with unit_of_work(app.store, app.clock(), DAEMON, app.mail) as uow:
                    note_step(uow, step)
                step = timedelta(0)
            except Exception:  # the database has its own trouble: noted when it is back
                logger.exception("a clock step of %s could not be noted", step)
        health.write_if_late()


def _scheduler(
    app: App, report: Callable[[str], None], stop: threading.Event, health: HealthFile
) -> BackgroundScheduler:
    # Intervals in UTC, never cron: a daily cron job loses the day after the change to summer time. A job that
    # comes late runs once, however late, and one that is still running is not started again.
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(2)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)  # a beat that still goes on is no news
    first = datetime.now(UTC)
    beats: list[tuple[Callable[[], None], float]] = [
        (lambda: _tick(app, report, health), PERIOD.total_seconds()),
        (lambda: _deliver(app, report, stop), DELIVERY_PERIOD_SECONDS),
    ]
    for name, (beat, seconds) in zip(BEATS, beats, strict=True):
        scheduler.add_job(beat, FixedInterval(timedelta(seconds=seconds)), id=name, next_run_time=first)
    scheduler.add_job(lambda: _check(app, report), FixedInterval(CHECK_PERIOD), next_run_time=first + FIRST_CHECK)
    return scheduler


def _tick(app: App, report: Callable[[str], None], health: HealthFile) -> None:
    failed = None
    try:
        ticked: TickResult = app.ticker.tick(app.clock())
    except Unavailable as error:
        failed = error
        report(app.texts(error.message, **error.facts))
        return
    finally:
        health.write(failed)
    for moved in ticked.moved:
        report(
            app.texts(
                "{address}: {before} → {after}",
                address=moved["address"],
                before=moved["from"],
                after=moved["to"],
            )
        )
    if ticked.messages:
        report(app.texts.plural("One mail made.", "{n} mails made.", ticked.messages))
    if ticked.held_back:
        text = "{count} mails are held back: look at `arshjul tick --dry-run`, then `arshjul tick --confirm`."
        report(app.texts(text, count=ticked.held_back))


def _check(app: App, report: Callable[[str], None]) -> None:
    if fault := check_log(app.store, app.mail, app.clock()):  # first, because it can tell of plans that cannot be read
        message, facts = fault["message"], fault["facts"]
        report(app.texts(message, **facts))
    for address in check_alarms(app.store, app.mail, app.clock()):
        report(app.texts("The alarm of {address} was missing and has been set again.", address=address))


def _deliver(app: App, report: Callable[[str], None], stop: threading.Event) -> None:
    try:
        delivered: DeliveryResult = app.deliver(stop)
    except Unavailable as error:
        report(app.texts(error.message, **error.facts))
        return
    if delivered.sent:
        report(app.texts.plural("One mail sent.", "{n} mails sent.", delivered.sent))
    if delivered.queue_stopped:
        report(app.texts("The mail server does not accept mail: {why}", why=delivered.queue_stopped))
