"""What speaks against a moment: freezes, quiet times, holidays, rooms that are taken.

Plans do not know who keeps such times; whoever does puts a source here (app.py), as calendars do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_

from commsplan.audiences.matching import folded
from commsplan.audiences.models import Audience
from commsplan.audiences.queries import belongs, count
from commsplan.audiences.rules import Rule, fold
from commsplan.people.models import Person
from commsplan.plans.happenings import Happening, happenings
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
LOOKED_AHEAD, MOST = timedelta(days=400), 60
"""How much of a series is held against the spans: a year and a bit, a weekly one's occurrences."""


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


Counted = dict[tuple[int, str, str], int]
"""How many people of an audience a scope concerns: audience, scope and its value → people."""
Source = Callable[[datetime, datetime], list[Span]]
sources: list[Source] = []
"""Who knows spans between two instants; app.py puts them here."""


def spans_between(start: datetime, end: datetime) -> list[Span]:
    """Return every span that touches the time between two instants, in order of time."""
    found = [span for ask in sources for span in ask(start, end)]
    return sorted(found, key=lambda span: (span.starts_at, span.ends_at, span.title))


def touched_by(thing: Activity | Happening) -> Touched:
    """Return something on a plan as the spans see it."""
    return Touched(thing.starts_at, thing.ends_at, thing.audience, thing.place, thing.title)


def against(thing: Activity | Happening) -> list[Obstacle]:
    """Return what speaks against one thing; nothing against one that is off."""
    return [] if thing.status == "cancelled" else [one for _thing, one in held([touched_by(thing)])]


def ahead(activity: Activity, now: datetime) -> list[tuple[Touched, Obstacle]]:
    """Return what speaks against an activity; of a series, against its next occurrences."""
    if activity.removed_at is not None:
        return []
    if not activity.recurrence:
        return [(touched_by(activity), one) for one in against(activity)]
    coming = happenings([activity], now, now + LOOKED_AHEAD)
    return held([touched_by(one) for one in coming if one.status != "cancelled"][:MOST])


def held(things: Sequence[Touched]) -> list[tuple[Touched, Obstacle]]:
    """Hold several things against the spans, in order of time; of each the most serious first."""
    if not things:
        return []
    start = min(one.starts_at for one in things)
    spans = spans_between(start, max(_end(one) for one in things))
    counted: Counted = {}
    return [(one, found) for one in things for found in among(spans, one, counted)]


def among(spans: Iterable[Span], thing: Touched, counted: Counted) -> list[Obstacle]:
    """Return which of some spans speak against something, the most serious first.

    Args:
        counted: how many people a scope concerns, as far as it is known; more is written there.
    """
    end = _end(thing)
    near = [span for span in spans if span.starts_at < end and span.ends_at > thing.starts_at]
    found = [one for span in near if (one := _held_against(span, thing, counted)) is not None]
    return sorted(found, key=lambda one: (ORDER.index(one.span.kind), one.span.starts_at))


def _end(thing: Touched) -> datetime:
    return max(thing.ends_at, thing.starts_at + INSTANT)


def _held_against(span: Span, thing: Touched, counted: Counted) -> Obstacle | None:
    if span.scope == PLACE:
        return Obstacle(span) if _takes_its_place(span, thing) else None
    if span.scope not in PEOPLE or thing.audience is None:
        return Obstacle(span)
    key = (thing.audience.id, span.scope, span.scope_value)
    if key not in counted:
        counted[key] = _people(thing.audience, span)
    return Obstacle(span, counted[key]) if counted[key] else None


def _people(audience: Audience, span: Span) -> int:
    there: ColumnElement[bool] = folded(PEOPLE[span.scope]) == fold(span.scope_value)
    return count(and_(belongs(Rule.from_json(audience.rule), audience.id), there))


def _takes_its_place(span: Span, thing: Touched) -> bool:
    """Tell whether a taken room is the one meant; a booking of the same name is its own."""
    room, place = _plain(span.scope_value), _plain(thing.place)
    if not room or not place or _plain(span.title) == _plain(thing.title):
        return False
    return f" {room} " in f" {place} "


def _plain(words: str) -> str:
    kept = "".join(char if char.isalnum() else " " for char in words.casefold())
    return " ".join(kept.split())
