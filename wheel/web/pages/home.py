"""The first page: this year's wheel."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from wheel.web.visit import visiting

router = APIRouter()


@router.get("/")
def first(request: Request) -> RedirectResponse:
    with visiting(request) as visit:
        return RedirectResponse(visit.site.url(f"/{visit.day.year}"), 302)
