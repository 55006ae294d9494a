"""What speaks against a moment: freezes, quiet times, holidays, rooms that are taken.

Plans do not know who keeps such times; whoever does puts a source here (app.py), as calendars do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_

from commsplan.audiences.matching import folded
from commsplan.audiences.models import Audience
from commsplan.audiences.queries import belongs, count
from commsplan.audiences.rules import Rule, fold
from commsplan.people.models import Person
from commsplan.plans.models import Activity

EVERYWHERE, PLACE = "everywhere", "place"
PEOPLE = {
    "country": Person.country,
    "location": Person.location,
    "department": Person.department,
}
"""Scopes that concern some people only, and what of a person says whether they are among them."""
ORDER = ("freeze", "quiet", "room", "holiday")
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Span:
    """A time that speaks against what happens in it."""

    kind: str
    """freeze, quiet, holiday or room."""
    title: str
    starts_at: datetime
    ends_at: datetime
    """Exclusive."""
    all_day: bool = False
    zone: str = "UTC"
    """Zone in which its days are days."""
    reason: str = ""
    source: str = ""
    """Which calendar says so; empty for the organisation itself."""
    href: str = ""
    scope: str = EVERYWHERE
    scope_value: str = ""


@dataclass(frozen=True)
class Obstacle:
    """A span that touches something, and how many of its people it concerns."""

    span: Span
    people: int | None = None
    """None: all of them, or nobody knows yet who they are."""


@dataclass(frozen=True)
class Touched:
    """What is held against the spans: an activity, or one that somebody is still writing."""

    starts_at: datetime
    ends_at: datetime
    audience: Audience | None = None
    place: str = ""
    title: str = ""


Source = Callable[[datetime, datetime], list[Span]]
sources: list[Source] = []
"""Who knows spans between two instants; app.py puts them here."""


def spans_between(start: datetime, end: datetime) -> list[Span]:
    """Return every span that touches the time between two instants, in order of time."""
    found = [span for ask in sources for span in ask(start, end)]
    return sorted(found, key=lambda span: (span.starts_at, span.ends_at, span.title))


def touched_by(activity: Activity) -> Touched:
    """Return an activity as the spans see it."""
    return Touched(
        activity.starts_at, activity.ends_at, activity.audience, activity.place, activity.title
    )


def obstacles_of(activity: Activity) -> list[Obstacle]:
    """Return what speaks against an activity; nothing against one that is off."""
    if activity.status == "cancelled" or activity.removed_at is not None:
        return []
    return obstacles_to(touched_by(activity))


def obstacles_to(thing: Touched) -> list[Obstacle]:
    """Return what speaks against something, the most serious first."""
    end = max(thing.ends_at, thing.starts_at + INSTANT)
    return among(spans_between(thing.starts_at, end), thing)


def among(spans: Iterable[Span], thing: Touched) -> list[Obstacle]:
    """Return which of some spans speak against something, the most serious first."""
    end = max(thing.ends_at, thing.starts_at + INSTANT)
    near = [span for span in spans if span.starts_at < end and span.ends_at > thing.starts_at]
    found = [one for span in near if (one := _held_against(span, thing)) is not None]
    return sorted(found, key=lambda one: (ORDER.index(one.span.kind), one.span.starts_at))


def _held_against(span: Span, thing: Touched) -> Obstacle | None:
    if span.scope == PLACE:
        return Obstacle(span) if _takes_its_place(span, thing) else None
    column = PEOPLE.get(span.scope)
    if column is None or thing.audience is None:
        return Obstacle(span)
    there: ColumnElement[bool] = folded(column) == fold(span.scope_value)
    rule = Rule.from_json(thing.audience.rule)
    people = count(and_(belongs(rule, thing.audience.id), there))
    return Obstacle(span, people) if people else None


def _takes_its_place(span: Span, thing: Touched) -> bool:
    """Tell whether a taken room is the one meant; a booking of the same name is its own."""
    room, place = _plain(span.scope_value), _plain(thing.place)
    if not room or not place or _plain(span.title) == _plain(thing.title):
        return False
    return f" {room} " in f" {place} "


def _plain(words: str) -> str:
    kept = "".join(char if char.isalnum() else " " for char in words.casefold())
    return " ".join(kept.split())
