"""A whole feed: its head, the events it shows from their kept bytes, and its end.

1. What the feed shows is one statement; each activity comes with its bytes if they still hold.
2. Only what has none is written, and kept for the next time.
3. The SHA-256 of it all is the ETag, so equal bytes stay equal through every restart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import get_locale
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from commsplan.calendars.activity_events import Manner, Written, written
from commsplan.calendars.edition import edition
from commsplan.calendars.heads import farewell, head_of, nothing, zone_of_feed
from commsplan.calendars.ics import CLOSING, Event, calendar, event_bytes, opening
from commsplan.calendars.models import Feed
from commsplan.calendars.rules import Detail, Standing
from commsplan.calendars.showing import bounds, rows, shown_by
from commsplan.foundation.database import db
from commsplan.plans.models import Activity

IDS_AT_ONCE = 500

Source = Callable[[Feed], list[Event]]

further: list[Source] = []
"""What later steps add to feeds; filled by app.py, which knows the steps."""


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
    shown, zone, mark = shown_by(feed, now), zone_of_feed(feed), edition()
    found = db.session.execute(rows(shown, str(get_locale() or "en"), zone, mark)).all()
    revised, stale_at = bounds(shown, now)
    missing = {
        row.id: Manner(Detail(row.detail), zone, shown.names_plan) for row in found if not row.body
    }
    new = _write(missing)
    bodies = [row.body or new[row.id].body for row in found]
    bodies += [event_bytes(event) for source in further for event in source(feed)]
    head = opening(head_of(feed, revised))
    body = b"".join((head, *(bodies or [event_bytes(nothing(feed))]), CLOSING))
    fresh = [_kept(row, new[row.id], mark) for row in found if row.id in new]
    return Made(body, hashlib.sha256(body).hexdigest(), stale_at, fresh)


def feed_bytes(feed: Feed, now: datetime) -> bytes:
    """Return a feed's calendar; the same bytes until something changes."""
    return make_feed(feed, now).body


def farewell_bytes(feed: Feed, standing: Standing, asked: int) -> bytes:
    """Return the calendar of an address that has ended: one event that says so."""
    head, event = farewell(feed, standing, asked)
    return calendar(head, [event])


def _write(missing: dict[int, Manner]) -> dict[int, Written]:
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
        new |= {one.id: written(one, missing[one.id]) for one in activities}
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
