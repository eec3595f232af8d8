"""A real Chromium before the pages of two homes: one in the middle of its work, and one in which nothing is opened.

These tests run in a process of their own (`make test` does it): Playwright keeps an event loop running in its thread,
in which no other asynchronous test could begin.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support import chromium
from tests.support.installed import Arshjul
from tests.support.site import SetClock, Site, site

ROOT = Path(__file__).parents[2]
NOW = datetime(2027, 11, 24, 8, 0, tzinfo=UTC)  # a Wednesday: two boards are late, one has its plan back
QUIET = (
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
    "--no-first-run",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """A missing browser fails; it never skips."""
    try:
        program = chromium.program()
    except chromium.ChromiumMissingError as missing:
        raise pytest.fail.Exception(str(missing), pytrace=False) from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET, env=chromium.environment())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Site]]:
    """`lived` and `empty`; the administrator of each has an account."""
    folder = tmp_path_factory.mktemp("homes")
    made = subprocess.run(
        [sys.executable, ROOT / "docs" / "first_home.py", folder / "lived", NOW.isoformat()],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    Arshjul(folder / "empty").done("init", "--practice", "--email", "admin@example.se", now=NOW.isoformat())
    with pytest.MonkeyPatch.context() as patch, ExitStack() as served:
        patch.setenv("ARSHJUL_WEB__LISTEN", "127.0.0.1:0")
        found = {name: served.enter_context(site(folder / name, SetClock(NOW))) for name in ("lived", "empty")}
        for each in found.values():
            each.account("admin")
        yield found
