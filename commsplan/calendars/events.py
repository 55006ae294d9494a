"""What a feed shows: a plan's activities as events, in one person's language and zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _

from commsplan.calendars.ics import Event, Head, calendar
from commsplan.calendars.models import Feed
from commsplan.calendars.queries import activities_for, may_read
from commsplan.calendars.repeating import horizon_of
from commsplan.calendars.rules import COLOURS, Standing
from commsplan.calendars.telling import View, events_of
from commsplan.foundation.addresses import absolute, feed_address
from commsplan.people.queries import zone_of


def feed_bytes(feed: Feed, now: datetime) -> bytes:
    """Return a person's calendar of a plan; the same bytes until something changes."""
    whole = may_read(feed.person, feed.plan)
    zone = zone_of(feed.person)
    activities = activities_for(feed, whole, now)
    view = View.WHOLE if whole else View.ADDRESSED
    events = [
        event for one in activities for event in events_of(one, zone, view, horizon_of(now.date()))
    ]
    colour, apple_colour = COLOURS.get(feed.plan.colour, ("", ""))
    head = Head(
        name=feed.plan.title,
        description=feed.plan.why if whole else "",
        zone=zone,
        modified=max([_settled(feed), *(one.revised_at for one in activities)]),
        source=feed_address(feed.id, feed.generation),
        url=absolute(f"/plans/{feed.plan_id}" if whole else "/me"),
        colour=colour,
        apple_colour=apple_colour,
        categories=(feed.plan.title,),
    )
    return calendar(head, events or [_nothing(feed)])


def farewell_bytes(feed: Feed, standing: Standing, asked: int) -> bytes:
    """Return the calendar of an address that has ended: one event that says so."""
    if standing is Standing.REPLACED:
        name = _("This calendar address was replaced")
        advice = _("Subscribe again with the new address, or remove this calendar.")
    else:
        name = _("This calendar feed was switched off")
        advice = _("You can remove this calendar from your programme.")
    moment = (feed.renewed_at if standing is Standing.REPLACED else feed.revoked_at) or (
        feed.created_at
    )
    head = Head(
        name=name,
        description=advice,
        zone=zone_of(feed.person),
        modified=moment,
        source=feed_address(feed.id, asked),
        refresh="P1D",
    )
    words = (name, advice)
    return calendar(head, [_note(f"ended-{feed.id}-{asked}", moment, moment.date(), words)])


def _nothing(feed: Feed) -> Event:
    """A calendar is never empty: vdirsyncer and strict readers refuse one without an event."""
    day = feed.plan.starts_on or feed.created_at.date()
    words = (_("Nothing scheduled"), _("This plan has nothing for you in the calendar yet."))
    return _note(f"nothing-{feed.id}", _settled(feed), day, words)


def _note(key: str, moment: datetime, day: date, words: tuple[str, str]) -> Event:
    host = urlsplit(str(current_app.config["BASE_URL"])).hostname or "localhost"
    return Event(
        uid=f"{key}@{host}",
        revised=moment,
        created=moment,
        summary=words[0],
        description=words[1],
        starts=day,
        ends=day + timedelta(days=1),
    )


def _settled(feed: Feed) -> datetime:
    """The moment before which nothing of this feed's own changed."""
    return feed.renewed_at or feed.created_at
