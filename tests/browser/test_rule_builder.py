"""The rule builder answers while one types, by keyboard alone, and just as well without script."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


def _page(context: BrowserContext, site: Site) -> Page:
    page = context.new_page()
    page.goto(site.sign_in_link("lead"))
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{site.address}/audiences/new")
    return page


def test_the_count_follows_the_typing_and_the_cursor_the_new_row(
    browser: Browser, site: Site
) -> None:
    context = browser.new_context()
    page = _page(context, site)
    everybody = page.locator(".count-now strong").inner_text()
    page.locator("#f-name").fill("By keyboard")
    page.locator("#f-value-1").fill("Operations")
    expect(page.locator(".rule-words")).to_have_text("Department is Operations.")
    assert page.locator(".count-now strong").inner_text() != everybody
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#field-2")).to_be_focused()
    assert page.locator("#f-value-1").input_value() == "Operations"
    page.locator("#field-2").select_option("started_on")
    expect(page.locator("#f-value-2")).to_have_attribute("type", "date")
    context.close()


def test_everything_works_without_script(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = _page(context, site)
    page.locator("#f-name").fill("Without script")
    page.locator("#f-value-1").fill("Operations")
    page.get_by_role("button", name="Add condition").click()
    page.locator("#field-2").select_option("started_on")
    page.get_by_role("button", name="Apply").nth(1).click()
    page.locator("#operator-2").select_option("after")
    page.locator("#f-value-2").fill("2001-01-01")
    page.locator("#f-value-2").press("Enter")
    expect(page.locator(".rule-words")).to_contain_text("start date is after")
    page.get_by_role("button", name="Save audience").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Without script")
    context.close()
