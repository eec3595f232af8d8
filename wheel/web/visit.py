"""A visit: one request, the person behind it, what they may read, and the database as they see it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from threading import BoundedSemaphore, Lock
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from config.municipality.roles import DAEMON, roles
from config.text.texts import LANGUAGES, Texts
from wheel.accounts import sessions
from wheel.accounts.throttle import Throttle
from wheel.app import App
from wheel.engine.request_and_result import Request as ActRequest
from wheel.engine.unit_of_work import UnitOfWork, unit_of_work
from wheel.engine.verb_preconditions import PRECONDITIONS
from wheel.errors import Usage
from wheel.past.as_of import as_of
from wheel.reads.past_day import end_of
from wheel.reads.registers import person_names, zone_of
from wheel.web.templating import render
from workflows.dates.workdays import YEARS
from workflows.messages import N_

LANGUAGE_COOKIE = "arshjul-lang"
PAST_AT_ONCE = 2  # past days that are put together at the same time: each takes a processor for up to a second
PAST_WAITS = 5.0  # seconds until a visitor is asked to come again


class SignInNeeded(Exception):
    """The page is for people who have signed in."""


class TooMany(Exception):
    """Too many visitors ask for a page that costs much."""


class Forbidden(Exception):
    """The person is signed in and may not see this. `roles`: the labels of those who may."""

    def __init__(self, roles: str) -> None:
        super().__init__(roles)
        self.roles = roles


@dataclass(frozen=True)
class Site:
    """What all visits share. `address`: the public one, without the prefix."""

    app: App
    address: str
    throttle: Throttle = field(default_factory=Throttle)
    past_days: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(PAST_AT_ONCE))
    log_check: Lock = field(default_factory=Lock)  # the whole log is read by one visitor at a time

    @property
    def prefix(self) -> str:
        return self.app.settings.web.path_prefix

    @property
    def secure(self) -> bool:
        return self.address.startswith("https://")

    @property
    def cookie(self) -> str:
        """Only over https a browser accepts the prefix by which no other host can set the cookie."""
        return "__Host-arshjul" if self.secure else "arshjul"

    def url(self, path: str, **query: object) -> str:
        """A link to one of our pages, from its path."""
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        return self.prefix + quote(path, safe="/:@") + (f"?{asked}" if asked else "")


@dataclass
class Visit:
    """`person`: "" for a stranger. `reads`: what the person may read (roles.toml). `at`: the past day that is shown."""

    request: Request
    site: Site
    texts: Texts
    uow: UnitOfWork
    person: str
    name: str
    day: date
    reads: frozenset[str]
    at: date | None = None

    @property
    def app(self) -> App:
        return self.site.app

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(zone_of(self.uow))

    @property
    def menu(self) -> list[tuple[str, str]]:
        """The pages that this person may read: path and label."""
        pages = [
            ("plans", f"/{self.day.year}", N_("The wheel")),
            ("plans", f"/{self.day.year}/laget", N_("Where we are")),
            ("", "/att-gora", N_("To do")),
            ("plans", "/kalender", N_("Calendar")),
            ("log", "/logg", N_("Log")),
            ("mail", "/utskick", N_("Mails")),
            ("health", "/drift", N_("Operation")),
            ("plans", "/sok", N_("Search")),
        ]
        able = self.reads | ({""} if self.person else set())
        return [(path, self.texts(label)) for right, path, label in pages if right in able]

    def is_here(self, path: str) -> bool:
        return self.request.url.path == self.site.prefix + path

    def here(self, **changes: str | None) -> str:
        """A link to this page with another query; None takes a word out of it."""
        asked = {**self.request.query_params, **changes}
        return "?" + urlencode({name: value for name, value in asked.items() if value is not None})

    @property
    def roles(self) -> list[str]:
        """The labels of the person's roles today, with the body of each."""
        found = []
        for held in self.uow.directory.roles_of(self.person):
            if held.on(self.day):
                label = roles()[held.role].label.to(self.texts.language)
                found.append(f"{label} ({held.body})" if held.body else label)
        return found

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone)

    def moment(self, written: str) -> str:
        """An instant of the log by the municipality's clock: 5 november 2026 kl. 7.30"""
        local = self.local(datetime.fromisoformat(written))
        return f"{self.texts.date(local.date())} {self.texts.clock(local)}"

    def when(self, instant: datetime) -> str:
        """`i dag kl. 6.00`, `5 november 2026 kl. 6.00`"""
        local = self.local(instant)
        clock = self.texts.clock(local)
        if local.date() == self.day:
            return self.texts(N_("today at {clock}"), clock=clock)
        return self.texts(N_("{day}, at {clock}"), day=local.date(), clock=clock)

    def page(self, template: str, status: int = 200, **facts: Any) -> HTMLResponse:
        """The page that the template makes of the facts. The browser keeps a language that was asked for."""
        answer = HTMLResponse(render(template, self, **facts), status)
        if (asked := self.request.query_params.get("lang")) in LANGUAGES:
            answer.set_cookie(LANGUAGE_COOKIE, asked, path="/", secure=self.site.secure, httponly=True, samesite="lax")
        return answer

    def may(self, verb: str, bodies: Iterable[str] = ()) -> bool:
        """Whether a role of the person allows the verb, in a matter of these bodies."""
        return bool(self.person) and self.uow.directory.objection(self.person, verb, bodies, self.day) is None

    def ask(self, **terms: Any) -> ActRequest:
        """A request of this person to act now."""
        return ActRequest(self.person, self.app.clock(), **terms)

    def to(self, path: str) -> RedirectResponse:
        """Send the browser to that page after an act, so that reloading repeats nothing. `path`: with its query."""
        return RedirectResponse(self.site.prefix + path, 303)


@contextmanager
def visiting(request: Request, right: str | None = None, at: date | None = None) -> Iterator[Visit]:
    """A visit in a transaction that only reads.

    `right`: what the person must be allowed to read; None for a page that is for everybody, "" for everybody who has
    signed in. Raises SignInNeeded, Forbidden, and Usage for a day `at` that has not come.
    """
    site: Site = request.app.state.site
    token = request.cookies.get(site.cookie, "")
    now = site.app.clock()
    with site.app.store.reading() as session:
        uow = UnitOfWork(session, now, "", site.app.mail, lock=False)
        known = sessions.signed_in(uow, token) if token else None
        person = known.person if known else ""
        day = now.astimezone(ZoneInfo(zone_of(uow))).date()
        may_read = uow.directory.reads(person, day) if person else frozenset(_public(site))
        name = person_names(session).get(person, "") if person else ""
        texts = Texts(_language(request, site, known.language if known else None))
        visit = Visit(request, site, texts, uow, person, name, day, may_read)
        if known and known.stale:
            _note_use(site, token)
        if right is not None:
            _check(visit, right)
        if at is None or at == day:
            yield visit
            return
        end = end_of(at, uow)
        if not site.past_days.acquire(timeout=PAST_WAITS):
            raise TooMany
        try:
            with as_of(site.app.store, end) as past, past.reading() as then:
                visit.uow, visit.at = UnitOfWork(then, end, "", site.app.mail, lock=False), at
                yield visit
        finally:
            site.past_days.release()


def _public(site: Site) -> Iterable[str]:
    return ("plans",) if site.app.settings.web.public else ()


def _check(visit: Visit, right: str) -> None:
    if not visit.person and right not in visit.reads:
        raise SignInNeeded
    if right and right not in visit.reads:
        raise Forbidden(labels_of_roles(visit.texts, reads=right))


def labels_of_roles(t: Texts, *, reads: str = "", does: str = "") -> str:
    """The roles that may read that, or carry out that verb, in words."""
    right = PRECONDITIONS[does].right if does else ""
    able = [rule for rule in roles().values() if reads in rule.reads or right in rule.anywhere | rule.own]
    return ", ".join(rule.label.to(t.language) for rule in able if rule is not roles()[DAEMON])


def _language(request: Request, site: Site, own: str | None) -> str:
    """The one that is asked for, otherwise the browser's last choice, the person's, or the home's."""
    choices = (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE), own)
    return next((each for each in choices if each in LANGUAGES), site.app.settings.lang)


def _note_use(site: Site, token: str) -> None:
    with unit_of_work(site.app.store, site.app.clock(), "", site.app.mail) as uow:
        sessions.seen(uow, token)


def parse_day(text: str | None) -> date | None:
    """A day of the address, `2027-03-08`. Raises Usage."""
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Usage(N_("{text} is not a day. Write it like this: 2027-03-08."), text=text) from None
    if found.year not in YEARS:
        message = N_("{value} is or reaches outside the known years {first} to {last}.")
        raise Usage(message, value=text, first=YEARS[0], last=YEARS[-1])
    return found
