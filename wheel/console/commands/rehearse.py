"""The command `rehearse`: a year before it happens, as lines, JSON, CSV or iCalendar."""

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wheel.console.command import command
from wheel.console.context import Answer, Context
from wheel.console.options import FOR, FORCE, PATH, READ, argument, flag, option
from wheel.console.out_file import check_out, utf8_stdout, written
from wheel.console.values import number
from wheel.errors import Usage
from wheel.rehearsal.policy import Policy, policy
from workflows.messages import N_

if TYPE_CHECKING:
    from notifications.spreadsheet import Format
    from wheel.rehearsal.rehearse import Progress, Source
    from wheel.rehearsal.result import RehearsalResult

FIRST, LAST = 2001, 2090  # the date rules know 2000 to 2099, and a cycle reaches over four years
MOST_YEARS = 10
PATIENCE = 1.0  # seconds without a bar


@command(
    "rehearse", N_("Rehearse a year: calendar, mail, what delays cost."),
    argument("year", N_("YEAR"), N_("The calendar year, such as 2027."), type=number),
    argument(
        "folder", N_("DIR"), N_("The folder of a municipality's wheel. Default: the home's, or the sample's."),
        type=PATH, required=False,
    ),
    option(
        "--boards", metavar=N_("SCENARIO"), type=policy, default="on-time",
        help=N_("How the boards behave: on-time, late:DAYS, silent or random:SEED. All others are on time."),
    ),
    flag("--all", help=N_("The scenario also applies to the council, the executive board and the offices.")),
    option("--years", metavar="N", type=number, default="1", help=N_("How many years to rehearse.")),
    option("--compare", metavar=N_("SCENARIO"), type=policy, help=N_("Show what differs in this scenario.")),
    option(
        "--compare-with", metavar=N_("DIR"), type=PATH, help=N_("Show what differs with the wheel in this folder.")
    ),
    option("--csv", metavar=N_("FILE"), default="", help=N_("Write the calendar as CSV. `-` writes it here.")),
    option("--ics", metavar=N_("FILE"), default="", help=N_("Write the calendar as iCalendar. `-` writes it here.")),
    FOR, FORCE, *READ,
)  # fmt: skip
def rehearse(
    context: Context,
    year: int,
    folder: Path | None,
    boards: Policy,
    all: bool,
    years: int,
    compare: Policy | None,
    compare_with: Path | None,
    csv: str,
    ics: str,
    program: str,
    force: bool,
) -> Answer:
    _check(context, year, years, csv, ics)
    if program and csv in ("", "-"):
        raise Usage(N_("--for excel needs --csv FILE."))
    for file in {csv, ics} - {"", "-"}:
        check_out(context, Path(file), force)
    if compare and compare_with:
        raise Usage(N_("Compare with another scenario or with another folder, not with both."))
    gc.enable()
    policies = [replace(each, everybody=all and not each.punctual) for each in (boards, compare) if each is not None]
    with _bar(context, 2 if compare_with else 1) as progress:
        played = _play(context, year, years, folder, policies, progress)
        if compare_with:
            played += _play(context, year, years, compare_with, policies, lambda part: progress(1 + part))
    sheet: Format = "excel" if program else "csv"
    return _answer(context, played, csv, ics, sheet, force, str(compare_with or ""))


def _check(context: Context, year: int, years: int, csv: str, ics: str) -> None:
    if not (1 <= years <= MOST_YEARS and FIRST <= year <= LAST + 1 - years):
        text = N_("A rehearsal covers 1 to {most} years, from {first} to {last}.")
        raise Usage(text, most=MOST_YEARS, first=FIRST, last=LAST)
    if [csv, ics].count("-") + context.output.json > 1:
        raise Usage(N_("Only one of these can be written here: --json, --csv - or --ics -."))
    if csv and csv == ics != "-":
        raise Usage(N_("Give --csv and --ics different files."))


def _play(
    context: Context, year: int, years: int, folder: Path | None, policies: list[Policy], progress: "Progress"
) -> "list[RehearsalResult]":
    from wheel.rehearsal.rehearse import rehearse as play
    from wheel.rehearsal.replica import Span

    return play(_source(context, folder, Span(year, years)), *policies, progress=progress)


def _source(context: Context, folder: Path | None, span: Any) -> "Source":
    """The municipality to rehearse: the folder's if there is one, otherwise the home's, otherwise the sample's."""
    from config.municipality.municipality import VANERSBORG, load
    from notifications.mail_settings import MailSettings
    from wheel.home.folder import HomeFolder
    from wheel.rehearsal.replica import of_files, of_home

    if folder is not None or not HomeFolder(context.home).settings.is_file():
        return of_files(load(folder or VANERSBORG), span, MailSettings())
    app = context.app
    app.store.check_schema()
    mail = MailSettings(send_hour=app.settings.mail.send_hour)  # nothing else of the home's settings can matter
    return of_home(app.store, app.newest(), span, mail, app.clock())


@contextmanager
def _bar(context: Context, runs: int) -> "Iterator[Progress]":
    """Show a progress bar on stderr, if that is a terminal and the rehearsal takes longer than PATIENCE."""
    if context.output.json or not sys.stderr.isatty():
        yield lambda _: None
        return
    began = time.monotonic()
    bar: Any = None

    def progress(part: float) -> None:
        nonlocal bar
        if bar is None and time.monotonic() - began > PATIENCE:
            bar = click.progressbar(length=1000, label=context.texts("Rehearsing"), file=sys.stderr)
            bar.__enter__()
        if bar is not None and (more := int(part / runs * 1000) - bar.pos) > 0:
            bar.update(more)

    try:
        yield progress
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)


def _answer(
    context: Context, played: "list[RehearsalResult]", csv: str, ics: str, sheet: "Format", force: bool, other: str
) -> Answer:
    from wheel.console.printing.rehearsal import say_pair, say_year
    from wheel.rehearsal.exports import as_csv, as_icalendar
    from wheel.rehearsal.year_documents import pair_document, year_document

    t, year = context.texts, played[0]
    files = {csv: as_csv(year, sheet)} if csv else {}
    if ics:
        files[ics] = as_icalendar(year, context.clock(), t)
    named = [name for name in files if name != "-"]
    for name in named:
        with written(context, Path(name), force) as file:
            file.write(files[name])
    answered = {"ok": True, "files": tuple(named)}
    pair = pair_document(year, played[1], t).model_copy(update=answered) if len(played) == 2 else None

    def say() -> list[str]:
        if "-" in files:
            utf8_stdout()
            return files["-"].splitlines()
        lines = say_pair(year, played[1], pair, t, other) if pair else say_year(year, t)
        return lines + [t("Written: {file}", file=name) for name in named]

    return Answer(pair or year_document(year, t).model_copy(update=answered), say)
