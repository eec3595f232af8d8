"""A board's page: what it hands in, its dates, its meetings, its contacts."""

import re

import pytest
from httpx import Client

from tests.support.installed import Arshjul, at
from tests.support.site import Site, site
from tests.wheel.web.conftest import JUNE

PAGE = "/namnd/socialnamnden"
ROW = re.compile(r'<tr data-plan="([^"]+)" data-state="[^"]+" data-status="([^"]+)"')
ARC = re.compile(r'<path [^>]*data-plan="([^"]+)"')


def page(browser: Client, path: str = PAGE) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_it_lists_what_the_board_hands_in_with_the_status_of_each(begun_pages: Site, begun: Arshjul) -> None:
    listed = {plan["address"]: plan["status"] for plan in begun.done("plans", now=at("2027-06-01"))["plans"]}
    with begun_pages.signed_in("admin") as browser:
        rows = dict(ROW.findall(page(browser)))
    assert rows == {plan: listed[plan] for plan in rows}
    assert rows["2027/delarsrapport-april/socialnamnden"] == "overdue"
    assert all(plan.endswith("/socialnamnden") for plan in rows)


def test_its_own_wheel_has_its_own_plans_alone(begun_pages: Site) -> None:
    with begun_pages.signed_in("admin") as browser:
        arcs = ARC.findall(page(browser))
    assert arcs
    assert all(plan.endswith("/socialnamnden") for plan in arcs)


def test_it_names_the_next_dates_and_meetings(begun_pages: Site) -> None:
    """The first hand-in after 1 June, and the board's next meeting."""
    with begun_pages.signed_in("admin") as browser:
        text = page(browser, f"{PAGE}?lang=en")
    assert "12 September 2027" in text.partition("Next dates")[2].partition("</section>")[0]
    assert "Thursday 10 June 2027 (week 23)" in text.partition("Next meetings")[2].partition("</section>")[0]


def test_contacts_are_for_those_who_have_signed_in(begun: Arshjul, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARSHJUL_WEB__PUBLIC", "true")
    people = begun.done("people", "list", "--body", "socialnamnden", now=at("2027-06-01"))["people"]
    with site(begun.home, lambda: JUNE) as pages:
        with pages.signed_in("admin") as browser:
            inside = page(browser)
        with pages.browser() as stranger:
            outside = page(stranger)
    assert people
    for person in people:
        assert person["name"] in inside
        assert person["email"] in inside
        assert person["email"] not in outside
    assert "Kontakter" not in outside
    assert not re.search(r"2028/[a-z]", outside)  # a draft


def test_a_public_wheel_shows_a_stranger_no_draft(begun: Arshjul, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARSHJUL_WEB__PUBLIC", "true")
    with site(begun.home, lambda: JUNE) as pages:
        with pages.signed_in("admin") as browser:
            assert {plan.partition("/")[0] for plan in ARC.findall(page(browser, "/2027"))} == {"2027", "2028"}
        with pages.browser() as stranger:
            assert {plan.partition("/")[0] for plan in ARC.findall(page(stranger, "/2027"))} == {"2027"}
            assert "2028/" not in page(stranger, "/2027/hjul.svg")


@pytest.mark.parametrize("path", ["/namnd/trollnamnden", "/namnd/socialnamnden?ar=1999"])
def test_an_unknown_board_is_no_page(begun_pages: Site, path: str) -> None:
    with begun_pages.signed_in("admin") as browser:
        assert browser.get(path).status_code == 404
