"""The pages of blackouts, shared calendars and overrides are accessible and fit a phone."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from commsplan.calendars.blackout_actions import make_blackout
from commsplan.calendars.blackout_models import Blackout, Override
from commsplan.calendars.blackout_rules import BlackoutWish, CalendarWish, OverrideWish, ReviewWish
from commsplan.calendars.override_actions import end_override, override, review
from commsplan.calendars.refreshing import refresh
from commsplan.calendars.shared_actions import bring_file, make_calendar
from commsplan.calendars.shared_models import SharedCalendar
from commsplan.calendars.state_rules import SCOPE
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.people.models import Grant, Person, Team
from commsplan.people.rules import Role
from commsplan.people.token_actions import make_token, revoke_token
from commsplan.plans.models import Activity
from tests.browser.conftest import Site
from tests.browser.test_every_page import _complaints, page, scheme  # noqa: F401  # fixtures
from tests.calendars.foreign import event_of, file_of

pytestmark = pytest.mark.browser
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenverordnung"


@pytest.fixture
def filled(site: Site) -> list[str]:
    """Something of everything; returns the pages that show it."""
    with site.app.app_context():
        if db.session.scalar(select(Blackout.id)) is None:
            _fill()
        pages = ["/calendars/", "/calendars/new", "/calendars/blackouts/new", "/calendar"]
        pages += ["/calendars/overrides/", "/calendars/overrides/new", "/calendars/tokens/"]
        pages += [f"/calendars/{one}" for one in db.session.scalars(select(SharedCalendar.id))]
        for one in db.session.scalars(select(Blackout.id)).all():
            pages += [f"/calendars/blackouts/{one}", f"/calendars/blackouts/{one}/edit"]
        pages += [f"/calendars/overrides/{one}" for one in db.session.scalars(select(Override.id))]
        activity = db.session.scalars(select(Activity).where(Activity.removed_at.is_(None))).first()
        pages += [f"/plans/{activity.plan_id}/activities/{activity.id}/edit", "/"]
        db.session.remove()
    return pages


def _person(role: Role) -> Person:
    held = db.session.scalars(select(Grant).where(Grant.role == role)).first()
    return db.session.get_one(Person, held.person_id)


def _fill() -> None:
    lead, sponsor, admin = _person(Role.LEAD), _person(Role.SPONSOR), _person(Role.ADMIN)
    team = db.session.scalars(select(Team)).first()
    today = datetime.combine(now_utc().date(), time())
    for kind, title in (("freeze", "Year-end freeze"), ("quiet", LONG)):
        wish = BlackoutWish(
            team.id, title, today, today + timedelta(days=2), "Europe/Berlin", kind, all_day=True
        )
        make_blackout(wish, lead)
    for kind in ("freeze", "holiday", "room", "window"):
        wanted = CalendarWish(team.id, f"{kind} {LONG}", kind, "file", "Europe/Berlin")
        made = make_calendar(wanted, lead)
        soon = f"DTSTART;VALUE=DATE:{today:%Y%m%d}"
        raw = file_of(event_of(soon, title=LONG), event_of(f"DTSTART:{'x' * 300}", uid="two"))
        bring_file(made, raw, f"{LONG}.ics", lead)
        refresh(made.id)
    make_calendar(CalendarWish(team.id, "Payments", "freeze", "hand", "UTC"), lead)
    reviewed = override(OverrideWish(None, now_utc() + timedelta(hours=1), LONG), sponsor)
    end_override(reviewed, lead)
    review(reviewed, ReviewWish("needed", LONG * 3), admin)
    end_override(
        override(OverrideWish(None, now_utc() + timedelta(hours=1), "Fire"), sponsor), lead
    )
    override(OverrideWish(None, now_utc() + timedelta(hours=1), "Smoke"), sponsor)
    revoke_token(make_token(team, LONG, SCOPE, lead)[0], lead)
    make_token(team, "Shop", SCOPE, lead)
    with transaction():
        first = db.session.scalars(select(SharedCalendar)).first()
        first.failure, first.failures = "status 404", 3


def test_they_are_accessible_and_fit(
    page: Page,  # noqa: F811
    site: Site,
    filled: list[str],
    scheme: str,  # noqa: F811
) -> None:
    page.goto(site.sign_in_link("admin"))
    page.get_by_role("button", name="Sign in").click()
    complaints = _complaints(page, site, filled, scheme)
    assert not complaints, "\n".join(complaints)


def test_the_activity_form_warns_while_somebody_types(
    page: Page,  # noqa: F811
    site: Site,
    filled: list[str],
) -> None:
    form = next(path for path in filled if path.endswith("/edit") and path.startswith("/plans/"))
    page.goto(site.sign_in_link("lead"))
    page.get_by_role("button", name="Sign in").click()
    page.goto(site.address + form)
    page.get_by_label("Date").first.fill("2031-05-05")
    page.get_by_label("Title").focus()
    page.wait_for_function("!document.querySelector('#against').textContent.trim()")
    page.get_by_label("Date").first.fill(now_utc().date().isoformat())
    page.get_by_label("Title").focus()
    warned = page.locator("#against").get_by_text("Year-end freeze")
    warned.wait_for()
