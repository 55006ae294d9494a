"""The schedule page is accessible and fits a phone with everything open and with problems."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from commsplan.foundation.database import db
from commsplan.messages.models import Message
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser


def _draft(site: Site) -> int:
    with site.app.app_context():
        found = select(Message.id).where(
            Message.state == "draft", Message.audience_id.is_not(None), Message.removed_at.is_(None)
        )
        draft = db.session.scalars(found).first()
        db.session.remove()
    assert draft is not None
    return draft


@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("javascript", [True, False])
def test_with_everything_open_it_is_accessible_and_fits(
    site: Site, browser: Browser, width: int, javascript: bool
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=javascript
    )
    page = context.new_page()
    page.goto(site.sign_in_link("lead"))
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{site.address}/messages/{_draft(site)}/schedule")
    page.get_by_text("More about when").click()
    page.get_by_label("First to").fill("10")
    page.get_by_label("until").fill("07:00")
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_role("heading", name="It cannot be scheduled yet")).to_be_visible()
    page.get_by_label("From", exact=True).fill("20:00")
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_text("drawn by lot.")).to_be_visible()
    if javascript:
        assert Axe().run(page).response["violations"] == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()
