"""Times of a calendar file as instants: days and times without a zone belong to the calendar's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Outside these nobody plans, and expanding a daily series from the year 1 takes seconds."""
LONGEST = timedelta(days=3660)
"""What lasts longer than ten years is cut there."""


@dataclass(frozen=True)
class Window:
    """From when until when somebody looks, and in which zone a day is a day."""

    start: datetime
    end: datetime
    zone: str


def is_in_range(moment: date) -> bool:
    """Tell whether a start lies in years that are worked with."""
    return FIRST_YEAR <= moment.year <= LAST_YEAR


def end_of(event: Any, starts: date) -> date:
    """Return an entry's end, exclusive, of the kind its start is (RFC 5545 §3.6.1).

    Without an end a day lasts a day, and a time is a moment. An end before the start, or of another
    kind, counts as none.
    """
    is_day = not isinstance(starts, datetime)
    ends = getattr(event.get("DTEND"), "dt", None)
    if isinstance(ends, date) and isinstance(ends, datetime) != is_day:
        same_zone = is_day or (ends.tzinfo is None) == (starts.tzinfo is None)  # type: ignore[attr-defined]  # both have hours then
        if same_zone and ends > starts:
            return ends
    lasts = getattr(event.get("DURATION"), "dt", None)
    if isinstance(lasts, timedelta) and lasts > timedelta(0):
        return starts + min(lasts, LONGEST)
    return starts + timedelta(days=1) if is_day else starts


def instants(starts: date, ends: date, zone: str) -> tuple[datetime, datetime]:
    """Return start and end as instants, never the wrong way round, at most ten years apart."""
    starts_at = instant(starts, zone)
    return starts_at, min(max(starts_at, instant(ends, zone)), starts_at + LONGEST)


def instant(moment: date, zone: str) -> datetime:
    """Return a day's midnight, or a time, as an instant; without a zone it is in this one."""
    wall = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    return (wall if wall.tzinfo else wall.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def key_of(event: Any) -> str:
    """Return by what an occurrence is known: its first start, as "20261006T0900" or "20261006"."""
    moment = getattr(event.get("RECURRENCE-ID"), "dt", None) or event["DTSTART"].dt
    return f"{moment:%Y%m%dT%H%M}" if isinstance(moment, datetime) else f"{moment:%Y%m%d}"
