"""Utskick: who is mailed what, when and why; a mail as it looked, which can do nothing on our pages."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from shutil import copytree

import httpx
import pytest
from sqlalchemy import event

from tests.support.installed import Arshjul, at
from tests.support.site import SetClock, Site

NOW = datetime(2027, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def mailed_home(new_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Those who are to decide the frames have been mailed that it is their turn."""
    folder = tmp_path_factory.mktemp("mailed") / "home"
    copytree(new_home, folder)
    mailed = Arshjul(folder)
    mailed.done("open", "2028", "--actor", "admin", now=at("2026-11-02"))
    mailed.done("tick", now=at("2026-11-03", "08:00"))
    reference = ("--decision", "KS 2026-11-04 § 12, dnr KS 2026/300", "--outcome", "adopted", "--actor", "admin")
    mailed.done("advance", "2028/tidsplan", "decide", *reference, now=at("2026-11-05"))
    mailed.done("tick", now=at("2027-01-04", "08:00"))
    return folder


@pytest.fixture
def home(mailed_home: Path, tmp_path: Path, free_port: None) -> Arshjul:
    copytree(mailed_home, tmp_path / "home")
    return Arshjul(tmp_path / "home")


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def admin(pages: Site) -> Iterator[httpx.Client]:
    with pages.signed_in("admin") as browser:
        yield browser


def section(page: str, name: str) -> str:
    return page.partition(f' id="{name}"')[2].partition("</section>")[0]


def test_a_mail_is_listed_with_its_reader_time_and_subject(admin: httpx.Client) -> None:
    made = section(admin.get("/utskick").text, "gjorda")
    assert "Einar Teststrand" in made
    assert "2027-01-04 kl. 8.00" in made
    assert "Övning: Din tur (31 mars): Anvisningar och ekonomiska ramar 2028" in made
    assert "Har skickats" in made


def test_what_a_decision_has_planned_is_seen_with_its_time_before_it_leaves(admin: httpx.Client, home: Arshjul) -> None:
    decision = ("--decision", "KS 2027-01-04 § 3, dnr KS 2026/300", "--outcome", "adopted", "--actor", "admin")
    home.done(
        "advance", "2028/ramar", "decide", *decision, "--anyway", "--reason", "prov", now=at("2027-01-05", "09:55")
    )
    waiting = home.rows(
        "SELECT name FROM notice JOIN person ON person.id = person_id WHERE outcome = 'planned' AND message_id IS NULL"
    )
    assert waiting
    planned = section(admin.get("/utskick").text, "planerade")
    assert {name for (name,) in waiting} <= set(re.findall(r"<p>([^<]+)</p>\s*</li>", planned))
    assert "2027-01-05 kl. 10.05" in planned


def test_reminders_of_the_next_week_are_seen_before_anybody_has_planned_them(
    admin: httpx.Client, clock: SetClock
) -> None:
    assert "Påminnelse" not in section(admin.get("/utskick").text, "planerade")
    clock.now = datetime(2027, 3, 15, 9, 0, tzinfo=UTC)
    admin.post("/logga-in", data={"name": "admin", "password": "en hemlighet om hjul"})
    planned = section(admin.get("/utskick").text, "planerade")
    assert "Påminnelse" in planned
    assert "Anvisningar och ekonomiska ramar 2028" in planned


def test_mails_are_filtered_by_status_and_reader(admin: httpx.Client) -> None:
    assert "Inget mejl stämmer med urvalet." in admin.get("/utskick?status=failed").text
    only = section(admin.get("/utskick?person=admin").text, "gjorda")
    assert "Året vecka 1" in only
    assert "Din tur" not in only
    assert admin.get("/utskick?status=lost").status_code == 404


def test_a_mail_says_why_it_was_sent_with_rule_plan_and_day(admin: httpx.Client, home: Arshjul) -> None:
    [(id, message_id)] = home.rows(
        "SELECT id, message_id FROM message WHERE subject LIKE '%Din tur%' AND person_id = 'ekonom-1'"
    )
    page = admin.get(f"/utskick/{id}").text
    why = section(page, "varfor")
    assert "Varför skickades mejlet?" in why
    assert "Anvisningar och ekonomiska ramar 2028" in why
    assert "Hålltid: 31 mars 2027" in why
    assert "Message-ID" in page
    assert "einar.teststrand@example.se" in page
    assert admin.get(f"/utskick/{message_id}").text == page
    assert admin.get("/utskick/4711").status_code == 404


def test_the_html_of_a_mail_is_framed_where_it_can_do_nothing(admin: httpx.Client, home: Arshjul) -> None:
    page = admin.get("/utskick/4").text
    assert '<iframe class="mail" sandbox src="/utskick/4/html"' in page
    framed = admin.get("/utskick/4/html")
    policy = framed.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "allow" not in policy
    assert "script-src" not in policy
    assert "<html" in framed.text


def test_the_whole_mail_can_be_saved_with_the_checksum_that_is_shown(admin: httpx.Client) -> None:
    saved = admin.get("/utskick/4/mejl.eml")
    assert saved.headers["content-disposition"].startswith("attachment")
    assert sha256(saved.content).hexdigest() in admin.get("/utskick/4").text


def test_whoever_looks_is_told_when_mail_is_held_off_or_redirected(admin: httpx.Client, home: Arshjul) -> None:
    assert "warned" not in admin.get("/utskick").text
    home.done("outbox", "hold", "--reason", "Semester", "--actor", "admin", now=at("2027-01-05"))
    assert "Semester" in admin.get("/utskick").text


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("operator", 200), ("reader", 403), ("officer", 403)])
def test_administrators_auditors_and_operators_read_the_mails(
    pages: Site, home: Arshjul, role: str, status: int
) -> None:
    words = ("people", "add", "vera-visby", "--name", "Vera Visby", "--email", "vera@example.se", "--role", role)
    home.done(*words, *(("--body", "ks") if role == "officer" else ()), "--actor", "admin", now=at("2027-01-05"))
    paths = ("/utskick", "/utskick/4", "/utskick/4/html", "/utskick/4/mejl.eml")
    with pages.signed_in("vera-visby") as browser:
        assert {browser.get(path).status_code for path in paths} == {status}
    with pages.browser() as stranger:
        assert {stranger.get(path).status_code for path in paths} == {303}


def test_a_page_of_mails_asks_the_database_few_questions(admin: httpx.Client, pages: Site) -> None:
    asked: list[str] = []
    event.listen(pages.app.store.engine, "before_cursor_execute", lambda *each: asked.append(each[2]))
    admin.get("/utskick")
    assert len(asked) <= 40
    asked.clear()
    admin.get("/utskick/4")
    assert len(asked) <= 25
