"""What somebody wants a blackout, a shared calendar or an override to be, as values."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

KINDS_BY_HAND = ("freeze", "quiet")
KINDS = ("freeze", "quiet", "holiday", "room", "window")
SOURCES = ("address", "file", "hand")
SCOPES = ("everywhere", "country", "location", "department", "place")
VERDICTS = ("needed", "avoidable")
RESERVED = frozenset({"organisation", "all", "none", "new"})
"""Names that no calendar may take: the first means everybody's, the others would mislead."""
LONGEST_OVERRIDE = timedelta(days=7)
"""What lasts longer is no emergency: the blackout itself should be changed."""
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class BlackoutWish:
    """What a blackout shall be; times as the clock on the wall of its zone shows."""

    team_id: int
    title: str
    starts_local: datetime
    ends_local: datetime
    """Exclusive; for whole days the last one, inclusive."""
    zone: str
    kind: str = "freeze"
    calendar_id: int | None = None
    reason: str = ""
    all_day: bool = False
    scope: str = "everywhere"
    scope_value: str = ""


@dataclass(frozen=True)
class CalendarWish:
    """What a shared calendar shall be."""

    team_id: int
    name: str
    kind: str
    source: str
    zone: str
    scope: str = "everywhere"
    scope_value: str = ""
    closes_all: bool = False
    address: str = ""
    """Where it is read from; empty unless the source is an address."""


@dataclass(frozen=True)
class OverrideWish:
    """What somebody answers for: which calendar, until when, and why."""

    calendar_id: int | None
    until_at: datetime
    reason: str


@dataclass(frozen=True)
class ReviewWish:
    """What a review found."""

    verdict: str
    finding: str


def slug_of(name: str) -> str:
    """Return a name as pipelines write it: "Zürich: Payments" → "zurich-payments".

    Empty when the name has no letter that could stand there.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_A_SLUG.sub("-", plain).strip("-")[:50].strip("-")
