"""Drift for operators, and the two pages that everybody may read without an account."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.installed import Arshjul, at
from tests.support.site import Site

DAY = "2027-02-08"  # of the clock


@pytest.fixture
def operator(pages: Site, home: Arshjul) -> Iterator[httpx.Client]:
    words = ("people", "add", "olof-ohlin", "--name", "Olof Öhlin", "--email", "olof@example.se", "--role", "operator")
    home.done(*words, "--actor", "admin", now=at(DAY, "08:00"))
    with pages.signed_in("olof-ohlin") as browser:
        yield browser


def test_drift_says_what_is_wrong_and_what_to_do(operator: httpx.Client) -> None:
    page = operator.get("/drift").text
    assert 'data-code="daemon_silent"' in page
    assert "Starta tjänsten på servern." in page
    assert "inte igång" in page


def test_drift_says_that_all_is_well_and_when_the_service_ran(operator: httpx.Client, home: Arshjul) -> None:
    home.done("tick", now=at(DAY, "09:00"))
    page = operator.get("/drift").text
    assert "Allt är som det ska." in page
    assert "i dag kl. 9.00" in page
    assert "när tjänsten startas" in page  # a year is practised without a daemon
    assert "SQLite" in page


def test_drift_is_for_operators(pages: Site) -> None:
    with pages.signed_in("admin") as admin, pages.browser() as stranger:
        assert admin.get("/drift").status_code == 403
        assert stranger.get("/drift").status_code == 303


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/tillganglighet", ["delvis är förenlig med lagen", "Digg", "Vad som inte har prövats"]),
        ("/sakerhet", ["Om du har hittat en sårbarhet", "SECURITY.md"]),
    ],
)
def test_everybody_reads_the_statements_in_both_languages(pages: Site, path: str, said: list[str]) -> None:
    with pages.browser() as stranger:
        page = stranger.get(path)
        english = stranger.get(path, params={"lang": "en"})
    assert (page.status_code, english.status_code) == (200, 200)
    assert [each for each in said if each not in page.text] == []
    assert '<html lang="en">' in english.text
    assert "Kontakta" not in english.text.partition("<main")[2].partition("</main>")[0]
