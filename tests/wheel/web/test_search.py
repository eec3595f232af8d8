"""Sök: plans, decisions and the log, and never more than the visitor may read."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import httpx
import pytest
from sqlalchemy import event

from tests.support.installed import Arshjul, at
from tests.support.site import SetClock, Site, site

NOW = datetime(2027, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def decided_home(new_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The timetable of 2028 is decided; that of 2029 is a draft."""
    folder = tmp_path_factory.mktemp("decided") / "home"
    copytree(new_home, folder)
    decided = Arshjul(folder)
    decided.done("open", "2028", "--actor", "admin", now=at("2026-11-02"))
    decided.done("open", "2029", "--actor", "admin", now=at("2026-11-02"))
    reference = (
        "--decision",
        "KS 2026-11-04 § 12, dnr KS 2026/300",
        "--outcome",
        "adopted",
        "--text",
        "Efter votering.",
    )
    decided.done("advance", "2028/tidsplan", "decide", *reference, "--actor", "admin", now=at("2026-11-05"))
    return folder


@pytest.fixture
def home(decided_home: Path, tmp_path: Path, free_port: None) -> Arshjul:
    copytree(decided_home, tmp_path / "home")
    return Arshjul(tmp_path / "home")


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def admin(pages: Site) -> Iterator[httpx.Client]:
    with pages.signed_in("admin") as browser:
        yield browser


@pytest.fixture
def stranger(home: Arshjul, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    monkeypatch.setenv("ARSHJUL_WEB__PUBLIC", "true")
    with site(home.home, clock) as served, served.browser() as browser:
        yield browser


def plans(browser: httpx.Client, words: str) -> list[str]:
    page = browser.get("/sok", params={"q": words})
    assert page.status_code == 200
    return re.findall(r'data-plan="([^"]+)"', page.text)


@pytest.mark.parametrize(
    "words", ["socialnämnden verksamhetsplan 2028", "VERKSAMHETSPLAN 2028 Social", "2028 operational social"]
)
def test_a_plan_is_found_by_its_words_in_any_order_case_and_language(admin: httpx.Client, words: str) -> None:
    assert plans(admin, words) == ["2028/verksamhetsplan/socialnamnden"]


@pytest.mark.parametrize("words", ["KS 2026-11-04", "ks § 12", "KS 2026/300", "efter votering"])
def test_a_decision_is_found_by_its_reference_and_text(admin: httpx.Client, words: str) -> None:
    page = admin.get("/sok", params={"q": words}).text
    assert 'href="/plan/2028/tidsplan"' in page.partition('id="beslut"')[2].partition("</section>")[0]
    assert "Efter votering." in page


def test_whoever_may_read_the_log_finds_its_entries(admin: httpx.Client) -> None:
    page = admin.get("/sok", params={"q": "cycle.opened"}).text
    assert "Cykeln öppnad" in page.partition('id="logg"')[2]


def test_a_stranger_finds_no_draft_no_text_no_diary_number_and_no_log(stranger: httpx.Client) -> None:
    assert plans(stranger, "verksamhetsplan social") == ["2028/verksamhetsplan/socialnamnden"]
    found = stranger.get("/sok", params={"q": "KS 2026-11-04"}).text
    assert "KS 2026-11-04 § 12" in found
    assert "Efter votering" not in found
    assert "KS 2026/300" not in found
    for words in ("efter votering", "2026/300", "cycle.opened", "admin"):
        assert "Inget har alla sökorden." in stranger.get("/sok", params={"q": words}).text


def test_a_search_says_what_was_asked_and_one_that_finds_nothing_what_to_try(admin: httpx.Client) -> None:
    page = admin.get("/sok", params={"q": '<b>"sjö'}).text
    assert "Inget har alla sökorden." in page
    assert 'value="&lt;b&gt;&#34;sjö"' in page
    assert "Inget har" not in admin.get("/sok").text


def test_without_an_account_nothing_is_searched_where_the_pages_are_not_public(pages: Site) -> None:
    with pages.browser() as browser:
        assert browser.get("/sok?q=2028").headers["location"].startswith("/logga-in?next=")


def test_a_search_asks_the_database_few_questions(admin: httpx.Client, pages: Site) -> None:
    asked: list[str] = []
    event.listen(pages.app.store.engine, "before_cursor_execute", lambda *each: asked.append(each[2]))
    admin.get("/sok", params={"q": "ks"})
    assert len(asked) <= 40
