"""Decisions about feeds: when one still answers, what stays visible, who came to fetch it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import Enum

TOMBSTONE = timedelta(days=60)
"""How long a cancelled or removed activity stays, marked as cancelled, so that clients learn it."""
FAREWELL = timedelta(days=7)
"""How long an ended address explains itself before it is gone: Thunderbird keeps stale events on
410 and switches a calendar off on 503, so 200 with a note comes first, then 404."""
NOTED_EVERY = timedelta(minutes=5)
"""How often a fetch is written down: one small write, not one per request."""
SHORTEST = timedelta(minutes=15)
"""Length of an event that is written without an end: RFC 5545 §3.6.1 wants DTEND after DTSTART."""

BUSY_KINDS = frozenset({"meeting", "training"})
"""Kinds of activity during which people cannot do something else."""

COLOURS = {
    "teal": ("teal", "#0C857E"),
    "blue": ("royalblue", "#2469CF"),
    "indigo": ("slateblue", "#494EC4"),
    "violet": ("blueviolet", "#7A43C6"),
    "pink": ("mediumvioletred", "#BD3681"),
    "red": ("firebrick", "#C63732"),
    "orange": ("chocolate", "#BF5410"),
    "amber": ("darkgoldenrod", "#967000"),
    "lime": ("olivedrab", "#5A830F"),
    "green": ("seagreen", "#218045"),
    "slate": ("slategray", "#586975"),
    "brown": ("sienna", "#875738"),
}
"""A plan's colour as a CSS3 name (RFC 7986 §5.9) and as Apple's hexadecimal."""

CLIENTS = (
    ("google-calendar", "Google Calendar"),
    ("thunderbird", "Thunderbird"),
    ("vdirsyncer", "vdirsyncer"),
    ("khal", "khal"),
    ("icsx5", "ICSx⁵"),
    ("davx5", "DAVx⁵"),
    ("nextcloud", "Nextcloud"),
    ("evolution", "Evolution"),
    ("outlook", "Outlook"),
    ("exchange", "Outlook"),
    ("microsoft", "Outlook"),
    ("dataaccessd", "Apple Calendar"),
    ("calendaragent", "Apple Calendar"),
    ("curl", "curl"),
    ("mozilla", "a web browser"),
)
"""What a user agent contains → what people call that program; the first that fits."""


class Standing(Enum):
    """Whether an address still answers."""

    LIVE = "live"
    REVOKED = "revoked"
    """Switched off lately: one event says so."""
    REPLACED = "replaced"
    """There has lately been a new address: one event says so."""
    GONE = "gone"


def standing(
    *,
    asked: int,
    generation: int,
    renewed_at: datetime | None,
    revoked_at: datetime | None,
    left_on: date | None,
    now: datetime,
) -> Standing:
    """Decide what a feed's address answers.

    Args:
        asked: the generation in the address.
        generation: the feed's present one.
        left_on: the last day of whom it belongs to, if they left.
    """
    if left_on is not None:
        lately = now.date() - left_on <= FAREWELL
        return Standing.REVOKED if lately and asked == generation else Standing.GONE
    if asked == generation and revoked_at is None:
        return Standing.LIVE
    if asked == generation and revoked_at is not None and now - revoked_at <= FAREWELL:
        return Standing.REVOKED
    if asked == generation - 1 and renewed_at is not None and now - renewed_at <= FAREWELL:
        return Standing.REPLACED
    return Standing.GONE


def client_name(user_agent: str) -> str:
    """Return what people call the program behind a user agent; empty if nobody knows it."""
    said = user_agent.lower()
    return next((name for part, name in CLIENTS if part in said), "")
