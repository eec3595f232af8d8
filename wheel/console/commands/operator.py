"""The commands of the operator: make a home, check it, run it, keep copies of it."""

import gc
import shlex
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from wheel.console.context import Answer, Door, command
from wheel.console.printing.check import findings, say_checked
from wheel.console.values import number
from wheel.errors import NotFound, Usage
from workflows.messages import N_

Practice = Annotated[
    bool, typer.Option("--practice", help=N_("A home to practise in: any clock, and mail into the folder alone."))
]
Admin = Annotated[
    str, typer.Option("--admin", metavar=N_("NAME"), help=N_("The id of the administrator that is created."))
]
Email = Annotated[str, typer.Option("--email", metavar=N_("ADDRESS"), help=N_("The administrator's mail address."))]
Source = Annotated[
    Path | None,
    typer.Option(
        "--source",
        metavar=N_("DIR"),
        help=N_("The folder of the municipality's wheel; otherwise the sample, Vänersborg."),
    ),
]
Folder = Annotated[
    Path | None,
    typer.Argument(metavar=N_("DIR"), help=N_("The folder of a municipality's wheel; otherwise the home's.")),
]
File = Annotated[Path, typer.Argument(metavar=N_("FILE"), help=N_("A backup."))]
Year = Annotated[
    int | None,
    typer.Option("--year", metavar="N", parser=number, help=N_("The budget year to remark on; otherwise the next.")),
]
Years = Annotated[int, typer.Option("--years", metavar="N", parser=number, help=N_("Remark on so many years."))]
KNOWN_YEARS = (2003, 2090)  # the date rules know 2000 to 2099
MOST_YEARS = 20


def add_to(app: typer.Typer) -> None:
    command(app, "init", N_("Make a home: settings, database, people and meetings of the municipality's wheel."))(init)
    command(app, "check", N_("Find all faults of the wheel's files and of the settings, each with its cure."))(check)
    command(app, "up", N_("Run the daemon in the foreground, with an account of what it does."))(up)
    command(app, "daemon", N_("Run the daemon for systemd: quiet, until SIGTERM."))(daemon)
    command(app, "backup", N_("Copy the database into the home's backups, while everything goes on."))(backup)
    command(app, "restore", N_("Put a backup back; no mail leaves until somebody has looked."), "sign")(restore)
    command(app, "upgrade", N_("Bring the database to this program's schema, after a backup."))(upgrade)


def init(
    door: Door, practice: Practice = False, admin: Admin = "admin", email: Email = "", source: Source = None
) -> Answer:
    from wheel.cycles.open_cycle import in_planning
    from wheel.home.folder import Beginning, HomeFolder
    from wheel.home.folder import init as begin

    if door.now and not practice:
        raise Usage(N_("--now gives a write another time only in a practice home; here it works for reads alone."))
    home = HomeFolder(door.home)
    now = door.clock()
    definition = begin(home, Beginning(admin, now, practice, email, door.texts.language, source, door.database or ""))
    kind = "budget" if "budget" in definition.wheel.cycles else next(iter(definition.wheel.cycles))
    cycle = in_planning(definition, kind, definition.wheel.calendar.local_date(now))
    document = {"ok": True, "home": str(home.root), "practice": practice, "admin": admin}
    t = door.texts

    def say() -> list[str]:
        what = t("A practice home") if practice else t("A home")
        where = "" if str(home.root) == "var" else f" --home {shlex.quote(str(home.root))}"
        opening = f"arshjul open {cycle} --actor {admin}{where}"
        return [
            t("{kind} is made in {home}.", kind=what, home=home.root),
            t("Settings: {file}", file=home.settings),
            t("The wheel: {folder}", folder=home.municipality),
            t("The administrator: {admin}", admin=admin),
            t("Next: `{opening}`, then `{running}`.", opening=opening, running=f"arshjul up{where}"),
        ]

    return Answer(document, say)


def check(door: Door, folder: Folder = None, year: Year = None, years: Years = "1") -> Answer:  # type: ignore[assignment]
    first, last = KNOWN_YEARS
    if not (1 <= years <= MOST_YEARS and (year is None or first <= year <= last + 1 - years)):
        raise Usage(
            N_("A check takes 1 to {most} years, from {first} to {last}."), most=MOST_YEARS, first=first, last=last
        )
    document = findings(door, folder, year, years)
    return Answer(document, lambda: say_checked(document, door.texts))


def up(door: Door) -> Answer:
    from wheel.console.printing.startup import account

    return _run(door, lambda: account(door.app))


def daemon(door: Door) -> Answer:
    return _run(door, list)


def _run(door: Door, intro: Any) -> Answer:
    from wheel.daemon import heartbeat as heart
    from wheel.format import harmless

    door.runs_on = True
    if door.now and not door.app.practice:
        raise Usage(N_("--now gives a write another time only in a practice home; here it works for reads alone."))

    def report(line: str) -> None:
        with suppress(BrokenPipeError):  # the terminal is gone: the wheel turns on
            if not door.edge.json:
                typer.echo(harmless(line))

    gc.enable()
    return Answer({"ok": True}, list, heart.run(door.app, report, intro))


def backup(door: Door) -> Answer:
    from wheel.home.backup import backup as copy

    door.app.store.check_schema()
    path = copy(door.app.store, door.home, door.app.clock())
    return Answer({"ok": True, "file": str(path)}, lambda: [door.texts("Copied to {file}", file=path)])


def restore(door: Door, file: File) -> Answer:
    from wheel.home.backup import restore as put_back

    door.may_write()
    _may_restore(door)
    if door.dry_run:
        would: dict[str, Any] = {"ok": True, "replaced": None, "log": [], "dry_run": True}
        return Answer(would, lambda: [door.texts("{file} would be restored.", file=file)])
    restored = put_back(door.app.store, file, door.home, door.app.clock(), door.actor or "")
    replaced = str(restored.replaced) if restored.replaced else None
    document = {"ok": True, "replaced": replaced, "log": [restored.seq], "dry_run": False}

    def say() -> list[str]:
        return [
            door.texts("Restored from {file}.", file=file),
            door.texts("What was there is kept in {file}.", file=replaced) if replaced else "",
            door.texts("No mail leaves until `arshjul tick --dry-run` has been looked at and `--confirm`ed."),
        ]

    return Answer(document, say)


def _may_restore(door: Door) -> None:
    """By the people of the database that is to be replaced, as far as it can still be asked."""
    from sqlalchemy import select
    from sqlmodel import col

    from wheel.database.tables import Person
    from wheel.errors import ArshjulError, RefusedError

    try:
        with door.reading() as work:
            if work.session.execute(select(col(Person.id))).first() is None:
                return
            known = door.actor in work.directory.people
            objection = work.directory.objection(door.actor or "", "restore", (), work.now.date())
    except ArshjulError:
        return  # it is damaged: that is why somebody restores
    if not known:
        raise NotFound.person(door.actor or "")
    if objection:
        raise RefusedError([objection])


def upgrade(door: Door) -> Answer:
    from wheel.database.store import HEAD
    from wheel.home.backup import backup as copy

    store, path = door.app.store, None
    if store.version() not in (None, HEAD):
        path = copy(store, door.home, door.app.clock())
    before = store.upgrade()
    document = {"ok": True, "from": before, "to": HEAD, "backup": str(path) if path else None}
    t = door.texts

    def say() -> list[str]:
        if before == HEAD:
            return [t("The database is at {head} already.", head=HEAD)]
        return [t("The database went from {before} to {head}; before that it was copied to {file}.",
                  before=before, head=HEAD, file=path)]  # fmt: skip

    return Answer(document, say)
