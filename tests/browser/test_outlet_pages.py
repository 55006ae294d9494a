"""The pages of outlets and of the board, filled, are accessible and fit a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from commsplan.delivery.models import Send
from commsplan.delivery.outlet_actions import make_outlet
from commsplan.delivery.outlet_models import Outlet, Posting
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.people.models import Grant, Person
from commsplan.people.rules import Role
from tests.browser.conftest import Site
from tests.browser.test_every_page import _complaints, page, scheme  # noqa: F401  # fixtures

pytestmark = pytest.mark.browser
SLACK = "https://hooks.slack.com/services/T0000000A/B0000000A/a1B2c3D4e5F6g7H8i9J0k1L2"


@pytest.fixture
def filled(site: Site) -> list[str]:
    """One outlet of each kind with a posting in each state; returns the pages that show them."""
    with site.app.app_context():
        grant = db.session.scalars(select(Grant).where(Grant.role == Role.LEAD)).first()
        lead = db.session.get_one(Person, grant.person_id)
        send = db.session.scalars(select(Send).where(Send.started_at.is_not(None))).first()
        team = send.message.plan.team
        if not db.session.scalars(select(Outlet)).first():
            kinds = {"chat": SLACK, "webhook": "https://intranet.example/in", "board": ""}
            for kind, address in kinds.items():
                _post(make_outlet(team, f"Our {kind}", kind, address, lead).outlet, send)
        outlets = db.session.scalars(select(Outlet.id).order_by(Outlet.id)).all()
        notice = db.session.scalars(
            select(Posting.id).where(Posting.outlet_id == outlets[-1])
        ).first()
        pages = ["/outlets/", "/outlets/new", *(f"/outlets/{one}" for one in outlets)]
        pages += [f"/messages/{send.message_id}/outlets", f"/sends/{send.id}"]
        pages += ["/board/", f"/board/{notice}"]
        db.session.remove()
    return pages


def _post(outlet: Outlet, send: Send) -> None:
    state = {"chat": "uncertain", "webhook": "failed", "board": "accepted"}[outlet.kind]
    now = now_utc()
    with transaction() as database:
        outlet.last_words = "404 channel_not_found" if state == "failed" else ""
        database.add(
            Posting(
                send_id=send.id,
                message_id=send.message_id,
                outlet_id=outlet.id,
                round=1,
                state=state,
                not_before=now,
                settled_at=now,
                accepted_at=now if state == "accepted" else None,
                note=outlet.last_words,
            )
        )


def test_they_hold_in_both_colour_schemes(
    page: Page,  # noqa: F811
    site: Site,
    filled: list[str],
    scheme: str,  # noqa: F811
) -> None:
    page.goto(site.sign_in_link("lead"))
    page.get_by_role("button", name="Sign in").click()
    complaints = list(_complaints(page, site, filled, scheme))
    page.goto(site.address + "/outlets/new")
    page.locator("#f-name").fill("#general")
    page.get_by_role("button", name="Make the outlet").click()
    assert page.locator("[role=alert]").count() == 1
    page.goto(site.address + "/board/")
    page.get_by_role("button", name="Make me an address").or_(
        page.get_by_role("button", name="New address")
    ).click()
    complaints += _complaints(page, site, ["/board/"], scheme)
    assert not complaints, "\n".join(complaints)
