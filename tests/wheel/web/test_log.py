"""Loggen: what has happened in sentences, whether the chain is whole, and each entry as it is stored."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree

import httpx
import pytest
from sqlalchemy import event

from tests.support.installed import Arshjul, at
from tests.support.site import SetClock, Site

NOW = datetime(2027, 2, 25, 9, 0, tzinfo=UTC)
DECIDED = "Kommunstyrelsen fastställer anvisningar och ramar. KS 2027-02-24 § 31, KS 2026/300: enligt förslaget."


@pytest.fixture(scope="session")
def lived_home(new_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cycle whose timetable and frames are decided: 150 entries, most of them about notices and mails."""
    folder = tmp_path_factory.mktemp("lived") / "home"
    copytree(new_home, folder)
    lived = Arshjul(folder)
    lived.done("open", "2028", "--actor", "admin", now=at("2026-11-02"))
    lived.done("tick", now=at("2026-11-03"))
    decision = ("--outcome", "adopted", "--actor", "admin")
    reference = "KS 2026-11-04 § 12, dnr KS 2026/300"
    lived.done("advance", "2028/tidsplan", "decide", "--decision", reference, *decision, now=at("2026-11-05"))
    lived.done("tick", now=at("2027-01-04"))
    frames = ("advance", "2028/ramar", "decide", "--decision", "KS 2027-02-24 § 31, dnr KS 2026/300")
    lived.done("tick", "--confirm", "--actor", "admin", now=at("2027-02-02"))
    lived.done(*frames, *decision, "--anyway", "--reason", "Underlaget är <b>klart</b>.", now=at("2027-02-25"))
    return folder


@pytest.fixture
def home(lived_home: Path, tmp_path: Path, free_port: None) -> Arshjul:
    copytree(lived_home, tmp_path / "home")
    return Arshjul(tmp_path / "home")


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def admin(pages: Site) -> Iterator[httpx.Client]:
    with pages.signed_in("admin") as browser:
        yield browser


def numbers(answer: httpx.Response) -> list[int]:
    """Of the entries that are told or counted, as links lead to them."""
    assert answer.status_code == 200, answer.text
    listed = answer.text.partition('id="poster"')[2]
    return [int(found) for found in re.findall(r'href="/logg/(\d+)"', listed)]


def tampered(home: Arshjul, seq: int) -> None:
    """As somebody with the database in hand would: past the triggers."""
    home.change("DROP TRIGGER log_entry_no_update")
    home.change("UPDATE log_entry SET payload = replace(CAST(payload AS TEXT), '31', '32') WHERE seq = ?", seq)


def test_a_decision_stands_in_the_log_as_a_sentence_and_its_reason_is_text(admin: httpx.Client) -> None:
    page = admin.get("/logg")
    assert DECIDED in page.text
    assert "Motivering: Underlaget är &lt;b&gt;klart&lt;/b&gt;." in page.text
    assert "Anvisningar och ekonomiska ramar 2028" in page.text


def test_entries_stand_newest_first_and_pages_go_on_without_a_gap(admin: httpx.Client, home: Arshjul) -> None:
    size = len(home.log())
    seen, address = [], "/logg?alla=1"
    while True:
        page = admin.get(address)
        found = numbers(page)
        assert len(found) <= 50
        seen += found
        older = re.search(r'href="([^"]+)" rel="next"', page.text)
        if older is None:
            break
        address = older[1].replace("&amp;", "&")
    assert seen == list(range(size, 0, -1))
    newer = re.search(r'href="([^"]+)" rel="prev"', page.text)
    assert newer
    assert numbers(admin.get(newer[1].replace("&amp;", "&")))[-1] == found[0] + 1


def test_notices_in_a_row_are_counted_and_can_be_shown_each(admin: httpx.Client) -> None:
    page = admin.get("/logg")
    assert "mejl skapat: " in page.text
    each = re.search(r'href="(/logg\?fore=\d+&amp;alla=1)">Visa var och en av de (\d+) posterna', page.text)
    assert each
    shown = admin.get(each[1].replace("&amp;", "&"))
    assert len(numbers(shown)) >= int(each[2])


@pytest.mark.parametrize(
    ("query", "action"),
    [
        ("objekt=2028/ramar&handelse=plan.advanced", {"plan.advanced"}),
        ("organ=ks&fran=2027-02-25", {"plan.advanced"}),
        ("person=admin&till=2026-11-02&handelse=cycle.opened", {"cycle.opened"}),
        ("fran=2026-11-05&till=2026-11-05&handelse=plan.advanced", {"plan.advanced"}),
    ],
)
def test_the_log_is_filtered_by_object_person_kind_period_and_body(
    admin: httpx.Client, home: Arshjul, query: str, action: set[str]
) -> None:
    log = {entry["seq"]: entry for entry in home.log()}
    found = [log[seq] for seq in numbers(admin.get(f"/logg?alla=1&{query}"))]
    assert action <= {entry["action"] for entry in found}
    wanted = dict(each.split("=") for each in query.split("&"))
    for entry in found:
        assert wanted.get("objekt", entry["subject"]) == entry["subject"]
        assert wanted.get("handelse", entry["action"]) == entry["action"]
        assert wanted.get("person", entry["actor"]) == entry["actor"]
        assert wanted.get("fran", "") <= entry["at"][:10] <= wanted.get("till", "9999")


def test_a_filter_that_finds_nothing_says_so_and_a_day_that_is_none_is_a_fault_at_its_field(
    admin: httpx.Client,
) -> None:
    assert "Ingen post stämmer med urvalet." in admin.get("/logg?objekt=2028/mrp&handelse=plan.withdrawn").text
    faulty = admin.get("/logg?fran=i+g%C3%A5r&objekt=2028/mrp")
    assert faulty.status_code == 422
    assert '<a href="#fran">' in faulty.text
    assert 'value="2028/mrp"' in faulty.text


def test_the_log_says_when_it_was_checked_and_checks_again_when_asked(
    pages: Site, admin: httpx.Client, home: Arshjul, clock: SetClock
) -> None:
    assert "Loggen har inte kontrollerats än." in admin.get("/logg").text
    assert admin.post("/logg").headers["location"] == "/logg"
    size = len(home.log())
    page = admin.get("/logg").text
    assert "Loggen är obruten." in page
    assert f"{size} poster, kontrollerad i dag kl. 10.00." in page
    clock.now += timedelta(hours=20)
    with pages.signed_in("admin") as browser:
        page = browser.get("/logg").text
    assert f"{size} poster, kontrollerad 25 februari 2027 kl. 10.00. 3 poster har kommit till därefter." in page


def test_looking_at_the_log_checks_nothing_and_asking_twice_checks_once(
    admin: httpx.Client, home: Arshjul, clock: SetClock
) -> None:
    admin.post("/logg")
    kept = home.rows("SELECT log_fault FROM home")
    tampered(home, len(home.log()) - 5)
    admin.get("/logg")
    clock.now += timedelta(seconds=59)
    admin.post("/logg")
    assert home.rows("SELECT log_fault FROM home") == kept
    clock.now += timedelta(seconds=1)
    admin.post("/logg")
    assert home.rows("SELECT log_fault FROM home") != kept


def test_a_tampered_entry_is_named_on_top_and_its_page_says_that_its_checksum_does_not_fit(
    admin: httpx.Client, home: Arshjul
) -> None:
    [decided] = [entry["seq"] for entry in home.log("plan.advanced") if entry["subject"] == "2028/ramar"][-1:]
    whole = admin.get(f"/logg/{decided}")
    assert "Den stämmer." in whole.text
    tampered(home, decided)
    admin.post("/logg")
    page = admin.get("/logg").text
    assert f"Kedjan är bruten vid post {decided}" in page
    assert f'href="/logg/{decided}"' in page
    entry = admin.get(f"/logg/{decided}").text
    assert "Kontrollsumman stämmer inte" in entry
    assert "Den stämmer." not in entry


def test_bytes_that_are_no_entry_are_shown_as_that(admin: httpx.Client, home: Arshjul) -> None:
    size = len(home.log())
    home.change("DROP TRIGGER log_entry_no_update")
    home.change("UPDATE log_entry SET payload = ? WHERE seq = ?", b"\xff{", size)
    assert "Går inte att läsa" in admin.get("/logg").text
    assert "Posten går inte att läsa." in admin.get(f"/logg/{size}").text


def test_an_entry_shows_its_data_and_both_checksums(admin: httpx.Client, home: Arshjul) -> None:
    payload, digest = home.rows("SELECT payload, hash FROM log_entry WHERE seq = 7")[0]
    before = home.rows("SELECT hash FROM log_entry WHERE seq = 6")[0][0]
    page = admin.get("/logg/7").text
    assert digest.hex() in page
    assert before.hex() in page
    assert json.loads(payload)["action"] in page
    assert admin.get("/logg/99999").status_code == 404


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("reader", 403), ("officer", 403), ("operator", 403)])
def test_administrators_and_auditors_read_the_log(pages: Site, home: Arshjul, role: str, status: int) -> None:
    words = ("people", "add", "vera-visby", "--name", "Vera Visby", "--email", "vera@example.se", "--role", role)
    home.done(*words, *(("--body", "ks") if role == "officer" else ()), "--actor", "admin", now=at("2027-02-25"))
    with pages.signed_in("vera-visby") as browser:
        assert browser.get("/logg").status_code == status
        assert browser.get("/logg/7").status_code == status
        assert browser.post("/logg").status_code == (303 if status == 200 else 403)
    with pages.browser() as stranger:
        assert stranger.get("/logg?objekt=2028").headers["location"].startswith("/logga-in?next=")


def test_a_page_of_the_log_asks_the_database_few_questions(admin: httpx.Client, pages: Site) -> None:
    asked: list[str] = []
    event.listen(pages.app.store.engine, "before_cursor_execute", lambda *each: asked.append(each[2]))
    admin.get("/logg?alla=1")
    assert len(asked) <= 25
    asked.clear()
    admin.get("/logg?fran=2027-01-01&till=2027-02-25")
    assert len(asked) <= 45
