"""Kalender: deadlines and meetings by month, with week numbers and days off."""

import re

import pytest
from httpx import Client

from tests.support.installed import Arshjul, at
from tests.support.site import Site, site
from tests.wheel.web.conftest import JUNE

DEADLINE = re.compile(r'data-plan="([^"]+)" data-state="([^"]+)" data-status="([^"]+)"')


def page(browser: Client, **query: str) -> str:
    answer = browser.get("/kalender", params=query)
    assert answer.status_code == 200, answer.text
    return answer.text


def day(text: str, iso: str) -> str:
    """The lines of that day."""
    found = text.partition(f'<time datetime="{iso}">')
    assert found[1], f"no {iso}"
    return found[2].partition("</li>")[0]


def test_a_day_has_its_week_its_deadlines_and_how_far_the_boards_are(begun_pages: Site) -> None:
    with begun_pages.signed_in("admin") as browser:
        tenth = day(page(browser), "2027-05-10")
    assert "v. 19" in tenth
    assert DEADLINE.findall(tenth) == [("2027/delarsrapport-april", "opened", "overdue")]
    assert "22 dagar försenad" in tenth
    assert "0 av 8 nämnder" in tenth  # one is withdrawn


def test_a_line_of_all_boards_has_the_words_of_most(begun_pages: Site) -> None:
    """The executive board's own operational plan follows another workflow."""
    with begun_pages.signed_in("admin") as browser:
        last = day(page(browser, lang="en"), "2027-12-31")
    assert "The board decides the operational plan" in last
    assert "The executive board decides" not in last


def test_one_body_sees_its_own_plans_and_meetings(begun_pages: Site) -> None:
    with begun_pages.signed_in("admin") as browser:
        text = page(browser, namnd="socialnamnden", lang="en")
    assert ("2027/delarsrapport-april/socialnamnden", "opened", "overdue") in DEADLINE.findall(text)
    assert {plan.rpartition("/")[2] for plan, _, _ in DEADLINE.findall(text)} == {"socialnamnden"}
    meetings = re.findall(r"Meeting:</strong> ([^<]+)<", text)
    assert set(meetings) == {"The social board"}


def test_one_cycle_has_its_own_deadlines_alone(begun_pages: Site) -> None:
    with begun_pages.signed_in("admin") as browser:
        text = page(browser, cykel="2028", lang="en")
    assert {plan.partition("/")[0] for plan, _, _ in DEADLINE.findall(text)} == {"2028"}
    assert "Meeting:" not in text


def test_a_day_off_is_grey_and_named(begun_pages: Site) -> None:
    """Ascension Day of 2027."""
    with begun_pages.signed_in("admin") as browser:
        text = page(browser, lang="en")
    assert "day off" in day(text, "2027-05-06")
    assert 'class="day off"' in text.partition('datetime="2027-05-06"')[0].rpartition("<li")[2]


def test_a_moved_deadline_is_struck_through_once(begun_pages: Site, begun: Arshjul) -> None:
    moved = "2027/delarsrapport-augusti/socialnamnden"
    begun.done(
        "move-deadline", moved, "2027-09-17", "--actor", "admin", "--reason", "Nytt system", now=at("2027-06-01")
    )
    with begun_pages.signed_in("admin") as browser:
        text = page(browser, namnd="socialnamnden")
    assert text.count("<s>") == 1
    assert "<s>12 sep</s>" in day(text, "2027-09-17")


def test_a_past_day_shows_the_calendar_of_then(begun_pages: Site) -> None:
    with begun_pages.signed_in("admin") as browser:
        text = page(browser, den="2027-05-19")
    assert "9 dagar försenad" in day(text, "2027-05-10")
    assert "0 av 9 nämnder" in day(text, "2027-05-10")


def test_another_language_and_today_keep_what_was_chosen(begun_pages: Site) -> None:
    with begun_pages.signed_in("admin") as browser:
        text = page(browser, namnd="socialnamnden", den="2027-05-19")
    assert 'href="?namnd=socialnamnden&amp;den=2027-05-19&amp;lang=en"' in text
    assert 'href="?namnd=socialnamnden"' in text


def test_an_unknown_body_is_named(begun_pages: Site) -> None:
    with begun_pages.signed_in("admin") as browser:
        answer = browser.get("/kalender?namnd=trollnamnden")
    assert answer.status_code == 404
    assert "trollnamnden" in answer.text


def test_an_empty_year_says_so(begun_pages: Site) -> None:
    with begun_pages.signed_in("admin") as browser:
        assert "Nothing is dated in 2060." in page(browser, ar="2060", lang="en")


def test_a_stranger_of_a_public_wheel_sees_no_draft(begun: Arshjul, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARSHJUL_WEB__PUBLIC", "true")
    with site(begun.home, lambda: JUNE) as pages, pages.browser() as stranger:
        text = page(stranger)
    assert {plan.partition("/")[0] for plan, _, _ in DEADLINE.findall(text)} == {"2027"}
    assert "<option>2028</option>" not in text
