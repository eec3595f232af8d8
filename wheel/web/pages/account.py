"""A person's own page: who they are here, and where they are signed in."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from wheel.web.visit import visiting

router = APIRouter()


@router.get("/konto")
def account(request: Request) -> Response:
    with visiting(request, "") as visit:
        return visit.page("account.html.j2")
