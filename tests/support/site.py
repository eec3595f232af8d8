"""A home whose pages are served, and browsers without a screen: `httpx` with the cookies of one person."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event

import httpx

from wheel.accounts.invitations import accept, invite
from wheel.accounts.passwords import hashed
from wheel.accounts.tokens import new_token
from wheel.app import App, build
from wheel.clocks import Clock
from wheel.engine.request_and_result import Request
from wheel.engine.unit_of_work import unit_of_work
from wheel.home.folder import HomeFolder
from wheel.web.server import serving

PASSWORD = "en hemlighet om hjul"


@dataclass
class SetClock:
    """A clock that the test sets."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Site:
    """`address`: with the prefix of the path, if there is one."""

    app: App
    address: str

    def browser(self, **headers: str) -> httpx.Client:
        """A browser in which nobody has signed in. It says where its forms come from, as browsers do."""
        return httpx.Client(
            base_url=self.address, headers={"Sec-Fetch-Site": "same-origin", **headers}, timeout=60, trust_env=False
        )

    def invitation(self, person: str) -> str:
        """The path of a link for the person."""
        token = new_token()
        with unit_of_work(self.app.store, self.app.clock(), "admin", self.app.mail) as uow:
            invite(uow, Request("admin", self.app.clock()), person, token)
        return f"/valkommen/{token}"

    def account(self, person: str) -> None:
        """Give the person an account with PASSWORD."""
        token = self.invitation(person).removeprefix("/valkommen/")
        with unit_of_work(self.app.store, self.app.clock(), person, self.app.mail) as uow:
            accept(uow, token, hashed(PASSWORD))

    @contextmanager
    def signed_in(self, person: str) -> Iterator[httpx.Client]:
        """A browser of that person, with an account that is made for it."""
        self.account(person)
        with self.browser() as browser:
            answer = browser.post("/logga-in", data={"name": person, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
            yield browser


@contextmanager
def site(home: Path, clock: Clock, database: str | None = None) -> Iterator[Site]:
    """The pages of that home, served on a free port of this machine."""
    app = build(HomeFolder(home), database, clock=clock)
    try:
        with serving(app, Event()) as address:
            yield Site(app, address)
    finally:
        app.close()
