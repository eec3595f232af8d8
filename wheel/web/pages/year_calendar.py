"""Kalender: deadlines and meetings by month."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from wheel.reads.filters import body_named
from wheel.reads.overviews.year_calendar import year_calendar
from wheel.web.pages.wheel import FIRST, LAST
from wheel.web.visit import parse_day, visiting

router = APIRouter()


@router.get("/kalender")
def calendar(
    request: Request, ar: int | None = None, namnd: str = "", cykel: str = "", den: str | None = None
) -> Response:
    with visiting(request, "plans", parse_day(den)) as visit:
        year = (visit.at or visit.day).year if ar is None else ar
        if not FIRST <= year <= LAST:
            raise HTTPException(404)
        found = year_calendar(
            visit.uow,
            year,
            visit.texts.language,
            drafts="drafts" in visit.reads,
            body=body_named(visit.uow, namnd) if namnd else None,
            cycle=cykel or None,
        )
        return visit.page("year_calendar.html.j2", year=year, found=found, body=namnd, cycle=cykel)
