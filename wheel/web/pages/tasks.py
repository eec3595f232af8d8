"""Att göra: what the signed-in person has to do."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from wheel.reads.overviews.tasks import tasks
from wheel.web.visit import visiting

router = APIRouter()


@router.get("/att-gora")
def todo(request: Request) -> Response:
    with visiting(request, "") as visit:
        return visit.page("tasks.html.j2", found=tasks(visit.uow, visit.person, visit.day, visit.texts.language))
