"""Läget: what each board has handed in, and what it has not."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from wheel.reads.overviews.where_we_are import where_we_are
from wheel.web.pages.wheel import FIRST, LAST
from wheel.web.visit import parse_day, visiting

router = APIRouter()


@router.get("/{year:int}/laget")
def where(request: Request, year: int, cykel: str = "", sena: str = "", den: str | None = None) -> Response:
    if not FIRST <= year <= LAST:
        raise HTTPException(404)
    with visiting(request, "plans", parse_day(den)) as visit:
        found = where_we_are(
            visit.uow,
            year,
            visit.texts.language,
            drafts="drafts" in visit.reads,
            cycle=cykel or None,
            late=bool(sena),
        )
        return visit.page("where_we_are.html.j2", year=year, found=found, cycle=cykel, late=bool(sena))
