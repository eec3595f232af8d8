"""Hjulet: a year as a wheel, with what needs to be done and the table of all deadlines."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup
from starlette.exceptions import HTTPException

from wheel.drawing.layout import Size
from wheel.drawing.picture import wheel_picture
from wheel.drawing.svg import svg
from wheel.drawing.table import deadline_table
from wheel.web.visit import parse_day, visiting

router = APIRouter()

FIRST, LAST = 2000, 2099  # the years whose dates can be computed
URGENT = ("overdue", "sent_back")


@router.get("/")
def this_year(request: Request) -> RedirectResponse:
    with visiting(request) as visit:
        return RedirectResponse(visit.site.url(f"/{visit.day.year}"), 302)


@router.get("/{year:int}")
def wheel(request: Request, year: int, den: str | None = None) -> Response:
    _check_year(year)
    with visiting(request, "plans", parse_day(den)) as visit:
        picture = wheel_picture(visit.uow, year, visit.texts.language)
        table = deadline_table(picture)
        return visit.page(
            "wheel.html.j2",
            year=year,
            picture=picture,
            page=Markup(svg(picture, "page")),
            table=table,
            urgent=[row for row in table.rows if row.status in URGENT],
        )


@router.get("/{year:int}/hjul.svg")
def drawing(request: Request, year: int, size: Size = "page", den: str | None = None) -> Response:
    """The wheel as a file, which carries its font."""
    _check_year(year)
    with visiting(request, "plans", parse_day(den)) as visit:
        picture = wheel_picture(visit.uow, year, visit.texts.language)
    return Response(svg(picture, size, with_font=True), media_type="image/svg+xml")


def _check_year(year: int) -> None:
    if not FIRST <= year <= LAST:
        raise HTTPException(404)
