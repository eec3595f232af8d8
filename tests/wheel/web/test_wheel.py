"""Hjulet: the drawing and the table beside it, its days, and who sees what."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.support.installed import Arshjul, at
from tests.support.site import SetClock, Site, site
from wheel.web import visit

ADMIN = ("--actor", "admin")
ARC = re.compile(r'<path [^>]*data-plan="([^"]+)" data-state="([^"]+)" data-status="([^"]+)"')
ROW = re.compile(r'<tr data-plan="([^"]+)" data-state="([^"]+)" data-status="([^"]+)"')


@pytest.fixture
def home(home: Arshjul) -> Arshjul:
    """2028 has a timetable; 2029 is a draft."""
    home.done("open", "2028", *ADMIN, now=at("2026-11-02"))
    cited = ("--decision", "KS 2026-11-25 § 201, dnr KS 2026/300", "--outcome", "adopted")
    home.done("advance", "2028/tidsplan", "decide", *ADMIN, *cited, now=at("2026-11-26"))
    home.done("tick", now=at("2027-02-08", "08:00"))
    return home


@pytest.fixture
def admin(pages: Site) -> Iterator[httpx.Client]:
    with pages.signed_in("admin") as browser:
        yield browser


def test_the_first_page_is_this_years_wheel(admin: httpx.Client) -> None:
    first = admin.get("/")
    assert (first.status_code, first.headers["location"]) == (302, "/2027")


def test_every_arc_is_a_row_and_every_row_an_arc_with_the_status_of_the_console(
    home: Arshjul, admin: httpx.Client
) -> None:
    page = admin.get("/2027").text
    arcs, rows = ARC.findall(page), ROW.findall(page)
    assert len(arcs) > 10
    assert sorted(arcs) == sorted(rows)
    assert len(set(arcs)) == len(arcs)
    told = {plan["address"]: plan for plan in home.done("plans", now=at("2027-02-08"))["plans"]}
    here = [(plan, status) for plan, state, status in arcs if told[plan]["state"] == state]
    assert here
    assert {told[plan]["status"] for plan, _ in here} == {status for _, status in here}


def test_a_past_day_is_shown_as_it_was(admin: httpx.Client) -> None:
    then = admin.get("/2027?den=2027-01-15")
    assert "Så här var det vid slutet av 15 januari 2027." in then.text
    assert ("2028/ramar", "draft", "upcoming") in ARC.findall(then.text)  # the service opened it later
    moved = admin.get("/2027?dag=15")
    assert (moved.status_code, moved.headers["location"]) == (303, "/2027?den=2027-01-15")
    assert admin.get("/2027?den=2027-02-09").status_code == 422


@pytest.mark.parametrize(("path", "status"), [("/1999", 404), ("/2100", 404), ("/2031", 200), ("/2027/hjul.svg", 200)])
def test_years_without_a_cycle_are_empty_and_others_do_not_exist(admin: httpx.Client, path: str, status: int) -> None:
    assert admin.get(path).status_code == status


def test_a_draft_is_for_those_who_work_on_it(home: Arshjul, pages: Site, clock: SetClock) -> None:
    home.done("open", "2029", *ADMIN, now=at("2027-02-08"))
    home.done("people", "add", "lasare-1", "--role", "reader", *ADMIN, now=at("2027-02-08"))
    with pages.signed_in("admin") as admin, pages.signed_in("lasare-1") as reader:
        assert "2029/" in admin.get("/2028").text
        assert "2029/" not in reader.get("/2028").text
        assert "2028/ramar" in reader.get("/2027").text
        assert reader.get("/plan/2029/ramar").status_code == 404
    home.settings(public=True)
    with site(home.home, clock) as public, public.browser() as stranger:
        page = stranger.get("/2027")
        assert page.status_code == 200
        assert "2028/ramar" in page.text
        assert "2029/" not in stranger.get("/2028").text


def test_the_same_wheel_is_the_same_file(admin: httpx.Client) -> None:
    files = [admin.get("/2027/hjul.svg?size=poster") for _ in range(2)]
    assert files[0].content == files[1].content
    assert files[0].headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    ("ending", "kind", "begins"),
    [("svg", "image/svg+xml", b"<svg"), ("png", "image/png", b"\x89PNG"), ("pdf", "application/pdf", b"%PDF")],
)
def test_the_wheel_is_a_file_too(admin: httpx.Client, ending: str, kind: str, begins: bytes) -> None:
    file = admin.get(f"/2027/hjul.{ending}")
    assert (file.status_code, file.headers["content-type"]) == (200, kind)
    assert file.content.lstrip().startswith(begins)
    assert admin.get(f"/2027/hjul.{ending}?den=2027-01-15").content != file.content


def test_where_too_many_look_at_the_past_at_once_one_is_asked_to_come_again(
    home: Arshjul, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit, "PAST_WAITS", 0.05)  # instead of 5 seconds
    monkeypatch.setattr(visit, "PAST_AT_ONCE", 0)  # others have them all
    with site(home.home, clock) as busy, busy.signed_in("admin") as admin:
        answer = admin.get("/2027?den=2027-01-15")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
        assert admin.get("/2027").status_code == 200


def test_boards_that_are_late_need_action_although_their_phase_does_not(
    home: Arshjul, pages: Site, clock: SetClock
) -> None:
    home.done("tick", now=at("2027-04-12", "08:00"))
    clock.now = clock.now.replace(month=4, day=12)
    with pages.signed_in("admin") as admin:
        page = admin.get("/2027").text
    needs = page[page.index('id="atgard"') : page.index('id="alla"')]
    assert 'href="/plan/2028/namndforslag"' in needs
    assert "Inget är försenat" not in needs
