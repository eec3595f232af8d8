"""The command `new`: asks, and writes a commented folder for a municipality, which passes `check`."""

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wheel.console.command import command
from wheel.console.context import Answer, Context
from wheel.console.options import PATH, READ, argument, option
from wheel.console.values import check_year
from wheel.errors import Usage
from workflows.dates.months import MONTHS
from workflows.messages import N_
from workflows.visible import HIDDEN, is_blank

if TYPE_CHECKING:
    from config.new.starter import StarterFolder

BOARDS = "Skolnämnden, Socialnämnden, Samhällsbyggnadsnämnden"
ODD = re.compile(r'["\\\t\n]')  # characters that a TOML string cannot contain unescaped


@command(
    "new", N_("Create a commented folder for a municipality's own wheel. On a terminal it asks questions."),
    argument("folder", N_("FOLDER"), N_("The new folder's name, such as exempelby: a-z, 0-9 and -.")),
    option("--name", metavar=N_("NAME"), help=N_("The municipality's name, such as \"Exempelby kommun\".")),
    option("--boards", metavar=N_("NAMES"), help=N_("The boards' names, separated by commas.")),
    option(
        "--executive", metavar=N_("NAME"), help=N_("The executive board: KS, RS or another name. Default: KS.")
    ),
    option("--council", metavar=N_("NAME"), help=N_("The council: KF, RF or another name. Default: KF.")),
    option("--country", metavar="SE", help=N_("Country for holidays, time zone and law. Default: SE.")),
    option("--budget-month", metavar=N_("MONTH"), help=N_("The month in which the council decides. Default: June.")),
    option(
        "--into", metavar=N_("DIR"), type=PATH, default=Path(), help=N_("Where to create the folder. Default: here.")
    ),
    *READ,
)  # fmt: skip
def new(
    context: Context,
    folder: str,
    name: str | None,
    boards: str | None,
    executive: str | None,
    council: str | None,
    country: str | None,
    budget_month: str | None,
    into: Path,
) -> Answer:
    from config.new.starter import StarterFolder
    from wheel.documents.home import FolderDocument

    t = context.texts
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", folder):
        raise Usage(
            N_("{name} cannot be used as a folder name. Use a-z, 0-9 and hyphens, with a letter first."),
            name=repr(folder),
        )
    target = into / folder
    if target.exists():
        raise Usage(N_("The folder {folder} already exists. Nothing was changed."), folder=target)
    ask = _asker(context)
    starter = StarterFolder(
        name=ask(name, N_("The municipality's name"), f"{folder.title()} kommun"),
        council=ask(council, N_("The council (KF, RF or another name)"), "KF"),
        executive=ask(executive, N_("The executive board (KS, RS or another name)"), "KS"),
        boards=tuple(
            filter(None, map(str.strip, ask(boards, N_("The boards, separated by commas"), BOARDS).split(",")))
        ),
        country=ask(country, N_("The country"), "SE").upper(),
        budget_month=_month(
            ask(budget_month, N_("The month in which the council decides the budget (for example June)"), "June")
        ),
        lang=t.language,
        first_year=context.year(),
    )
    _check(starter)
    files = _write(starter, target)
    following = [f"arshjul {words}" for words in (
        f"check {target}", f"rehearse {starter.first_year + 2} {target}", f"init --source {target}")]  # fmt: skip
    document = FolderDocument(folder=str(target), files=tuple(files), next=tuple(following))

    def say() -> list[str]:
        lines = [t("The folder {folder} has been created. All dates in it are invented.", folder=target)]
        lines += [f"  {target / file}" for file in files]
        return [*lines, t("Change what you need. Then run:"), *(f"  {words}" for words in following)]

    return Answer(document, say)


def _asker(context: Context) -> Callable[[str | None, str, str], str]:
    """On a terminal, ask for each value that was not given; elsewhere take the default."""
    asks = sys.stdin.isatty() and not context.output.json

    def ask(given: str | None, question: str, usual: str) -> str:
        if given is None and asks:
            given = str(click.prompt(context.texts(question), default=usual))
        return usual if given is None else given.strip()

    return ask


def _month(text: str) -> int:
    for number, month in enumerate(MONTHS, 1):
        if month.lower() == text.lower():
            return number
    raise Usage(N_("{value} is not a month. Write the month in English, for example June."), value=repr(text))


def _check(starter: "StarterFolder") -> None:
    from config.new.starter import YEARS_OF_MEETINGS, ZONES
    from workflows.definition.definition import BOARD

    if starter.country not in ZONES:
        text = N_("This command does not know the country {name}. These exist: {known}. The files accept others.")
        raise Usage(text, name=repr(starter.country), known=", ".join(ZONES))
    last = starter.first_year + YEARS_OF_MEETINGS - 1
    check_year(last, str(last))
    for name in (starter.name, starter.council, starter.executive, *starter.boards):
        if is_blank(name) or ODD.search(name) or HIDDEN.search(name):
            raise Usage(N_("{name} cannot be written as a name in the files."), name=repr(name))
    ids = starter.ids
    for id in ids:
        if not re.match("[a-z]", id) or id == BOARD or ids.count(id) > 1:
            text = N_("The bodies need different names that begin with a letter: {names}.")
            raise Usage(text, names=", ".join(ids))


def _write(starter: "StarterFolder", target: Path) -> list[str]:
    """Write the whole folder or nothing. Raises FaultyFilesError if it does not pass `check`, which is a bug here."""
    from config.municipality.municipality import load

    texts = starter.files()
    target.mkdir(parents=True)
    try:
        for file, text in texts.items():
            (target / file).write_text(text, encoding="utf-8")
        load(target)
    except BaseException:
        shutil.rmtree(target)
        raise
    return list(texts)
