"""The arguments and options that several commands take, as Typer reads them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from wheel.console.values import day, number, one_of
from wheel.engine.outcomes import OUTCOMES
from wheel.errors import Usage
from workflows.messages import N_

if TYPE_CHECKING:
    from wheel.engine.decisions import DecisionForm

PlanAddress = Annotated[str, typer.Argument(metavar=N_("PLAN"), help=N_("A plan's address, such as 2028/mrp."))]
Entry = Annotated[
    int,
    typer.Argument(
        metavar=N_("ENTRY"), parser=number, help=N_("The number of a log entry; `arshjul show` lists them.")
    ),
]

Body = Annotated[str, typer.Option("--body", metavar=N_("BODY"), help=N_("The body that decided, such as ks."))]
Meeting = Annotated[
    date | None,
    typer.Option("--date", metavar=N_("DATE"), parser=day, help=N_("The day of its meeting, as 2027-02-24.")),
]
Paragraph = Annotated[str, typer.Option("--paragraph", metavar="N", help=N_("The paragraph (§) of the minutes."))]
Point = Annotated[
    str, typer.Option("--point", metavar="N", help=N_("The point of the paragraph, where it has several."))
]
Diary = Annotated[str, typer.Option("--diary", metavar=N_("NUMBER"), help=N_('The diary number, as "KS 2026/300".'))]
Outcome = Annotated[
    str,
    typer.Option(
        "--outcome", metavar=N_("OUTCOME"), parser=one_of(*OUTCOMES),
        help=N_("adopted, adopted_with_changes, rejected, sent_back, postponed or noted."),
    ),
]  # fmt: skip
Link = Annotated[str, typer.Option("--link", metavar="URL", help=N_("Where the minutes are."))]
Text = Annotated[str, typer.Option("--text", metavar=N_("TEXT"), help=N_("What was decided, word for word."))]
Details = Annotated[
    list[str] | None,
    typer.Option(
        "--detail", metavar=N_("NAME=VALUE"),
        help=N_("What else the minutes say, as minority=yes; several times; a wrong name lists them all."),
    ),
]  # fmt: skip
NewDate = Annotated[
    date | None, typer.Option("--new-date", metavar=N_("DATE"), parser=day, help=N_("The new last day, as 2027-03-24."))
]


@contextmanager
def written(path: Path) -> Iterator[TextIO]:
    """A file that was asked for, to be written. Raises Usage where it can't be."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        raise Usage(N_("{file} can't be written: {why}."), file=path, why=error.strerror or str(error)) from None


def _named(details: list[str]) -> dict[str, str]:
    pairs = [detail.partition("=") for detail in details]
    if bad_mappings := [name for name, equals, _ in pairs if not equals]:
        raise Usage(N_("{detail} is no detail; write it as name=value."), detail=bad_mappings[0])
    return {name: value for name, _, value in pairs}


def decision(
    body: str,
    date: date | None,
    paragraph: str,
    point: str,
    diary: str,
    outcome: str,
    link: str,
    text: str,
    details: list[str] | None,
) -> "DecisionForm":
    from wheel.engine.decisions import DecisionForm

    return DecisionForm(body, date, paragraph, point, diary, outcome, text, link, _named(details or []))
