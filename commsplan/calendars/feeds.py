"""A whole feed: its head, the events it shows from their kept bytes, and its end.

1. What the feed shows is one statement; each activity comes with its bytes if they still hold.
2. Only what has none is written, and kept for the next time.
3. The SHA-256 of it all is the ETag, so equal bytes stay equal through every restart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import get_locale
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from commsplan.calendars.edition import edition
from commsplan.calendars.heads import farewell, head_of, nothing, zone_of_feed
from commsplan.calendars.ics import TAIL, Event, calendar, event_bytes, head_bytes, zone_bytes
from commsplan.calendars.models import Feed
from commsplan.calendars.repeating import horizon_of
from commsplan.calendars.rules import Standing
from commsplan.calendars.showing import bounds, rows, shown_by
from commsplan.calendars.sources import extras
from commsplan.calendars.telling import View, events_of
from commsplan.foundation.database import db
from commsplan.plans.models import Activity

IDS_AT_ONCE = 500
NO_ZONES: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Written:
    """The lines of one activity, a series with all that departs from it, and the TZIDs in them."""

    body: bytes
    zones: frozenset[str]

    @classmethod
    def of(cls, events: Iterable[Event]) -> Written:
        """Write events down."""
        listed = list(events)
        zones = frozenset(event.zone for event in listed if event.zone)
        return cls(b"".join(event_bytes(event) for event in listed), zones)

    @classmethod
    def kept(cls, body: bytes | None, zones: str | None) -> Written:
        """Read what was kept; of an activity that vanished in between there is nothing."""
        return cls(body or b"", frozenset(zones.split()) if zones else NO_ZONES)


@dataclass(frozen=True)
class Made:
    """A feed as it is at this moment."""

    body: bytes
    digest: str
    """The SHA-256 of its bytes, hexadecimal."""
    stale_at: datetime | None
    """When time alone changes it."""
    fresh: list[dict[str, object]]
    """Rows of `EventBytes` to keep."""


def make_feed(feed: Feed, now: datetime) -> Made:
    """Make a feed, in the language of the page."""
    shown, zone, mark = shown_by(feed, now), zone_of_feed(feed), edition(now)
    own_zone = zone if feed.person_id else ""
    found = db.session.execute(rows(shown, str(get_locale() or "en"), own_zone, mark)).all()
    revised, stale_at = bounds(shown, now)
    missing = {row.id: View(row.detail) for row in found if row.body is None}
    new = _write(missing, own_zone, horizon_of(now.date()), names_plan=shown.names_plan)
    written = [new.get(row.id) or Written.kept(row.body, row.zones) for row in found]
    extra = extras(feed, now)
    written.append(Written.of(extra.events))
    if not any(one.body for one in written):
        written = [Written.of([nothing(feed)])]
    body = _joined(head_bytes(head_of(feed, revised)), written)
    next_change = min(filter(None, (stale_at, extra.stale_at)), default=None)
    fresh = [_kept(row, new[row.id], mark) for row in found if row.id in new]
    return Made(body, hashlib.sha256(body).hexdigest(), next_change, fresh)


def _joined(head: bytes, written: list[Written]) -> bytes:
    zones = sorted(NO_ZONES.union(*(one.zones for one in written)))
    bodies = (one.body for one in written)
    return b"".join((head, *map(zone_bytes, zones), *bodies, TAIL))


def feed_bytes(feed: Feed, now: datetime) -> bytes:
    """Return a feed's calendar; the same bytes until something changes."""
    return make_feed(feed, now).body


def farewell_bytes(feed: Feed, standing: Standing, asked: int) -> bytes:
    """Return the calendar of an address that has ended: one event that says so."""
    head, event = farewell(feed, standing, asked)
    return calendar(head, [event])


def _write(
    missing: dict[int, View], own_zone: str, horizon: datetime, *, names_plan: bool
) -> dict[int, Written]:
    """Write those activities whose bytes are not kept or no longer hold."""
    new: dict[int, Written] = {}
    ids = list(missing)
    for start in range(0, len(ids), IDS_AT_ONCE):
        activities = db.session.scalars(
            select(Activity)
            .where(Activity.id.in_(ids[start : start + IDS_AT_ONCE]))
            .options(
                joinedload(Activity.plan),
                joinedload(Activity.owner),
                selectinload(Activity.exceptions),
            )
        )
        for one in activities:
            view = missing[one.id]
            events = events_of(one, own_zone, view, horizon, names_plan=names_plan)
            new[one.id] = Written.of(events)
    return new


def _kept(row: Any, new: Written, mark: str) -> dict[str, object]:
    return {
        "activity_id": row.id,
        "view": row.view,
        "version": row.version,
        "beside": row.beside,
        "edition": mark,
        "zones": " ".join(sorted(new.zones)),
        "body": new.body,
    }
