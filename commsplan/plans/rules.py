"""Values and decisions of plans: kinds, wishes, progress towards a goal, oddities of clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

KINDS = ("announcement", "meeting", "chat", "training", "survey", "deadline")
ACTIVITY_STATUSES = ("planned", "confirmed", "done", "cancelled")
PLAN_STATUSES = ("draft", "active", "done", "archived")
PRIVACIES = ("aggregate", "individual")
COLOURS = (
    "teal",
    "blue",
    "indigo",
    "violet",
    "pink",
    "red",
    "orange",
    "amber",
    "lime",
    "green",
    "slate",
    "brown",
)

VISIBLE_FIELDS = frozenset(
    {
        "kind",
        "title",
        "audience_id",
        "audience_text",
        "mechanism",
        "key_message",
        "starts_local",
        "ends_local",
        "zone",
        "all_day",
        "frequency",
        "recurrence",
        "place",
        "conference",
        "status",
        "is_change",
        "removed_at",
    }
)
"""What an audience can see of an activity: a change of these raises its sequence (RFC 5545)."""

PACE_TOLERANCE = 0.1
"""How far a goal may lag behind the calendar and still be on track: a tenth of the whole way.

Measurements come in steps, and the first weeks of a plan explain rather than move figures.
"""


@dataclass(frozen=True)
class Part:
    """Somebody's part in a plan, in words."""

    person_id: int
    part: str = ""


@dataclass(frozen=True)
class PlanWish:
    """What somebody wants a plan to be."""

    title: str
    why: str = ""
    sponsor_id: int | None = None
    owner_id: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    zone: str = ""
    """IANA name; empty for the organisation's."""
    colour: str = "teal"
    privacy: str = "aggregate"
    may_unsubscribe: bool = False
    members: tuple[Part, ...] = ()
    status: str = "draft"


@dataclass(frozen=True)
class ActivityWish:
    """What somebody wants an activity to be; times as the clock on the wall of its zone shows."""

    kind: str
    title: str
    starts_local: datetime
    ends_local: datetime | None = None
    """None: a moment; for all-day the last day, inclusive."""
    zone: str = ""
    """IANA name, "recipient" for each reader's own, empty for the plan's."""
    all_day: bool = False
    audience_id: int | None = None
    audience_text: str = ""
    owner_id: int | None = None
    owner_text: str = ""
    mechanism: str = ""
    key_message: str = ""
    comments: str = ""
    frequency: str = ""
    recurrence: str = ""
    """How it repeats, as plans/recurrence.py has it; empty for once."""
    place: str = ""
    conference: str = ""
    capacity: int | None = None
    """How many people fit; None where there is room for everybody."""
    status: str = "planned"
    is_change: bool = False
    """Everybody in the organisation finds it in the change calendar."""


@dataclass(frozen=True)
class OccurrenceWish:
    """What somebody wants one occurrence of a series to be; empty is as the series has it."""

    starts_local: datetime
    ends_local: datetime | None = None
    """None: as long as the others."""
    title: str = ""
    place: str = ""
    conference: str = ""
    status: str = ""


@dataclass(frozen=True)
class GoalWish:
    """What somebody wants to reach, measurably."""

    what: str
    unit: str
    baseline: float
    target: float
    due_on: date
    how: str = ""


@dataclass(frozen=True)
class MeasurementWish:
    """Where a goal stood, on which day, and from which source that is known."""

    value: float
    measured_on: date
    source: str


class Standing(StrEnum):
    """How a goal stands."""

    REACHED = "reached"
    ON_TRACK = "on track"
    BEHIND = "behind"
    UNMEASURED = "no measurement yet"


def goal_progress(baseline: float, target: float, value: float) -> float:
    """Return how much of the way from baseline to target is done: 0 at the start, 1 at the end.

    Below 0 it went the wrong way, above 1 it is better than asked. A target below the baseline
    (fewer calls to the service desk) works alike.

    Raises:
        ValueError: the target is the baseline, so that there is no way to measure.
    """
    if target == baseline:
        raise ValueError("A goal whose target is its baseline has no progress.")
    return (value - baseline) / (target - baseline)


def elapsed_share(began: date, due: date, today: date) -> float:
    """Return how much of the time between two days has passed, 0..1."""
    whole = (due - began).days
    if whole <= 0:
        return 1.0 if today >= due else 0.0
    return min(1.0, max(0.0, (today - began).days / whole))


def standing(
    progress: float | None, began: date, due: date, measured_on: date | None, today: date
) -> Standing:
    """Say how a goal stands, by the on-track rule.

    1. Without a measurement there is nothing to say.
    2. The whole way done is reached, early or late.
    3. After the due day anything less is behind.
    4. Before it, the progress is held against the share of the time that had passed on the day of
       the measurement; up to `PACE_TOLERANCE` less is still on track.
    """
    if progress is None or measured_on is None:
        return Standing.UNMEASURED
    if progress >= 1:
        return Standing.REACHED
    if today > due:
        return Standing.BEHIND
    expected = elapsed_share(began, due, measured_on)
    return Standing.ON_TRACK if progress >= expected - PACE_TOLERANCE else Standing.BEHIND


class ClockOddity(StrEnum):
    """What happens to a wall-clock time when clocks change."""

    SKIPPED = "skipped"
    """Clocks jump over it in spring; it moves forward by the gap."""
    TWICE = "twice"
    """Clocks show it twice in autumn; the first of the two counts."""


def clock_oddity(wall: datetime, zone: str) -> ClockOddity | None:
    """Say whether clocks in a zone skip a wall-clock time or show it twice (PEP 495)."""
    there = ZoneInfo(zone)
    early = wall.replace(tzinfo=there, fold=0)
    late = wall.replace(tzinfo=there, fold=1)
    if early.utcoffset() == late.utcoffset():
        return None
    back = early.astimezone(UTC).astimezone(there).replace(tzinfo=None)
    return ClockOddity.TWICE if back == wall else ClockOddity.SKIPPED
