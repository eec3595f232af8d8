"""What everybody may read: how accessible the pages are, and how a fault or a vulnerability is reported."""

from importlib.metadata import version

from fastapi import APIRouter, Request
from fastapi.responses import Response

from wheel.web.visit import visiting

router = APIRouter()


@router.get("/tillganglighet")
def accessibility(request: Request) -> Response:
    with visiting(request) as visit:
        return visit.page("accessibility.html.j2", contact=visit.uow.mail.reply_to, version=version("arshjul"))


@router.get("/sakerhet")
def security(request: Request) -> Response:
    with visiting(request) as visit:
        return visit.page("security.html.j2", contact=visit.uow.mail.reply_to, version=version("arshjul"))
