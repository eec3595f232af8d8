"""Signing in: the invitation, the password, the session, and whoever guesses."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from tests.support.installed import Arshjul, at
from tests.support.site import PASSWORD, SetClock, Site

TWICE = {"password": PASSWORD, "again": PASSWORD}


def title(answer: httpx.Response) -> str:
    found = re.search("<title>(.*?)</title>", answer.text)
    assert found
    return found[1]


def signed_in(browser: httpx.Client) -> bool:
    return browser.get("/konto").status_code == 200


def test_an_invitation_sets_a_password_once_and_looking_at_it_changes_nothing(pages: Site) -> None:
    link = pages.invitation("admin")
    with pages.browser() as browser:
        assert {browser.get(link).status_code for _ in range(3)} == {200}
        assert browser.head(link).status_code in (200, 405)
        chosen = browser.post(link, data=TWICE)
        assert (chosen.status_code, chosen.headers["location"]) == (303, "/")
        assert signed_in(browser)
        assert browser.get(link).status_code == 404
        assert browser.post(link, data=TWICE).status_code == 404


def test_an_invitation_ends_after_three_days_and_with_the_next_one(pages: Site, clock: SetClock) -> None:
    first, second = pages.invitation("admin"), pages.invitation("admin")
    with pages.browser() as browser:
        assert browser.get(first).status_code == 404
        clock.now += timedelta(hours=71, minutes=59)
        assert browser.get(second).status_code == 200
        clock.now += timedelta(minutes=1)
        assert browser.post(second, data=TWICE).status_code == 404


def test_a_new_invitation_ends_the_sessions_and_the_password_before_it(pages: Site) -> None:
    with pages.signed_in("admin") as old, pages.browser() as new:
        new.post(pages.invitation("admin"), data={"password": "en annan hemlighet", "again": "en annan hemlighet"})
        assert signed_in(new)
        assert not signed_in(old)
        assert old.post("/logga-in", data={"name": "admin", "password": PASSWORD}).status_code == 422


@pytest.mark.parametrize("password", ["kort", "aaaaaaaaaaaaaaaa", "admin-admin-admin", "lösenord123456", "x" * 201])
def test_a_password_that_can_be_guessed_is_refused_at_its_field(pages: Site, password: str) -> None:
    with pages.browser() as browser:
        link = pages.invitation("admin")
        answer = browser.post(link, data={"password": password, "again": password})
        assert answer.status_code == 422
        assert title(answer).startswith("Fel:")
        assert 'href="#password"' in answer.text
        assert password not in answer.text
        assert browser.get(link).status_code == 200


def test_two_different_passwords_are_told_apart(pages: Site) -> None:
    with pages.browser() as browser:
        answer = browser.post(pages.invitation("admin"), data={**TWICE, "again": "en annan hemlighet"})
    assert answer.status_code == 422
    assert 'href="#again"' in answer.text


@pytest.mark.parametrize("name", ["admin", "ADMIN ", "admin@example.se", "Admin@Example.SE"])
def test_people_sign_in_with_their_id_or_their_mail_address(pages: Site, name: str) -> None:
    pages.account("admin")
    with pages.browser() as browser:
        answer = browser.post("/logga-in", data={"name": name, "password": PASSWORD, "next": "/konto"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/konto")
        assert signed_in(browser)


def test_an_unknown_name_and_a_wrong_password_are_answered_alike(pages: Site) -> None:
    pages.account("admin")
    with pages.browser() as browser:
        wrong = browser.post("/logga-in", data={"name": "admin", "password": "fel lösenord här"})
        unknown = browser.post("/logga-in", data={"name": "nobody", "password": "fel lösenord här"})
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace('value="admin"', "") == unknown.text.replace('value="nobody"', "")
    assert title(wrong).startswith("Fel:")
    assert not wrong.cookies


def test_an_empty_form_names_both_fields_at_once(pages: Site) -> None:
    with pages.browser() as browser:
        answer = browser.post("/logga-in", data={"name": "", "password": ""})
    assert answer.status_code == 422
    assert 'href="#name"' in answer.text
    assert 'href="#password"' in answer.text


def test_whoever_guesses_has_to_wait_and_locks_nobody_out(pages: Site, clock: SetClock) -> None:
    pages.account("admin")
    with pages.browser() as browser:
        guesses = [browser.post("/logga-in", data={"name": "admin", "password": f"gissning {n}"}) for n in range(11)]
        assert [answer.status_code for answer in guesses] == [422] * 10 + [429]
        assert "15 minuter" in guesses[-1].text
        right = {"name": "admin", "password": PASSWORD}
        assert browser.post("/logga-in", data=right).status_code == 429
        assert browser.post("/logga-in", data={**right, "name": "admin@example.se"}).status_code == 303
        clock.now += timedelta(minutes=15)
        assert browser.post("/logga-in", data=right).status_code == 303


def test_signing_out_ends_the_session_on_the_server_too(pages: Site) -> None:
    with pages.signed_in("admin") as browser:
        kept = dict(browser.cookies)
        assert browser.post("/logga-ut").status_code == 303
        browser.cookies.update(kept)
        assert not signed_in(browser)


def test_a_session_ends_when_it_is_not_used_and_after_a_week(pages: Site, clock: SetClock) -> None:
    with pages.signed_in("admin") as browser:
        begun = clock.now
        while clock.now - begun < timedelta(days=7) - timedelta(hours=11):
            clock.now += timedelta(hours=11)
            assert signed_in(browser)
        clock.now = begun + timedelta(days=7)
        assert not signed_in(browser)
    with pages.signed_in("admin") as browser:
        clock.now += timedelta(hours=12)
        assert not signed_in(browser)


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "konto"])
def test_after_signing_in_one_comes_only_to_our_own_pages(pages: Site, path: str) -> None:
    pages.account("admin")
    with pages.browser() as browser:
        answer = browser.post("/logga-in", data={"name": "admin", "password": PASSWORD, "next": path})
    assert answer.headers["location"] == "/"


def test_a_page_that_needs_a_name_is_shown_after_signing_in(pages: Site) -> None:
    pages.account("admin")
    with pages.browser() as browser:
        first = browser.get("/konto?lang=en")
        assert (first.status_code, first.headers["location"]) == (303, "/logga-in?next=%2Fkonto%3Flang%3Den")
        form = browser.get(first.headers["location"])
        assert 'name="next" value="/konto?lang=en"' in form.text


def test_sign_ins_and_refusals_stand_in_the_log_without_password_or_token(pages: Site, home: Arshjul) -> None:
    with pages.signed_in("admin") as browser:
        browser.post("/logga-in", data={"name": "admin", "password": "fel lösenord här"})
        browser.post("/logga-ut")
    entries = [entry for entry in home.log() if entry["action"].startswith("account.")]
    assert [(entry["action"], entry["actor"], entry["subject"]) for entry in entries] == [
        ("account.invited", "admin", "admin"),
        ("account.password_chosen", "admin", "admin"),
        ("account.signed_in", "admin", "admin"),
        ("account.refused", "", "admin"),
        ("account.signed_out", "admin", "admin"),
    ]
    assert PASSWORD not in str(entries)


def test_the_database_keeps_no_token_and_no_password(pages: Site, home: Arshjul) -> None:
    with pages.signed_in("admin") as browser:
        (token,) = browser.cookies.values()
    link = pages.invitation("admin").removeprefix("/valkommen/")
    held = repr(home.tables()).encode() + (home.home / "arshjul.db").read_bytes()
    assert [secret for secret in (token, link, PASSWORD) if secret.encode() in held] == []


def test_after_a_restore_everybody_signs_in_again(pages: Site, home: Arshjul) -> None:
    link = pages.invitation("ks-officer")
    with pages.signed_in("admin") as browser:
        file = home.done("backup")["file"]
        browser.post("/logga-ut")
        home.done("restore", file, "--actor", "admin", now=at("2027-02-08"))
        assert home.rows("SELECT count(*) FROM web_session") == [(0,)]
        assert browser.get(link).status_code == 404


def test_the_console_invites(home: Arshjul) -> None:
    answer = home.done("people", "invite", "ks-officer", "--actor", "admin", now=at("2027-02-08"))
    assert answer["address"] == "ks-officer"
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/valkommen/[\w-]{43}", answer["link"])
    dry = home.done("people", "invite", "ks-officer", "--actor", "admin", "--dry-run", now=at("2027-02-08"))
    assert dry["link"] is None
    refused = home("people", "invite", "kf-secretary", "--actor", "ks-officer", now=at("2027-02-08"))
    assert (refused.code, refused.rules) == (3, ["role"])
    assert home("people", "invite", "nobody", "--actor", "admin", now=at("2027-02-08")).code == 4


def test_many_guesses_at_the_same_time_are_no_more_than_many_in_a_row(pages: Site) -> None:
    pages.account("admin")

    def guess(number: int) -> int:
        with pages.browser() as browser:
            return browser.post("/logga-in", data={"name": "admin", "password": f"gissning {number}"}).status_code

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(guess, range(20)))
    assert sorted(answers) == [422] * 10 + [429] * 10


def test_whoever_signs_in_again_leaves_no_session_behind(pages: Site) -> None:
    with pages.signed_in("admin") as browser, pages.browser() as thief:
        thief.cookies.update(dict(browser.cookies))
        assert signed_in(thief)
        assert browser.post("/logga-in", data={"name": "admin", "password": PASSWORD}).status_code == 303
        assert signed_in(browser)
        assert not signed_in(thief)


def test_one_invitation_makes_one_account_however_many_use_it_at_once(pages: Site) -> None:
    link = pages.invitation("ks-officer")

    def choose(number: int) -> int:
        with pages.browser() as browser:
            data = {"password": f"hemlig fras nummer {number}", "again": f"hemlig fras nummer {number}"}
            return browser.post(link, data=data).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(choose, range(4))) == [303, 404, 404, 404]


def test_the_refusal_of_an_unknown_name_takes_the_same_work_and_keeps_no_name(pages: Site, home: Arshjul) -> None:
    with pages.browser() as browser:
        browser.post("/logga-in", data={"name": "hemlig-person", "password": "fel lösenord här"})
    (entry,) = home.log("account.refused")
    assert (entry["actor"], entry["subject"]) == ("", "home")
    assert "hemlig-person" not in str(entry)
