"""A board's page: what it hands in, its dates, its meetings and its contacts."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup
from starlette.exceptions import HTTPException

from wheel.drawing.picture import wheel_picture
from wheel.drawing.svg import svg
from wheel.reads.overviews.board_page import board_page
from wheel.web.pages.wheel import FIRST, LAST
from wheel.web.visit import visiting

router = APIRouter()


@router.get("/namnd/{board}")
def board(request: Request, board: str, ar: int | None = None) -> Response:
    with visiting(request, "plans") as visit:
        year, drafts = visit.day.year if ar is None else ar, "drafts" in visit.reads
        if not FIRST <= year <= LAST:
            raise HTTPException(404)
        language = visit.texts.language
        found = board_page(visit.uow, board, year, language, drafts=drafts, with_people=bool(visit.person))
        picture = wheel_picture(visit.uow, year, language, board=found.board, drafts=drafts)
        return visit.page(
            "board.html.j2", year=year, found=found, picture=Markup(svg(picture)) if picture.rings else ""
        )
