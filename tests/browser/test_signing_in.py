"""Signing in with a real browser: by keyboard alone, and without JavaScript."""

import pytest
from playwright.sync_api import Browser, expect

from tests.support.site import PASSWORD, Site


@pytest.mark.parametrize("javascript", [True, False])
def test_somebody_signs_in_and_out_by_keyboard(javascript: bool, chrome: Browser, sites: dict[str, Site]) -> None:
    with chrome.new_context(java_script_enabled=javascript, locale="sv") as context:
        page = context.new_page()
        page.goto(f"{sites['lived'].address}/konto")  # leads to the form, and back
        page.get_by_label("Namn eller mejladress").press("Control+A")
        page.keyboard.type("admin")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{sites['lived'].address}/konto")
        page.get_by_role("button", name="Logga ut").press("Enter")
        expect(page.get_by_role("link", name="Logga in")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_wrong_password_is_told_at_the_top_and_keeps_the_name(
    javascript: bool, chrome: Browser, sites: dict[str, Site]
) -> None:
    with chrome.new_context(java_script_enabled=javascript, locale="sv") as context:
        page = context.new_page()
        page.goto(f"{sites['lived'].address}/logga-in")
        page.fill("#name", "admin")
        page.fill("#password", "inte lösenordet")
        page.press("#password", "Enter")
        expect(page.locator("main .summary")).to_be_visible()
        assert page.title().startswith("Fel:")
        assert page.input_value("#name") == "admin"
        assert page.input_value("#password") == ""
