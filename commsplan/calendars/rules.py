"""Decisions about feeds: when one still answers, what stays visible, who came to fetch it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum

from commsplan.plans.rules import KINDS

TOMBSTONE = timedelta(days=60)
"""How long a cancelled or removed activity stays, marked as cancelled, so that clients learn it."""
FAREWELL = timedelta(days=7)
"""How long an ended address explains itself before it is gone: Thunderbird keeps stale events on
410 and switches a calendar off on 503, so 200 with a note comes first, then 404."""
NOTED_EVERY = timedelta(minutes=5)
"""How often a fetch is written down: one small write, not one per request."""
CACHE_SECONDS = 300
"""How long a client may believe what it has without asking."""
ETAG_DIGITS = 32
"""Hexadecimal digits of an ETag: 128 bits of the SHA-256 of the bytes."""
ZIPPED = "-gzip"
"""Behind the ETag of the compressed form: other bytes, so another one (RFC 9110 §8.8.3)."""
SHORTEST = timedelta(minutes=15)
"""Length of an event that is written without an end: RFC 5545 §3.6.1 wants DTEND after DTSTART."""

OPEN_PLANS = frozenset({"active", "done"})
"""States in which people who are addressed see a plan's activities; a draft is still changing."""
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


class FeedKind(StrEnum):
    """What a feed is about."""

    PLAN = "plan"
    """One plan, as far as its person may see it."""
    MINE = "mine"
    """Everything that concerns a person: their audiences', and what they see to."""
    DEADLINES = "deadlines"
    MEETINGS = "meetings"
    SURVEYS = "surveys"
    AUDIENCE = "audience"
    """Everything that is for one audience, for those who work with it."""
    CHANGES = "changes"
    """The change calendar of the whole organisation."""
    BLACKOUTS = "blackouts"
    """When nothing may be changed."""
    PUBLIC = "public"
    """One plan, for whoever knows its name."""


ABOUT_ME = (FeedKind.MINE, FeedKind.DEADLINES, FeedKind.MEETINGS, FeedKind.SURVEYS)
OF_ALL = (FeedKind.CHANGES, FeedKind.BLACKOUTS)
PERSONAL = (*ABOUT_ME, *OF_ALL)
"""Kinds of which a person has one, without saying of what."""

KINDS_SHOWN = {
    FeedKind.DEADLINES: ("deadline",),
    FeedKind.MEETINGS: ("meeting", "training"),
    FeedKind.SURVEYS: ("survey",),
}
"""Which kinds of activity the feeds with a narrow subject show."""


@dataclass(frozen=True)
class Choice:
    """What somebody ticked for their calendar."""

    kinds: frozenset[str] = frozenset(KINDS)
    """Kinds of activity that are shown."""
    without: frozenset[int] = frozenset()
    """Plans that are not: so a new plan is there by itself."""
    others_busy: bool = False
    """In the change calendar: also when other plans are busy, without saying with what."""

    def as_json(self) -> dict[str, object]:
        """Return what a feed keeps; only what differs from everything."""
        kept: dict[str, object] = {}
        if self.kinds != frozenset(KINDS):
            kept["kinds"] = sorted(self.kinds)
        if self.without:
            kept["without"] = sorted(self.without)
        return kept | ({"others_busy": True} if self.others_busy else {})

    @classmethod
    def from_json(cls, kept: Mapping[str, object]) -> Choice:
        """Read what a feed keeps."""
        kinds, without = kept.get("kinds", KINDS), kept.get("without", ())
        return cls(
            frozenset(str(kind) for kind in _several(kinds)),
            frozenset(int(str(plan_id)) for plan_id in _several(without)),
            bool(kept.get("others_busy")),
        )


def _several(value: object) -> Iterable[object]:
    return value if isinstance(value, list | tuple) else ()


def subject_of(kind: str, plan_id: int | None, audience_id: int | None) -> str:
    """Return in a word what a feed is about: a person has one feed of each."""
    if kind == FeedKind.AUDIENCE:
        return f"audience {audience_id}"
    return f"{kind} {plan_id}" if plan_id is not None else kind


SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SLUG_LENGTH = 60


def slug_of(title: str) -> str:
    """Return a name for an address made of a plan's title: its letters and figures, in ASCII."""
    plain = unicodedata.normalize("NFKD", title.lower().replace("ß", "ss"))
    plain = plain.encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:SLUG_LENGTH].strip("-")


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
