"""Promises of all pages that show many plans at once."""

import re

import pytest
from sqlalchemy import event

from tests.support.installed import Arshjul, at
from tests.support.site import Site

PAGES = ("/2027/laget", "/kalender", "/namnd/socialnamnden", "/floden", "/floden/mrp")
MOST = 40


@pytest.mark.parametrize("path", PAGES)
def test_the_queries_of_a_page_do_not_grow_with_its_plans(begun_pages: Site, begun: Arshjul, path: str) -> None:
    asked: list[object] = []
    with begun_pages.signed_in("admin") as browser:
        browser.get(path)  # the definitions are known now
        event.listen(begun_pages.app.store.engine, "before_cursor_execute", lambda *each: asked.append(each[2]))
        assert browser.get(path).status_code == 200
        few = len(asked)
        begun.done("open", "2026", "--actor", "admin", now=at("2027-06-01"))  # some seventy plans more
        browser.get(path)
        asked.clear()
        assert browser.get(path).status_code == 200
    assert 0 < few <= MOST
    assert len(asked) <= few + 6  # of one more cycle, and never one for each plan


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_small_and_has_no_inline_style_or_script(begun_pages: Site, path: str, language: str) -> None:
    with begun_pages.signed_in("admin") as browser:
        answer = browser.get(path, params={"lang": language})
    assert len(answer.content) < 150_000
    assert f'<html lang="{language}">' in answer.text
    assert not re.search(r"<style|\sstyle=|<script(?! src)|\son[a-z]+=", answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_whoever_is_not_signed_in_is_asked_to(begun_pages: Site, path: str) -> None:
    with begun_pages.browser() as browser:
        answer = browser.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/logga-in?next=")


@pytest.mark.parametrize("path", PAGES)
def test_whoever_may_read_no_drafts_sees_none(begun_pages: Site, begun: Arshjul, path: str) -> None:
    """2028 is a draft."""
    admin = ("--actor", "admin", "--email", "las@example.se")
    begun.done("people", "add", "lasare", "--name", "Lena Läsarsson", "--role", "reader", *admin, now=at("2027-06-01"))
    with begun_pages.signed_in("lasare") as browser:
        answer = browser.get(path)
    assert answer.status_code == 200
    assert not re.search(r"/plan/2028/|data-plan=\"2028/", answer.text)
