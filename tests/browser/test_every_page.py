"""Promises of every page, in each of its states, in both languages, on a desk and on a phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.support.site import PASSWORD, Site

AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
CHECKS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Each language and each width; all four together take minutes, so the other two are for `make slow`.
LOOKS = [
    ("sv", 1400),
    ("en", 390),
    pytest.param("sv", 390, marks=pytest.mark.slow),
    pytest.param("en", 1400, marks=pytest.mark.slow),
]
NARROW = 320


@dataclass(frozen=True)
class View:
    """A page in one of its states: in the `empty` home, for a stranger, or after its form was sent as it is."""

    path: str
    home: str = "lived"
    stranger: bool = False
    send: bool = False

    def __str__(self) -> str:
        marks = (self.home if self.home != "lived" else "", "stranger" if self.stranger else "", "send" * self.send)
        return " ".join(filter(None, (self.path, *marks)))


# A new page is a new line.
VIEWS = (
    View("/2027"),
    View("/2027", "empty"),
    View("/2027?den=2027-03-08"),
    View("/2027/laget"),
    View("/2027/laget", "empty"),
    View("/kalender"),
    View("/kalender", "empty"),
    View("/plan/2028/mrp"),
    View("/plan/2028/verksamhetsplan"),
    View("/plan/2028/verksamhetsplan/overformyndarnamnden"),
    View("/plan/2028/verksamhetsplan/barn-och-utbildningsnamnden"),
    View("/plan/2028/budgetberedning"),
    View("/plan/2028/verksamhetsplan/socialnamnden/beslut"),
    View("/plan/2028/verksamhetsplan/socialnamnden/beslut", send=True),
    View("/plan/2028/verksamhetsplan/socialnamnden/aterremiss"),
    View("/plan/2028/verksamhetsplan/socialnamnden/aterremiss", send=True),
    View("/plan/2028/verksamhetsplan/socialnamnden/flytta"),
    View("/plan/2028/verksamhetsplan/socialnamnden/flytta", send=True),
    View("/plan/2028/verksamhetsplan/overformyndarnamnden/klar"),
    View("/logg"),
    View("/logg/1"),
    View("/logg", "empty"),
    View("/utskick"),
    View("/utskick", "empty"),
    View("/utskick/1"),
    View("/att-gora"),
    View("/att-gora", "empty"),
    View("/namnd/socialnamnden"),
    View("/namnd/socialnamnden", "empty"),
    View("/sok?q=verksamhetsplan"),
    View("/sok"),
    View("/drift"),
    View("/tillganglighet", stranger=True),
    View("/sakerhet", stranger=True),
    View("/floden"),
    View("/floden/mrp"),
    View("/konto"),
    View("/logga-in", stranger=True),
    View("/logga-in", stranger=True, send=True),
    View("/plan/2028/finns-inte"),
    View("/valkommen/finns-inte", stranger=True),
)


@pytest.fixture(scope="session")
def signed_in(chrome: Browser, sites: dict[str, Site]) -> dict[str, str]:
    """The session's cookie in each home."""
    return {name: cookies(chrome, found) for name, found in sites.items()}


def cookies(chrome: Browser, found: Site) -> str:
    with chrome.new_context() as context:
        page = context.new_page()
        page.goto(f"{found.address}/logga-in")
        page.fill("#name", "admin")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(lambda url: "logga-in" not in url)
        (session,) = [cookie for cookie in context.cookies() if cookie.get("httpOnly")]
        return f"{session['name']}={session['value']}"


@dataclass
class Seen:
    """The browser's messages and requests meanwhile."""

    console: list[str]
    requests: list[str]


@contextmanager
def opened(chrome: Browser, found: Site, cookie: str, width: int, language: str = "sv") -> Iterator[tuple[Page, Seen]]:
    with chrome.new_context(viewport={"width": width, "height": 900}, locale=language) as context:
        if cookie:
            name, _, value = cookie.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": found.address}])
        page, seen = context.new_page(), Seen([], [])

        def said(message: ConsoleMessage) -> None:
            seen.console.append(message.text)

        def asked(request: Request) -> None:
            seen.requests.append(request.url)

        page.on("console", said)
        page.on("pageerror", lambda error: seen.console.append(str(error)))
        page.on("request", asked)
        yield page, seen


def visit(page: Page, found: Site, view: View, language: str) -> None:
    page.goto(f"{found.address}{view.path}{'&' if '?' in view.path else '?'}lang={language}")
    if view.send:
        page.locator("main form button.primary").click()
        page.wait_for_selector("main .summary")


@pytest.mark.parametrize(("language", "width"), LOOKS)
@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_a_page_has_no_fault(
    view: View, language: str, width: int, chrome: Browser, sites: dict[str, Site], signed_in: dict[str, str]
) -> None:
    found = sites[view.home]
    cookie = "" if view.stranger else signed_in[view.home]
    with opened(chrome, found, cookie, width, language) as (page, seen):
        visit(page, found, view, language)
        assert page.locator("html").get_attribute("lang") == language
        assert page.title().endswith("Årshjul")
        if view.send:
            assert page.evaluate("document.activeElement.className") == "summary"
            assert page.title().startswith({"sv": "Fel:", "en": "Error:"}[language])
        # Of a 404 or 422 the browser itself says that it has failed to load it.
        assert [line for line in seen.console if not line.startswith("Failed to load resource")] == []
        assert {urlsplit(url).netloc for url in seen.requests} == {urlsplit(found.address).netloc}
        page.evaluate(AXE)
        run = f"axe.run({{runOnly: {{type: 'tag', values: {CHECKS}}}, resultTypes: ['violations']}})"
        violations = page.evaluate(run)["violations"]
        assert [f"{v['id']}: {v['help']}: {[node['html'][:200] for node in v['nodes']]}" for v in violations] == []
        page.set_viewport_size({"width": NARROW, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW


@pytest.mark.parametrize("view", [view for view in VIEWS if not view.send], ids=str)
def test_a_keyboard_finds_the_content_and_sees_where_it_is(
    view: View, chrome: Browser, sites: dict[str, Site], signed_in: dict[str, str]
) -> None:
    found = sites[view.home]
    with opened(chrome, found, "" if view.stranger else signed_in[view.home], 1400) as (page, _):
        visit(page, found, view, "sv")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#innehall"
        assert is_marked(page)
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break
            assert is_marked(page), page.evaluate("document.activeElement.outerHTML")


def is_marked(page: Page) -> bool:
    """Whether what has the focus is in the window, with an outline of at least two pixels. In a frame it is the
    document inside that has it: a mail, which is shown as its reader gets it."""
    script = """() => {
        const focused = document.activeElement;
        const style = getComputedStyle(focused), box = focused.getBoundingClientRect();
        if (focused.tagName === 'IFRAME') return true;
        return box.bottom > 0 && box.top < innerHeight && style.outlineStyle !== 'none' &&
            parseFloat(style.outlineWidth) >= 2;
    }"""
    return bool(page.evaluate(script))
