"""The commands of the operator: make a home, check it, run it, keep copies of it."""

import gc
import shlex
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wheel.console.command import command
from wheel.console.context import Answer, Context
from wheel.console.options import FORCE, PATH, READ, SIGNED, argument, flag, option
from wheel.console.values import number
from wheel.errors import Usage
from workflows.messages import N_
from workflows.visible import escaped

if TYPE_CHECKING:
    from wheel.reads.check import Registered

KNOWN_YEARS = (2003, 2090)  # the date rules know 2000 to 2099
MOST_YEARS = 20
_NO_ADDRESS = N_(
    "The administrator {admin} has no mail address and gets no mail. Give one with `arshjul people change {admin} "
    "--email ADDRESS --actor {admin}`."
)
_PASSWORD = N_(
    "The password of the database has not been stored. Put it into ~/.pgpass of the service's user (mode 0600), or the "
    "whole address into the environment variable ARSHJUL_DATABASE."
)


@command(
    "init", N_("Create a home: settings, database, people and meetings for the municipality's wheel."),
    flag("--practice", help=N_(
        "Create a practice home: you set the clock, and mail goes only into the folder mailbox/."
    )),
    option(
        "--admin", metavar=N_("NAME"), default="admin", help=N_("The id of the administrator who is created.")
    ),
    option("--email", metavar=N_("ADDRESS"), default="", help=N_("The administrator's mail address.")),
    option(
        "--source", metavar=N_("DIR"), type=PATH,
        help=N_("The folder of the municipality's wheel. Default: the sample, Vänersborg."),
    ),
    *READ,
)  # fmt: skip
def init(context: Context, practice: bool, admin: str, email: str, source: Path | None) -> Answer:
    from config.settings.database_url import parse
    from wheel.console.printing.lines import wrapped
    from wheel.cycles.open_cycle import newest_begun_cycle
    from wheel.documents.home import HomeDocument
    from wheel.home.folder import HomeFolder, InitOptions
    from wheel.home.folder import init as begin

    if context.now and not practice:
        raise Usage(
            N_(
                "Here --now works only with commands that show something. Commands that change something accept --now "
                "only in a practice home."
            )
        )
    home = HomeFolder(context.home)
    now = context.clock()
    definition = begin(
        home, InitOptions(admin, now, practice, email, context.texts.language, source, context.database or "")
    )
    kind = "budget" if "budget" in definition.wheel.cycles else next(iter(definition.wheel.cycles))
    cycle = newest_begun_cycle(definition, kind, definition.wheel.calendar.local_date(now))
    t = context.texts
    left = [t(_PASSWORD)] if context.database and parse(context.database).password else []
    left += [] if email else [t(_NO_ADDRESS, admin=admin)]
    todo = " ".join(left) or None
    document = HomeDocument(home=str(home.root), practice=practice, admin=admin, message=todo)

    def say() -> list[str]:
        what = t("A practice home") if practice else t("A home")
        where = "" if str(home.root) == "var" else f" --home {shlex.quote(str(home.root))}"
        opening = f"arshjul open {cycle} --actor {admin}{where}"
        return [
            t("{kind} has been created in {home}.", kind=what, home=home.root),
            t("Settings: {file}", file=home.settings),
            t("The wheel: {folder}", folder=home.municipality),
            t("The administrator: {admin}", admin=admin),
            *(wrapped(todo) if todo else []),
            t("Next, run `{opening}`, then `{running}`.", opening=opening, running=f"arshjul up{where}"),
        ]

    return Answer(document, say)


@command(
    "check", N_("Find faults in the wheel's files and in the settings, with a cure for each."),
    argument(
        "folder", N_("DIR"), N_("The folder of a municipality's wheel. Default: the home's."), type=PATH,
        required=False,
    ),
    option("--year", metavar="N", type=number, help=N_("The budget year to check. Default: the next.")),
    option("--years", metavar="N", type=number, default="1", help=N_("How many years to check.")),
    *READ,
)  # fmt: skip
def check(context: Context, folder: Path | None, year: int | None, years: int) -> Answer:
    first, last = KNOWN_YEARS
    if not (1 <= years <= MOST_YEARS and (year is None or first <= year <= last + 1 - years)):
        raise Usage(
            N_("A check covers 1 to {most} years, from {first} to {last}."), most=MOST_YEARS, first=first, last=last
        )
    from wheel.console.printing.check import say_checked
    from wheel.home.folder import HomeFolder
    from wheel.reads import check

    asked = check.CheckRequest(folder, year, years, context.year(), lambda: _registered(context))
    document = check.check(HomeFolder(context.home), asked, context.texts)
    return Answer(document, lambda: say_checked(document, context.texts))


def _registered(context: Context) -> "Registered | None":
    """The answer of the home's database; None if it cannot be read."""
    from sqlalchemy.exc import SQLAlchemyError

    from wheel.errors import ArshjulError
    from wheel.reads.check import registered

    try:
        with context.reading() as uow:
            return registered(uow)
    except (ArshjulError, SQLAlchemyError):
        return None


@command("up", N_("Run the service and the web pages in the foreground and show what they do."), *READ)
def up(context: Context) -> Answer:
    from wheel.console.printing.startup import startup_lines
    from wheel.daemon import heartbeat as heart
    from wheel.web.server import serving

    _let_the_clock_run(context)
    app, stop = context.app, context.output.stop
    with serving(app, stop) as address:

        def opening() -> list[str]:
            return [*startup_lines(app), _door(context, address)]

        return Answer({"ok": True}, list, heart.run(app, stop, _reporter(context), opening))


@command("daemon", N_("Run the service under systemd: quiet, until SIGTERM."), *READ)
def daemon(context: Context) -> Answer:
    from wheel.daemon import heartbeat as heart

    _let_the_clock_run(context)
    return Answer({"ok": True}, list, heart.run(context.app, context.output.stop, _reporter(context), list))


@command(
    "web", N_("Serve the web pages alone, until SIGTERM. The service runs beside them as `arshjul daemon`."), *READ
)
def web(context: Context) -> Answer:
    from wheel.daemon.technical_log import technical_log
    from wheel.web.server import serving

    _let_the_clock_run(context)
    context.app.store.check_schema()
    with technical_log(), serving(context.app, context.output.stop) as address:
        _reporter(context)(_door(context, address))
        context.output.stop.wait()
    return Answer({"ok": True}, list)


def _door(context: Context, address: str) -> str:
    """The line that says where to look: with a link to a password while no administrator has one."""
    from config.municipality.roles import DAEMON
    from wheel.accounts.invitations import invite_first_administrator
    from wheel.accounts.tokens import new_token
    from wheel.engine.unit_of_work import unit_of_work

    token, app = new_token(), context.app
    with unit_of_work(app.store, app.clock(), DAEMON, app.mail) as uow:
        invited = invite_first_administrator(uow, token)
    return context.texts("Open {address}", address=f"{address}/valkommen/{token}" if invited else f"{address}/")


def _let_the_clock_run(context: Context) -> None:
    """--now is where the clock of the service starts. Raises Usage outside practice."""
    context.runs_on = True
    if context.now and not context.app.practice:
        raise Usage(
            N_(
                "Here --now works only with commands that show something. Commands that change something accept --now "
                "only in a practice home."
            )
        )
    gc.enable()


def _reporter(context: Context) -> Callable[[str], None]:
    def report(line: str) -> None:
        with suppress(OSError):  # the terminal is gone, the disk is full: the service goes on
            if not context.output.json:
                click.echo(escaped(line))

    return report


@command("backup", N_("Back up the database to the home. The service can keep running."), *READ)
def backup(context: Context) -> Answer:
    from wheel.documents.home import FileDocument
    from wheel.home.backup import backup as copy

    context.app.store.check_schema()
    path = copy(context.app.store, context.home, context.app.clock())
    return Answer(FileDocument(file=str(path)), lambda: [context.texts("The backup is in {file}", file=path)])


@command(
    "restore", N_("Restore a backup. No mail leaves until somebody has checked it."),
    argument("file", N_("FILE"), N_("The backup."), type=PATH), *SIGNED,
)  # fmt: skip
def restore(context: Context, file: Path) -> Answer:
    from wheel.daemon.lock import without_daemon
    from wheel.documents.home import RestoredDocument
    from wheel.home.backup import restore as put_back

    context.may_write()
    _may_restore(context)
    if context.dry_run:
        would = RestoredDocument(replaced=None, log=(), dry_run=True)
        return Answer(would, lambda: [context.texts("{file} would be restored.", file=file)])
    with without_daemon(context.app):  # what it has in hand would be in neither database
        restored = put_back(context.app.store, file, context.home, context.app.clock(), context.actor or "")
    replaced = str(restored.replaced) if restored.replaced else None
    document = RestoredDocument(replaced=replaced, log=(restored.seq,), dry_run=False)

    def say() -> list[str]:
        return [
            context.texts("Restored from {file}.", file=file),
            context.texts("The previous database is kept in {file}.", file=replaced) if replaced else "",
            context.texts(
                "No mail leaves until somebody has checked it with `arshjul tick --dry-run` and released it with "
                "`arshjul tick --confirm`."
            ),
        ]

    return Answer(document, say)


def _may_restore(context: Context) -> None:
    from wheel.actions.whole_database import refusal_to_restore
    from wheel.errors import ArshjulError

    refusal = None
    with suppress(ArshjulError), context.reading() as uow:  # a damaged database cannot be asked
        refusal = refusal_to_restore(uow)
    if refusal:
        raise refusal


@command("upgrade", N_("Upgrade the database to this program's version. A backup is made first."), *READ)
def upgrade(context: Context) -> Answer:
    from wheel.database.store import HEAD
    from wheel.documents.home import UpgradedDocument
    from wheel.home.backup import backup as copy

    store, path = context.app.store, None
    if store.version() not in (None, HEAD):
        path = copy(store, context.home, context.app.clock())
    before = store.upgrade()
    document = UpgradedDocument(from_=before, to=HEAD, backup=str(path) if path else None)
    t = context.texts

    def say() -> list[str]:
        if before == HEAD:
            return [t("The database already has revision {head}.", head=HEAD)]
        return [t(
            "The database was upgraded from revision {before} to {head}. The backup from before the upgrade is in "
            "{file}."
        ,
                  before=before, head=HEAD, file=path)]  # fmt: skip

    return Answer(document, say)


@command(
    "dump", N_("Write the whole database to a text file, from which `arshjul load` fills another one."),
    argument("file", N_("FILE"), N_("The new file."), type=PATH), FORCE, *READ,
)  # fmt: skip
def dump(context: Context, file: Path, force: bool) -> Answer:
    from wheel.console.out_file import written
    from wheel.documents.home import DumpedDocument
    from wheel.home.dump import dump as write

    context.app.store.check_schema()
    with written(context, file, force) as out, context.app.store.reading() as session:
        dumped = write(session, out)
    document = DumpedDocument(file=str(file), rows=dumped.rows, head=dumped.head)
    return Answer(document, lambda: [context.texts("Dumped to {file}: {rows} rows.", file=file, rows=dumped.rows)])


@command(
    "load", N_("Fill an empty database from a dump. No mail leaves until somebody has checked it."),
    argument("file", N_("FILE"), N_("The dump."), type=PATH), SIGNED[0], *READ,
)  # fmt: skip
def load(context: Context, file: Path) -> Answer:
    from sqlalchemy import select
    from sqlmodel import col

    from notifications.mail_settings import MailSettings
    from wheel.actions.whole_database import refusal_to_restore
    from wheel.database.tables import Home
    from wheel.documents.home import DumpedDocument
    from wheel.engine.unit_of_work import UnitOfWork
    from wheel.home.dump import load as fill

    context.sign()
    app = context.app

    def permit(session: Any) -> None:
        context.may_choose_the_time(session.execute(select(col(Home.practice))).scalar_one())
        if refusal := refusal_to_restore(UnitOfWork(session, app.clock(), context.actor or "", MailSettings())):
            raise refusal

    loaded = fill(app.store, file, app.clock(), context.actor or "", permit)
    place = app.store.place
    document = DumpedDocument(file=str(file), rows=loaded.rows, head=loaded.head, database=place)

    def say() -> list[str]:
        return [
            context.texts("Loaded into {place}: {rows} rows.", place=place, rows=loaded.rows),
            context.texts(
                "No mail leaves until somebody has checked it with `arshjul tick --dry-run` and released it with "
                "`arshjul tick --confirm`."
            ),
        ]

    return Answer(document, say)
