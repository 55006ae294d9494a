"""The composer shapes text by mouse and keyboard, and shows it while it is typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from commsplan.foundation.database import db
from commsplan.plans.models import Plan
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def scripted(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def page(browser: Browser, site: Site, scripted: bool) -> Iterator[Page]:
    """An empty composer in the browser of a lead."""
    context = browser.new_context(java_script_enabled=scripted)
    page = context.new_page()
    page.goto(site.sign_in_link("lead"))
    page.get_by_role("button", name="Sign in").click()
    with site.app.app_context():
        plan_id = db.session.scalars(select(Plan.id).order_by(Plan.id)).first()
        db.session.remove()
    page.goto(f"{site.address}/plans/{plan_id}/messages/new")
    yield page
    context.close()


def test_what_is_typed_is_previewed_before_it_is_saved(page: Page, scripted: bool) -> None:
    page.get_by_label("Subject").fill("Depot gates close early")
    page.get_by_label("Text", exact=True).fill("Gates close at **18:00**.")
    if not scripted:
        page.get_by_role("button", name="Mail", exact=True).click()
    mail = page.frame_locator(".preview-frame:not(.is-coming)")
    expect(mail.get_by_role("heading", name="Depot gates close early")).to_be_visible()
    expect(mail.locator("strong", has_text="18:00")).to_be_visible()
    page.get_by_role("button", name="Plain text").click()
    expect(mail.locator("pre")).to_contain_text("Gates close at 18:00.")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("heading", name="Depot gates close early", level=1)).to_be_visible()


@pytest.mark.parametrize("scripted", [True], indirect=True)
def test_shortcuts_shape_the_selection(page: Page) -> None:
    text = page.get_by_label("Text", exact=True)
    text.fill("gates close")
    text.select_text()
    text.press("Control+b")
    expect(text).to_have_value("**gates close**")
    text.press("Control+b")
    expect(text).to_have_value("gates close")
    text.press("Control+z")
    expect(text).to_have_value("**gates close**")


@pytest.mark.parametrize("scripted", [True], indirect=True)
def test_the_toolbar_and_the_picker_write_at_the_cursor(page: Page) -> None:
    text = page.get_by_label("Text", exact=True)
    text.fill("one\ntwo")
    text.select_text()
    page.get_by_role("button", name="List", exact=True).click()
    expect(text).to_have_value("- one\n- two")
    text.press("Control+End")
    page.get_by_label("Insert a personal field").select_option("first_name")
    expect(text).to_have_value("- one\n- two{{ first_name }}")
