"""Hjulet: a year as a wheel, with what needs to be done and the table of all deadlines."""

from datetime import date, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup
from starlette.exceptions import HTTPException

from wheel.drawing import files
from wheel.drawing.layout import Size
from wheel.drawing.picture import Bead, WheelPicture, wheel_picture
from wheel.drawing.svg import svg
from wheel.drawing.table import deadline_table
from wheel.web.visit import Visit, parse_day, visiting

router = APIRouter()

FIRST, LAST = 2000, 2099  # the years whose dates can be computed
WIDTH = 1680  # pixels of the wheel as PNG: sharp on a slide
URGENT = ("overdue", "sent_back")


@router.get("/")
def this_year(request: Request) -> RedirectResponse:
    with visiting(request) as visit:
        return RedirectResponse(visit.site.url(f"/{visit.day.year}"), 302)


@router.get("/{year:int}")
def wheel(request: Request, year: int, den: str | None = None, dag: int | None = None) -> Response:
    """`dag`: a day of the year by its number, as the slider has it."""
    _check_year(year)
    if dag is not None:
        with visiting(request) as visit:
            return visit.to(f"/{year}?den={date(year, 1, 1) + timedelta(days=min(max(dag, 1), 365) - 1)}")
    with visiting(request, "plans", parse_day(den)) as visit:
        picture = wheel_picture(visit.uow, year, visit.texts.language, drafts="drafts" in visit.reads)
        table = deadline_table(picture)
        return visit.page(
            "wheel.html.j2",
            year=year,
            picture=picture,
            page=Markup(svg(picture, "page")),
            table=table,
            days_so_far=_days_so_far(visit, year),
            urgent=[row for row in table.rows if row.status in URGENT],
            late_boards=_late_boards(picture),
        )


@router.get("/{year:int}/hjul.svg")
def drawing(request: Request, year: int, size: Size = "page", den: str | None = None) -> Response:
    """The wheel as a file, which carries its font."""
    _check_year(year)
    with visiting(request, "plans", parse_day(den)) as visit:
        picture = wheel_picture(visit.uow, year, visit.texts.language, drafts="drafts" in visit.reads)
    return Response(svg(picture, size, with_font=True), media_type="image/svg+xml")


@router.get("/{year:int}/hjul.png")
def photo(request: Request, year: int, size: Size = "page", den: str | None = None) -> Response:
    _check_year(year)
    with visiting(request, "plans", parse_day(den)) as visit:
        picture = wheel_picture(visit.uow, year, visit.texts.language, drafts="drafts" in visit.reads)
    return Response(files.png(picture, size, WIDTH), media_type="image/png")


@router.get("/{year:int}/hjul.pdf")
def poster(request: Request, year: int, den: str | None = None) -> Response:
    """The wheel for the wall, in A3, with the table on its second page."""
    _check_year(year)
    with visiting(request, "plans", parse_day(den)) as visit:
        picture = wheel_picture(visit.uow, year, visit.texts.language, drafts="drafts" in visit.reads)
    return Response(files.pdf(picture), media_type="application/pdf")


def _late_boards(picture: WheelPicture) -> list[Bead]:
    """Where boards are late in a phase that is not late as a whole."""
    late = {arc.plan for arc in picture.arcs if arc.status in URGENT}
    beads = [bead for ring in picture.rings for bead in ring.beads if bead.status == "overdue"]
    return [bead for bead in beads if late.isdisjoint(bead.plans)]


def _days_so_far(visit: Visit, year: int) -> int:
    """How many days of that year the slider can go back to; none of a year to come."""
    return max(0, min((visit.day - date(year, 1, 1)).days, 365))


def _check_year(year: int) -> None:
    if not FIRST <= year <= LAST:
        raise HTTPException(404)
