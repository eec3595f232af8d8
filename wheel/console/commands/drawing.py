"""The command `wheel`: one calendar year's deadlines as a list, and as a drawing in a file."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from wheel.console.command import command
from wheel.console.context import Answer, Context
from wheel.console.options import AT, FORCE, PATH, READ, argument, option
from wheel.console.out_file import written
from wheel.console.values import OneOf, number
from wheel.errors import Usage
from workflows.messages import N_

if TYPE_CHECKING:
    from wheel.drawing.picture import WheelPicture

FIRST, LAST = 2001, 2098  # the date rules know 2000 to 2099
ENDINGS = (".svg", ".png", ".pdf")


@command(
    "wheel", N_("Show all deadlines of a calendar year, or draw its wheel."),
    argument("year", N_("YEAR"), N_("The calendar year, such as 2027."), type=number),
    option("--out", metavar=N_("FILE"), type=PATH, help=N_("Draw the wheel in this file: .svg, .png or .pdf.")),
    option(
        "--size", metavar=N_("SIZE"), type=OneOf("page", "poster", "mini"),
        help=N_("How large: page, poster or mini. Default: page. A .pdf is a poster with a table."),
    ),
    option("--paper", metavar="a3|a4", type=OneOf("a3", "a4"), help=N_("The paper of a .pdf. Default: a3.")),
    FORCE, AT, *READ,
)  # fmt: skip
def wheel(
    context: Context, year: int, out: Path | None, size: str | None, paper: str | None, force: bool, at: date | None
) -> Answer:
    from wheel.console.commands.show import of_day
    from wheel.console.printing.deadlines import say_deadlines
    from wheel.documents.home import FileDocument
    from wheel.drawing.picture import wheel_picture
    from wheel.drawing.table import deadline_table

    _check(year, out, size, paper)
    with context.reading_as_of(at) as uow:
        picture = wheel_picture(uow, year, context.texts.language)
        heading = of_day(at, uow, context)
    if out is None:
        table = deadline_table(picture)
        return Answer(table, lambda: [*heading, *say_deadlines(table, context.texts)])
    drawn = _drawn(picture, out.suffix.lower(), size, paper)
    with written(context, out, force) as file:
        file.buffer.write(drawn)
    return Answer(FileDocument(file=str(out)), lambda: [str(out)])


def _check(year: int, out: Path | None, size: str | None, paper: str | None) -> None:
    if not FIRST <= year <= LAST:
        raise Usage(N_("Write a year from {first} to {last}."), first=FIRST, last=LAST)
    ending = out.suffix.lower() if out else ""
    if out and ending not in ENDINGS:
        raise Usage(N_("{file} must end in .svg, .png or .pdf."), file=out)
    if size and (out is None or (ending == ".pdf" and size != "poster")):
        raise Usage(N_("--size needs --out with a .svg or .png. A .pdf is always a poster."))
    if paper and ending != ".pdf":
        raise Usage(N_("--paper needs --out with a .pdf."))


def _drawn(picture: "WheelPicture", ending: str, size: str | None, paper: str | None) -> bytes:
    from wheel.drawing.files import PAPERS, pdf, png
    from wheel.drawing.layout import SIZES, Size
    from wheel.drawing.svg import svg

    chosen: Size = next((each for each in SIZES if each == size), "page")
    if ending == ".pdf":
        return pdf(picture, next((each for each in PAPERS if each == paper), "a3"))
    if ending == ".png":
        return png(picture, chosen, width=1600 if chosen == "poster" else 960 if chosen == "page" else 480)
    return svg(picture, chosen, with_font=True).encode()
