"""Att göra: the tasks of each person, the most urgent first."""

import re

import httpx
import pytest

from tests.support.installed import Arshjul, at
from tests.support.site import SetClock, Site

ADMIN = ("--actor", "admin")


@pytest.fixture
def home(home: Arshjul) -> Arshjul:
    home.done("open", "2028", *ADMIN, now=at("2026-11-02"))
    cited = ("--decision", "KS 2026-11-25 § 201, dnr KS 2026/300", "--outcome", "adopted")
    home.done("advance", "2028/tidsplan", "decide", *ADMIN, *cited, now=at("2026-11-26"))
    home.done("tick", now=at("2027-03-25", "08:00"))
    return home


def shown(browser: httpx.Client) -> dict[str, list[str]]:
    """The plans of each group."""
    page = browser.get("/att-gora").text
    groups = re.split(r'<section class="card" aria-labelledby="(\w+)">', page)
    named = zip(groups[1::2], groups[2::2], strict=True)
    return {name: re.findall(r'<li data-plan="([^"]+)"', body) for name, body in named}


def test_a_boards_officer_sees_the_boards_tasks_and_no_others(home: Arshjul, pages: Site, clock: SetClock) -> None:
    clock.now = clock.now.replace(month=3, day=25)
    with pages.signed_in("socialnamnden-officer") as officer:
        assert shown(officer)["snart"] == ["2028/namndforslag/socialnamnden"]
        assert 'href="/plan/2028/namndforslag/socialnamnden/klar"' in officer.get("/att-gora").text
    home.done("tick", now=at("2027-04-01", "08:00"))
    clock.now = clock.now.replace(month=4, day=1)
    with pages.signed_in("socialnamnden-officer") as officer:
        assert shown(officer)["forsenat"] == ["2028/namndforslag/socialnamnden"]
        assert "1 dag försenad" in officer.get("/att-gora").text


def test_an_administrator_sees_what_any_body_owes(pages: Site, clock: SetClock) -> None:
    clock.now = clock.now.replace(month=3, day=25)
    with pages.signed_in("admin") as admin:
        found = shown(admin)
    assert "2028/ramar" in found["snart"]
    assert "2028/namndforslag/byggnadsnamnden" in found["snart"]


def test_whoever_has_nothing_to_do_reads_what_comes_next(home: Arshjul, pages: Site) -> None:
    home.done("people", "add", "lasare-1", "--role", "reader", *ADMIN, now=at("2027-02-08"))
    with pages.signed_in("socialnamnden-officer") as officer, pages.signed_in("lasare-1") as reader:
        assert "Du har inget att göra just nu." in reader.get("/att-gora").text
        assert officer.get("/att-gora").status_code == 200
    with pages.browser() as stranger:
        assert stranger.get("/att-gora").headers["location"] == "/logga-in?next=%2Fatt-gora"
