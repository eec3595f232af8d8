"""What monitoring asks: whether the process answers, and whether it can reach its database."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from wheel.errors import ArshjulError
from wheel.web.visit import Site

router = APIRouter()


@router.get("/healthz")
def alive() -> PlainTextResponse:
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def ready(request: Request) -> PlainTextResponse:
    site: Site = request.app.state.site
    try:
        site.app.store.check_schema()
    except ArshjulError as error:
        return PlainTextResponse(f"{error}\n", 503)
    return PlainTextResponse("ok\n")
