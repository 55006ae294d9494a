"""What a program shows of a calendar: each occurrence with its title, start and end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

Window = tuple[datetime, datetime]


@dataclass(frozen=True, order=True)
class Seen:
    """One occurrence; times as texts, so that days, instants and floating times look unlike."""

    title: str
    starts: str
    ends: str
    """Exclusive."""


def spoken(moment: date) -> str:
    """Return a day as "2026-10-06", an instant with a Z, a floating time without."""
    if not isinstance(moment, datetime):
        return moment.isoformat()
    if moment.tzinfo is None:
        return f"{moment:%Y-%m-%dT%H:%M:%S}"
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def wider(window: Window) -> Window:
    """Return a window with a week more on each side: programs cut its edges in their own ways."""
    return window[0] - timedelta(days=7), window[1] + timedelta(days=7)


def inside(found: list[Seen], window: Window) -> list[Seen]:
    """Return what begins on the days of a window, in order."""
    since, until = (f"{moment:%Y-%m-%d}" for moment in window)
    return sorted(one for one in found if since <= one.starts[:10] < until)
