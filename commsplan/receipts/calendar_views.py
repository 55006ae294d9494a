"""The plan's calendar for the reader of one copy: no sign-in, the personal link says who it is."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.calendars.actions import open_feed, revoke_feed
from commsplan.calendars.models import Feed
from commsplan.calendars.offers import clients, offer
from commsplan.calendars.queries import feed_of
from commsplan.delivery.models import Delivery
from commsplan.foundation.errors import Absent
from commsplan.foundation.languages import speak
from commsplan.people.access import public
from commsplan.people.queries import language_of, zone_of
from commsplan.receipts.queries import copy_of

pages = Blueprint("copy_calendar", __name__)


@pages.get("/c/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """How do I get these dates into my own calendar?"""
    copy, feed = _copy_and_feed(token)
    live = feed is not None and feed.revoked_at is None
    return render_template(
        "calendars/subscribe.html",
        token=token,
        plan=copy.message.plan,
        feed=feed,
        offer=offer(feed) if feed and live else None,
        clients=clients(),
        zone=zone_of(copy.person),
    )


@pages.post("/c/<token>")
@public
def begin(token: str) -> ResponseReturnValue:
    """Make the reader's own address of the plan's calendar."""
    copy, _feed = _copy_and_feed(token)
    open_feed(copy.person, copy.message.plan)
    flash(_("Your address is ready. Subscribe to it once; it stays up to date by itself."))
    return redirect(url_for(".show", token=token), 303)


@pages.post("/c/<token>/revoke")
@public
def revoke(token: str) -> ResponseReturnValue:
    """Switch the reader's address off."""
    _copy, feed = _copy_and_feed(token)
    if feed is None:
        raise Absent
    revoke_feed(feed)
    flash(_("Your address is switched off."))
    return redirect(url_for(".show", token=token), 303)


def _copy_and_feed(token: str) -> tuple[Delivery, Feed | None]:
    copy = copy_of("calendar", token)
    speak(language_of(copy.person))
    return copy, feed_of(copy.person, copy.message.plan)
