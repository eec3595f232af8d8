"""A personal number never gets into the log; a name there is warned of. The numbers are the tax agency's for tests."""

from datetime import date
from pathlib import Path

import pytest

from tests.support.installed import Arshjul, Word, at
from wheel.audit.personal_numbers import has_personal_number

TODAY = date(2027, 3, 1)
ADMIN = ("--actor", "admin")


@pytest.mark.parametrize(
    "text",
    [
        "890201-3286",
        "Enligt 8902013286 ska det",
        "19890201-3286",
        "198902013286.",
        "pnr:890201+3286",
        "(890201 3286)",
        "890201 - 3286",
        "890201\u20133286",
        "möte\n890201-3286",
        "890261-3283",  # a coordination number: day 61
        "19890261-3283",
        "20040229-2395",
    ],
)
def test_a_personal_number_is_found_however_it_is_written(text: str) -> None:
    assert has_personal_number(text, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "890201-3287",  # the check digit is wrong
        "890231-3280",  # no such day
        "20890201-3286",  # not born yet
        "556036-0793",  # of a company
        "KS 2026/300",
        "2027-02-24",
        "https://example.se/protokoll/8902013286.pdf",
        "a8902013286b",
        "1890201-32861",
        "8902013286123456",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert not has_personal_number(text, TODAY)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Arshjul:
    home = Arshjul(tmp_path_factory.mktemp("made") / "home")
    home.done("init", "--practice", now=at("2026-11-02", "08:00"))
    home.done("open", "2028", *ADMIN, now=at("2026-11-02"))
    home.now = at("2026-11-05")
    return home


DECISION = ("--body", "ks", "--date", "2026-11-04", "--paragraph", "201", "--outcome", "adopted")
NUMBER = "Enligt 890201-3286"


@pytest.mark.parametrize(
    "words",
    [
        ("hold", "2028/tidsplan", "--reason", NUMBER),
        ("move-deadline", "2028/tidsplan", "2026-12-01", "--reason", NUMBER),
        ("advance", "2028/tidsplan", "decide", *DECISION, "--diary", NUMBER),
        ("advance", "2028/tidsplan", "decide", *DECISION, "--diary", "KS 2026/3", "--text", NUMBER),
        ("advance", "2028/tidsplan", "decide", *DECISION, "--diary", "KS 2026/3", "--detail", f"reservations={NUMBER}"),
        ("meetings", "add", "ks", "2028-01-13", "--reason", NUMBER),
        ("outbox", "hold", "--reason", NUMBER),
        ("people", "add", "198902013286", "--name", "Ny"),
    ],
    ids=" ".join,
)
def test_no_act_takes_a_personal_number_into_the_log(home: Arshjul, words: tuple[Word, ...]) -> None:
    before = home.tables()
    for language, word in (("sv", "personnummer"), ("en", "personal number")):
        answer = home(*words, *ADMIN, "--lang", language)
        assert (answer.code, answer.document["error"]) == (2, "usage")
        assert word in answer.document["message"]
    assert home.tables() == before


def test_nor_does_a_new_home(tmp_path: Path) -> None:
    home = Arshjul(tmp_path / "home")
    assert home("init", "--admin", "198902013286").code == 2
    assert not home.home.exists()


@pytest.mark.parametrize(
    ("reason", "people"),
    [
        ("Asta Provberg är sjuk", ["ks-officer"]),
        ("ASTA PROVBERGS önskan", ["ks-officer"]),
        ("Frågan väntar på Provberg och Mallgren", ["ks-chair", "ks-officer"]),
        ("Kommunstyrelsen väntar på Ekonomikontoret", []),
        ("Provbergslagen gäller", []),
    ],
)
def test_a_known_persons_name_in_the_text_is_warned_of(home: Arshjul, reason: str, people: list[str]) -> None:
    done = home.done("hold", "2028/tidsplan", "--reason", reason, *ADMIN, "--dry-run")
    named = [warning["message"] for warning in done["warnings"] if warning["rule"] == "name"]
    assert len(named) == (1 if people else 0)
    assert all(id in named[0] for id in people)


@pytest.mark.parametrize("words", [("hold", "2028/tidsplan"), ("outbox", "hold")])
def test_people_read_the_warning_after_every_verb(home: Arshjul, words: tuple[Word, ...]) -> None:
    code, said, _ = home.text(*words, "--reason", "Asta Provberg", *ADMIN, "--dry-run")
    assert (code, "ks-officer" in said) == (0, True)


def test_an_id_made_from_a_name_is_warned_of(home: Arshjul) -> None:
    add = ("people", "add", "--name", "Anna Ekström", *ADMIN, "--dry-run")
    assert [warning["rule"] for warning in home.done(*add, "anna.ekstrom")["warnings"]] == ["name"]
    assert home.done(*add, "ekonom-7")["warnings"] == []
    assert home.done("people", "add", "ekonom-8", "--name", "Ekonom 2", *ADMIN, "--dry-run")["warnings"] == []
