"""Läget: the boards down, their hand-ins across."""

import re

import pytest
from httpx import Client

from tests.support.installed import Arshjul, at
from tests.support.site import SetClock, Site, site
from tests.wheel.web.conftest import JUNE

PAGE = "/2027/laget"
WITHDRAWN = "2027/delarsrapport-april/valnamnden"
CELL = re.compile(r'data-plan="([^"]+)" data-state="[^"]+" data-status="([^"]+)"')


def cells(browser: Client, path: str = PAGE) -> dict[str, str]:
    """The status of each plan on the page."""
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return dict(CELL.findall(answer.text))


def test_every_cell_has_the_status_of_its_plan(begun_pages: Site, begun: Arshjul) -> None:
    listed = {plan["address"]: plan["status"] for plan in begun.done("plans", now=at("2027-06-01"))["plans"]}
    with begun_pages.signed_in("admin") as browser:
        shown = cells(browser)
    assert shown == {plan: listed[plan] for plan in shown}
    assert {plan.rpartition("/")[0] for plan in shown} == {
        "2027/verksamhetsplan", "2027/delarsrapport-april", "2027/delarsrapport-augusti",
        "2028/namndforslag", "2028/uppdragsdialog", "2028/verksamhetsplan",
    }  # fmt: skip


def test_what_is_late_says_by_how_many_days_and_leads_to_its_plan(begun_pages: Site) -> None:
    """The boards' reports of April had to leave their first state on 10 May."""
    with begun_pages.signed_in("admin") as browser:
        swedish = browser.get(PAGE).text
        english = browser.get(PAGE, params={"lang": "en"}).text
    link = 'href="/plan/2027/delarsrapport-april/socialnamnden"'
    assert "22 dagar försenad" in swedish[swedish.index(link) :].partition("</a>")[0]
    assert "22 days overdue" in english[english.index(link) :].partition("</a>")[0]
    assert "8 försenade" in swedish
    assert "8 hand-ins overdue" in english


def test_the_foot_counts_the_boards_that_take_part(begun_pages: Site) -> None:
    with begun_pages.signed_in("admin") as browser:
        foot = browser.get(f"{PAGE}?cykel=2027").text.partition("<tfoot>")[2].partition("</tfoot>")[0]
    assert re.findall(r"\d av \d", foot) == ["0 av 8", "0 av 9"]  # the plans of 2027 were before the introduction


def test_only_late_leaves_out_the_rest(begun_pages: Site) -> None:
    with begun_pages.signed_in("admin") as browser:
        shown = cells(browser, f"{PAGE}?sena=ja")
        none = browser.get("/2029/laget?sena=ja&lang=en").text
    assert set(shown.values()) == {"overdue"}
    assert {plan.split("/")[1] for plan in shown} == {"delarsrapport-april"}
    assert "Nothing is late." in none


def test_one_cycle_alone(begun_pages: Site) -> None:
    with begun_pages.signed_in("admin") as browser:
        both, one = cells(browser), cells(browser, f"{PAGE}?cykel=2028")
    assert {plan.partition("/")[0] for plan in both} == {"2027", "2028"}
    assert one == {plan: status for plan, status in both.items() if plan.startswith("2028/")}


def test_a_stranger_is_sent_to_the_door(begun_pages: Site) -> None:
    with begun_pages.browser() as browser:
        answer = browser.get(PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/logga-in?next=%2F2027%2Flaget")


def test_a_stranger_of_a_public_wheel_sees_no_draft(
    begun: Arshjul, begun_pages: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARSHJUL_WEB__PUBLIC", "true")
    with site(begun.home, lambda: JUNE) as pages, pages.browser() as stranger:
        seen = cells(stranger)
    assert {plan.partition("/")[0] for plan in seen} == {"2027"}
    with begun_pages.signed_in("admin") as browser:
        assert "draft" in cells(browser).values()


def test_a_past_day_shows_what_was_late_then(begun_pages: Site) -> None:
    with begun_pages.signed_in("admin") as browser:
        assert cells(browser)[WITHDRAWN] == "withdrawn"
        assert cells(browser, f"{PAGE}?den=2027-05-19")[WITHDRAWN] == "overdue"


@pytest.mark.parametrize("path", ["/1999/laget", "/2100/laget"])
def test_a_year_without_dates_is_no_page(begun_pages: Site, path: str) -> None:
    with begun_pages.signed_in("admin") as browser:
        assert browser.get(path).status_code == 404


def test_a_year_without_hand_ins_says_so(begun_pages: Site) -> None:
    with begun_pages.signed_in("admin") as browser:
        assert "No board hands in anything in 2060." in browser.get("/2060/laget?lang=en").text


def test_nobody_has_handed_in_what_was_before_the_introduction(home: Arshjul, clock: SetClock) -> None:
    home.done("open", "2027", "--actor", "admin", now=at("2026-12-01"))
    clock.now = clock.now.replace(year=2026, month=12, day=2)
    with site(home.home, clock) as pages, pages.signed_in("admin") as admin:
        foot = admin.get("/2026/laget").text.partition("<tfoot>")[2].partition("</tfoot>")[0]
    assert re.findall(r"<td>(.*?)</td>", foot) == ["–", "–", "<strong>0 av 9</strong>"]
