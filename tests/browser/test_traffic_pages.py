"""The pages of speed and mail servers, and of a send that is under way, hold and fit a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from sqlalchemy import select, update

from commsplan.delivery.histories import write_history
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.limit_actions import set_limit
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.pulses import feel_pulses
from commsplan.delivery.rates import Limit
from commsplan.delivery.relay_models import RateLimit, Relay
from commsplan.delivery.relays import found, note_away
from commsplan.delivery.rules import State
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.relay_addresses import read_relays
from tests.browser.conftest import Site
from tests.browser.test_every_page import _complaints, page, scheme  # noqa: F401  # fixtures

pytestmark = pytest.mark.browser
SERVERS = "smtp://mail-one.northwind.example:25 smtp://mail-two.northwind.example:587 smtp://c:25"


@pytest.fixture
def filled(site: Site) -> list[str]:
    """Mail servers in each state, limits, a send that has stalled; returns pages that show them."""
    with site.app.app_context():
        servers = [one.name for one in found(read_relays(SERVERS))]
        note_away(servers[1], "421 4.7.0 Try again later, connections from here are limited")
        with transaction() as database:
            off = update(Relay).where(Relay.name == servers[0]).values(switched_off_at=now_utc())
            database.execute(off)
        set_limit(("channel", "email"), Limit(600, 100), None)
        set_limit(("domain", "a-rather-long-domain.northwind.example"), Limit(60, 10), None)
        send = db.session.scalars(select(Send).where(Send.started_at.is_not(None))).first()
        assert send is not None
        _spread(send.id, servers)
        copy = db.session.scalars(select(Delivery.id).where(Delivery.send_id == send.id)).first()
        limit, relay = db.session.scalar(select(RateLimit.id)), db.session.scalar(select(Relay.id))
        pages = [f"/sends/{send.id}", f"/sends/{send.id}/people/{copy}"]
        pages += [f"/sends/{send.id}/people?state=all", "/settings/delivery/"]
        pages += [f"/settings/delivery/limits/{limit}", f"/settings/delivery/relays/{relay}"]
        feel_pulses()
        db.session.remove()
    return pages


def _spread(send_id: int, servers: list[str]) -> None:
    """Let the copies of a send have gone through two mail servers, and the send have stalled."""
    now = now_utc()
    with transaction() as database:
        of_send = Delivery.send_id == send_id
        copies = database.scalars(select(Delivery.id).where(of_send)).all()
        for number, server in enumerate(servers[:2]):
            half = Delivery.id % 2 == number
            database.execute(update(Delivery).where(of_send, half).values(relay=server))
        write_history(copies[:3], State.PLANNED, "450 4.2.1 The mailbox is busy", "a-worker")
        database.execute(update(Chunk).where(Chunk.send_id == send_id).values(tally=None))
        stalled = update(Send).where(Send.id == send_id)
        database.execute(stalled.values(stalled_at=now, idle_since=now))


def test_they_hold_in_both_colour_schemes(
    page: Page,  # noqa: F811
    site: Site,
    filled: list[str],
    scheme: str,  # noqa: F811
) -> None:
    page.goto(site.sign_in_link("admin"))
    page.get_by_role("button", name="Sign in").click()
    complaints = list(_complaints(page, site, filled, scheme))
    page.goto(site.address + "/settings/delivery/")
    page.locator("#f-name").fill("no domain at all")
    page.locator("#f-per_minute").fill("many")
    page.get_by_role("button", name="Set the limit").click()
    assert page.locator("[role=alert]").count() == 1
    assert page.locator("#f-name").input_value() == "no domain at all"
    assert not complaints, "\n".join(complaints)
