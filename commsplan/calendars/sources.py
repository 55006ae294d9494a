"""What stands in feeds beside activities: few things, so they are written anew each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from commsplan.calendars.ics import Event
from commsplan.calendars.models import Feed


@dataclass(frozen=True)
class Extra:
    """Events from elsewhere, and when time alone changes them."""

    events: tuple[Event, ...] = ()
    stale_at: datetime | None = None


Source = Callable[[Feed, datetime], Extra]

sources: list[Source] = []
"""Filled by app.py, which knows the steps; those below this one know it, it does not know them.
Whatever they read is watched: see foundation/revisions.py."""


def extras(feed: Feed, now: datetime) -> Extra:
    """Return what all sources have for a feed at a moment."""
    found = [source(feed, now) for source in sources]
    moments = [one.stale_at for one in found if one.stale_at]
    events = tuple(event for one in found for event in one.events)
    return Extra(events, min(moments, default=None))
