"""An official's return is "åter för komplettering", wherever it stands; only a body's is an återremiss."""

from pathlib import Path

import pytest

from tests.support.installed import Arshjul, at

PLAN = "2028/namndforslag/socialnamnden"
ADMIN = ("--actor", "admin")
BOARD = ("--body", "socialnamnden", "--date", "2027-04-22", "--paragraph", "40", "--diary", "SN 2027/7")


@pytest.fixture
def home(tmp_path: Path) -> Arshjul:
    """The board's proposal has been decided, and lies with the budget preparation."""
    home = Arshjul(tmp_path / "home")
    home.done("init", "--practice", "--email", "a@example.se", now=at("2026-11-02"))
    home.done("open", "2028", *ADMIN, now=at("2026-11-02"))
    cited = ("--body", "ks", "--date", "2026-11-04", "--paragraph", "201", "--diary", "KS 2026/300")
    home.done("advance", "2028/tidsplan", "decide", *ADMIN, *cited, "--outcome", "adopted", now=at("2026-11-05"))
    home.done("tick", now=at("2027-03-01", "08:00"))
    home.done("advance", PLAN, "draft", *ADMIN, now=at("2027-04-12"))
    home.done("advance", PLAN, "propose", *ADMIN, *BOARD, "--outcome", "adopted", now=at("2027-04-23"))
    return home


@pytest.mark.parametrize(
    ("language", "returned", "by_a_body"),
    [("sv", "åter för komplettering", "återremi"), ("en", "returned for completion", "sent back")],
)
def test_an_officials_return_has_its_own_word_in_every_list(
    home: Arshjul, language: str, returned: str, by_a_body: str
) -> None:
    act = ("send-back", PLAN, *ADMIN, "--reason", "Siffror saknas")
    home.environment["ARSHJUL_LANG"] = language
    for words in (act, ("show", PLAN), ("plans", "--board", "socialnamnden")):
        _, said, _ = home.said(*words, now=at("2027-04-26"))
        assert returned in said
        assert by_a_body not in said.lower()
    document = home.done("show", PLAN, now=at("2027-04-26"))
    assert (document["status"], document["returned"]) == ("sent_back", True)
