"""Arbetsflöden: what a plan goes through, as picture and words."""

import html
import re

import pytest
from httpx import Client

from tests.support.installed import Arshjul
from tests.support.site import Site, site
from tests.support.wheelhouse import vanersborg
from tests.wheel.web.conftest import JUNE


def page(browser: Client, path: str) -> str:
    answer = browser.get(path, params={"lang": "en"})
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def test_every_workflow_of_the_wheel_has_its_page(begun_pages: Site) -> None:
    wheel = vanersborg().wheel
    bindings = [binding for phase in wheel.phases.values() for binding in (phase, phase.board) if binding]
    used = {binding.workflow for binding in bindings}
    used -= {"inriktningsmal", "budgetfaststallelse"}  # of a mandate period and of a year after an election
    with begun_pages.signed_in("admin") as browser:
        listed = set(re.findall(r'href="/floden/([\w-]+)"', page(browser, "/floden")))
        assert used <= listed
        for workflow in listed:
            page(browser, f"/floden/{workflow}")


def test_the_plan_of_goals_and_resources_in_words(begun_pages: Site) -> None:
    """R2, R3 and R4 hold the council's decision; its dates are those of the newest cycle."""
    with begun_pages.signed_in("admin") as browser:
        text = page(browser, "/floden/mrp")
    assert "by 31 May 2027" in text
    assert "Before it “Instructions and frames” has come to “Decided”." in text
    assert "Before it every board has come to “Carried out” in" in text
    assert "It is taken between 1 June 2027 and 30 June 2027." in text
    assert "(R2, § 1.2: refuses, can be passed over with a reason)" in text
    assert "7 working days before" in text
    assert "only where the state is longer than 60 days" in text


def test_a_step_of_the_boards_names_the_board_and_no_single_one(begun_pages: Site) -> None:
    with begun_pages.signed_in("admin") as browser:
        steps = page(browser, "/floden/verksamhetsplan-namnd").partition("The steps")[2]
    assert "The board itself: decision at a meeting." in steps
    assert "education board" not in steps


def test_an_unknown_workflow_is_named(begun_pages: Site) -> None:
    with begun_pages.signed_in("admin") as browser:
        answer = browser.get("/floden/trollflode")
    assert answer.status_code == 404
    assert "trollflode" in answer.text


@pytest.mark.parametrize("path", ["/floden", "/floden/mrp"])
def test_it_is_for_those_who_have_signed_in(begun: Arshjul, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setenv("ARSHJUL_WEB__PUBLIC", "true")
    with site(begun.home, lambda: JUNE) as pages, pages.browser() as stranger:
        assert stranger.get(path).status_code == 303


def test_before_a_cycle_is_open_it_says_so(pages: Site) -> None:
    with pages.signed_in("admin") as browser:
        assert "No cycle is open yet." in page(browser, "/floden")
