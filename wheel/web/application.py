"""The web application: the groups of pages, the guard before them, and the page for each error."""

import logging
import secrets
from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from config.text.texts import Texts
from wheel.app import App
from wheel.errors import ArshjulError
from wheel.exit_codes import ENDINGS
from wheel.web.guard import Guard
from wheel.web.pages import (
    account,
    board,
    files,
    health,
    log,
    outbox,
    plan,
    search,
    sign_in,
    statements,
    tasks,
    wheel,
    where_we_are,
    workflows,
    year_calendar,
)
from wheel.web.visit import Forbidden, SignInNeeded, Site, TooMany, Visit, visiting
from workflows.messages import N_

logger = logging.getLogger(__name__)

GROUPS = (
    files,
    health,
    sign_in,
    account,
    tasks,
    plan,
    wheel,
    where_we_are,
    log,
    year_calendar,
    board,
    outbox,
    workflows,
    statements,
    search,
)  # fmt: skip


def application(app: App, address: str) -> Guard:
    """The pages of a home. `address`: what people write in the browser, without the prefix of the path."""
    site = Site(app, address)
    web = FastAPI(title="Årshjul", docs_url=None, redoc_url=None, openapi_url=None)
    web.state.site = site
    for group in GROUPS:
        web.include_router(group.router)
    handlers: dict[type[Exception], Callable[[Request, Exception], Response]] = {
        SignInNeeded: _sign_in_first,
        Forbidden: _forbidden,
        TooMany: _too_many,
        ArshjulError: _told,
        HTTPException: _no_page,
        RequestValidationError: _not_understood,
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        web.add_exception_handler(kind, handler)
    # Around everything: a middleware would stand inside what makes the page of an unexpected error.
    return Guard(web, address, site.prefix, site.cookie)


def _sign_in_first(request: Request, _error: Exception) -> Response:
    site: Site = request.app.state.site
    asked = request.url.path.removeprefix(site.prefix) if request.method == "GET" else "/"
    query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
    return RedirectResponse(site.url("/logga-in", next=f"{asked}{query}"), 303)


def _forbidden(request: Request, error: Exception) -> Response:
    assert isinstance(error, Forbidden)
    text = N_("Your roles do not let you see this page. It is for: {roles}.")
    return _error_page(request, 403, text, roles=error.roles)


def _too_many(request: Request, _error: Exception) -> Response:
    answer = _error_page(request, 429, N_("Many people are looking at past days just now. Try again in a moment."))
    answer.headers["Retry-After"] = "10"
    return answer


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, ArshjulError)
    return _error_page(request, ENDINGS[error.kind].page, error.message, **error.facts)


def _no_page(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _error_page(request, 404, N_("There is nothing at this address. Check that it is complete."))
    return _error_page(request, error.status_code, N_("This page does not work that way."))


def _not_understood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    names = ", ".join(str(each["loc"][-1]) for each in error.errors())
    return _error_page(request, 422, N_("The address has a value that does not fit: {names}."), names=names)


def _unexpected(request: Request, error: Exception) -> Response:
    number = secrets.token_hex(4)
    route = getattr(request.scope.get("route"), "path", "an address without a page")  # the address may hold a token
    logger.error("fault %s at %s", number, route, exc_info=error)
    text = N_("Something went wrong in the program. Nothing of what you did was kept. Quote {number} if you report it.")
    return _error_page(request, 500, text, number=number)


def _error_page(request: Request, status: int, message: str, **facts: object) -> Response:
    def page(visit: Visit) -> HTMLResponse:
        return visit.page("error.html.j2", status, code=status, message=visit.texts(message, **facts))

    try:
        with visiting(request) as visit:
            return page(visit)
    except Exception:
        logger.exception("the page of an error could not be made")
        t = Texts(request.app.state.site.app.settings.lang)
        text = t(N_("Årshjul cannot reach its database. Try again in a moment."))
        return Response(f"{text}\n", 503, {"Retry-After": "10"}, media_type="text/plain")
