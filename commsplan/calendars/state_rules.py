"""Open or closed: stretches of time, joined, cut and turned over, and when that changes next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

ORGANISATION = "organisation"
"""How the calendar of everybody is called: what closes it closes every other one too."""


SCOPE = "calendars.state"
"""What a program's token has to be made for, to ask."""


class State(StrEnum):
    """Whether things may change at a moment."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"
    """A calendar that counts could not be read, or not for too long."""


@dataclass(frozen=True, order=True)
class Stretch:
    """Some time, the end exclusive."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Turn:
    """When the state changes next, and to what."""

    at: datetime
    to: State


@dataclass(frozen=True)
class Answer:
    """What one calendar, or several together, say of a moment."""

    state: State
    turn: Turn | None = None
    """None: not before the end of what was looked at; or unknown."""
    closed: tuple[Stretch, ...] = field(default=(), repr=False)


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return the same time in as few stretches as possible, in order."""
    found: list[Stretch] = []
    for one in sorted(one for one in stretches if one.ends > one.starts):
        if found and one.starts <= found[-1].ends:
            found[-1] = Stretch(found[-1].starts, max(found[-1].ends, one.ends))
        else:
            found.append(one)
    return found


def without(stretches: Iterable[Stretch], holes: Iterable[Stretch]) -> list[Stretch]:
    """Return the time of some stretches that is in none of the others."""
    left = joined(stretches)
    for hole in joined(holes):
        left = [piece for one in left for piece in _cut(one, hole)]
    return left


def outside(stretches: Iterable[Stretch], whole: Stretch) -> list[Stretch]:
    """Return the rest of a whole: what is closed where only windows are open."""
    return without([whole], stretches)


def closed_times(
    own: Iterable[Stretch],
    own_overrides: Iterable[Stretch],
    everybodys: Iterable[Stretch],
    everybodys_overrides: Iterable[Stretch],
) -> list[Stretch]:
    """Return when a calendar is closed.

    1. The organisation's closed times, less what was overridden for the whole organisation.
    2. The calendar's own beside them.
    3. Less what was overridden for this calendar: its sponsor answers for both.
    """
    return without(
        [*own, *without(everybodys, everybodys_overrides)],
        own_overrides,
    )


def look(closed: Iterable[Stretch], at: datetime) -> Answer:
    """Say whether a moment is closed, and when that changes.

    Args:
        closed: as far into the future as anybody looked; a stretch that reaches the end of that
            says nothing of what comes after, so the caller passes more than it asks for.
    """
    times = joined(closed)
    for one in times:
        if one.starts <= at < one.ends:
            return Answer(State.CLOSED, Turn(one.ends, State.OPEN), tuple(times))
        if one.starts > at:
            return Answer(State.OPEN, Turn(one.starts, State.CLOSED), tuple(times))
    return Answer(State.OPEN, None, tuple(times))


def together(answers: Iterable[Answer], at: datetime) -> Answer:
    """Say what several calendars say: open only if all of them are.

    One that is certainly closed closes; otherwise one that cannot tell leaves it unknown.
    """
    every = list(answers)
    whole = look([stretch for one in every for stretch in one.closed], at)
    if any(one.state is State.UNKNOWN for one in every):
        state = State.CLOSED if whole.state is State.CLOSED else State.UNKNOWN
        return Answer(state, None, whole.closed)
    return whole


def _cut(one: Stretch, hole: Stretch) -> list[Stretch]:
    if hole.ends <= one.starts or hole.starts >= one.ends:
        return [one]
    pieces = (Stretch(one.starts, hole.starts), Stretch(hole.ends, one.ends))
    return [piece for piece in pieces if piece.ends > piece.starts]
