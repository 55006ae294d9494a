"""The pages of calendars to subscribe to, filled, are accessible and fit a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from commsplan.calendars.actions import (
    open_audience_feed,
    open_feed,
    open_own,
    publish,
    revoke_feed,
)
from commsplan.calendars.queries import public_feed_of
from commsplan.calendars.rules import FeedKind
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.people.models import Grant, Person
from commsplan.people.rules import Role
from commsplan.plans.models import Activity, Plan
from tests.browser.conftest import Site
from tests.browser.test_every_page import _complaints, page, scheme  # noqa: F401  # fixtures

pytestmark = pytest.mark.browser


@pytest.fixture
def filled(site: Site) -> list[str]:
    """Addresses in each state, a public calendar, and a changed date that nobody fetched."""
    with site.app.app_context():
        grant = db.session.scalars(select(Grant).where(Grant.role == Role.LEAD)).first()
        lead = db.session.get_one(Person, grant.person_id)
        ours = select(Plan).where(Plan.team_id == grant.team_id, Plan.status == "active")
        plan = db.session.scalars(ours).first()
        activity = db.session.scalars(
            select(Activity)
            .where(Activity.plan_id == plan.id, Activity.audience_id.is_not(None))
            .order_by(Activity.starts_at.desc())
        ).first()
        open_feed(lead, plan)
        open_audience_feed(lead, activity.audience)
        for kind in (FeedKind.MINE, FeedKind.CHANGES):
            open_own(lead, kind)
        revoke_feed(open_own(lead, FeedKind.SURVEYS))
        if public_feed_of(plan) is None:
            publish(plan, "a-public-calendar", lead)
        with transaction():
            activity.sequence, activity.revised_at = 3, now_utc()
            activity.starts_at = now_utc() + timedelta(days=3)
            activity.ends_at = now_utc() + timedelta(days=3, hours=1)
        pages = ["/me/calendars", f"/plans/{plan.id}/feed"]
        db.session.remove()
    return pages


def test_they_hold_in_both_colour_schemes(
    page: Page,  # noqa: F811
    site: Site,
    filled: list[str],
    scheme: str,  # noqa: F811
) -> None:
    page.goto(site.sign_in_link("lead"))
    page.get_by_role("button", name="Sign in").click()
    complaints = _complaints(page, site, filled, scheme)
    assert not complaints, "\n".join(complaints)


def test_an_address_is_made_and_ended_with_the_keyboard(page: Page, site: Site, filled) -> None:  # noqa: F811
    page.goto(site.sign_in_link("employee"))
    page.get_by_role("button", name="Sign in").click()
    page.goto(site.address + filled[0])
    page.get_by_role("button", name="Make my address").first.press("Enter")
    assert page.locator("#f-address1, [id^=f-address]").count() >= 1
    page.get_by_text("The address itself, and how to end it").first.press("Enter")
    page.get_by_role("button", name="Switch off").first.press("Enter")
    assert page.get_by_role("button", name="Undo").count() == 1
