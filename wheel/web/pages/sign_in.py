"""Signing in and out, and the invitation by which a person chooses a password."""

from math import ceil
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from wheel.accounts import invitations, sessions
from wheel.accounts.passwords import SHORTEST, WeakPassword, hashed
from wheel.engine.unit_of_work import unit_of_work
from wheel.reads.registers import person_names
from wheel.web.forms import Fields, Form
from wheel.web.visit import Site, Visit, visiting
from workflows.messages import N_

router = APIRouter()

WRONG = N_("Name and password do not fit. Check both, or ask an administrator for a new invitation.")


@router.get("/logga-in")
def sign_in_form(request: Request, next: str = "/") -> Response:
    with visiting(request) as visit:
        if visit.person:
            return visit.to(_own(next))
        return visit.page("sign_in.html.j2", form=Form(), next=_own(next))


@router.post("/logga-in")
def sign_in(request: Request, fields: Fields) -> Response:
    site: Site = request.app.state.site
    form, address, now = Form(fields), _address(request), site.app.clock()
    name, password, next = form.get("name"), fields.get("password", ""), _own(form.get("next"))
    with visiting(request) as visit:
        t = visit.texts
        if not name:
            form.faults["name"] = t(N_("Write your name in Årshjul or your mail address."))
        if not password:
            form.faults["password"] = t(N_("Write your password."))
        if form.ok and (wait := site.throttle.attempt(address, name, now)):
            minutes = ceil(wait.total_seconds() / 60)
            form.whole.append(t(N_("Too many attempts. Try again in {minutes} minutes."), minutes=minutes))
        if not form.ok:
            return visit.page("sign_in.html.j2", 429 if form.whole else 422, form=form, next=next)
        tried = sessions.attempt(visit.uow, name, password)
    with unit_of_work(site.app.store, now, "", site.app.mail) as uow:
        token = sessions.sign_in(uow, tried)
        if token is not None:
            sessions.sign_out(uow, request.cookies.get(site.cookie, ""))
    if token is None:
        with visiting(request) as visit:
            form.whole.append(visit.texts(WRONG))
            return visit.page("sign_in.html.j2", 422, form=form, next=next)
    site.throttle.succeeded(address, name, now)
    with visiting(request) as visit:
        return _with_session(visit, token, next)


@router.post("/logga-ut")
def sign_out(request: Request) -> Response:
    site: Site = request.app.state.site
    with unit_of_work(site.app.store, site.app.clock(), "", site.app.mail) as uow:
        sessions.sign_out(uow, request.cookies.get(site.cookie, ""))
    with visiting(request) as visit:
        answer = visit.to("/logga-in")
    answer.delete_cookie(site.cookie, path="/", secure=site.secure, httponly=True, samesite="lax")
    return answer


@router.get("/valkommen/{token}")
def welcome(request: Request, token: str) -> Response:
    with visiting(request) as visit:
        person = invitations.invited(visit.uow, token)
        return _welcome(visit, person, Form(), 200)


@router.post("/valkommen/{token}")
def choose_password(request: Request, token: str, fields: Fields) -> Response:
    site: Site = request.app.state.site
    form = Form(fields)
    password = fields.get("password", "")
    with visiting(request) as visit:
        person = invitations.invited(visit.uow, token)
        name = _name(visit, person)
        if not password:
            form.faults["password"] = visit.texts(N_("Choose a password."))
        elif fields.get("again", "") != password:
            form.faults["again"] = visit.texts(N_("The two passwords differ. Write the same one twice."))
        if not form.ok:
            return _welcome(visit, person, form, 422)
        try:
            kept = hashed(password, person, name)
        except WeakPassword as error:
            form.faults["password"] = visit.texts(error.message, **error.facts)
            return _welcome(visit, person, form, 422)
    with unit_of_work(site.app.store, site.app.clock(), person, site.app.mail) as uow:
        invitations.accept(uow, token, kept)
        sessions.sign_out(uow, request.cookies.get(site.cookie, ""))
        begun = sessions.begin(uow, person)
    with visiting(request) as visit:
        return _with_session(visit, begun, "/")


def _welcome(visit: Visit, person: str, form: Form, status: int) -> Response:
    facts: dict[str, Any] = {"invited": person, "name": _name(visit, person), "shortest": SHORTEST}
    return visit.page("welcome.html.j2", status, form=form, **facts)


def _name(visit: Visit, person: str) -> str:
    return person_names(visit.uow.session).get(person) or person


def _with_session(visit: Visit, token: str, path: str) -> Response:
    answer, site = visit.to(path), visit.site
    answer.set_cookie(site.cookie, token, path="/", secure=site.secure, httponly=True, samesite="lax")
    return answer


def _own(path: str) -> str:
    """The path, if it leads to one of our own pages."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if safe else "/"


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
