"""What the watch over sends decides: how fast one goes, whether it stalls, how many would help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

OTHERS = ""
"""Stands for every domain that is not told apart."""


@dataclass(frozen=True)
class Look:
    """A send at a moment."""

    settled: int
    """Copies with which nothing more happens by itself."""
    is_ready: bool
    """Whether copies could go, or are with a worker."""
    is_paused: bool
    is_limited: bool
    """Whether a speed limit lets nothing go just now."""


def idle_since(
    look: Look, settled_before: int | None, since: datetime | None, now: datetime
) -> datetime | None:
    """Return since when copies of a send could go and none did; None when there is no such time.

    Args:
        look: the send now.
        settled_before: how many were settled at the last look; None when this is the first.
        since: what the last look found.
        now: this moment.
    """
    if not look.is_ready or look.is_paused or look.is_limited:
        return None
    moves = settled_before is None or look.settled != settled_before
    return now if moves or since is None else since


def is_stalled(since: datetime | None, now: datetime, after: timedelta) -> bool:
    """Tell whether a send has been idle for too long."""
    return since is not None and now - since >= after


def per_minute(arrived: int, before: int, seconds: float) -> int:
    """Return a rate from two counts; one that fell (copies bounced) is none."""
    return max(round((arrived - before) * 60 / max(seconds, 1.0)), 0)


def largest(numbers: Mapping[str, int], most: int) -> dict[str, int]:
    """Return the largest parts of a count, the largest first, the others as one named OTHERS."""
    named = sorted(
        ((number, name) for name, number in numbers.items() if name != OTHERS),
        key=lambda one: (-one[0], one[1]),
    )
    found = {name: number for number, name in named[:most]}
    rest = numbers.get(OTHERS, 0) + sum(number for number, _name in named[most:])
    return found | ({OTHERS: rest} if rest else {})


def workers_wanted(
    ready: int, per_worker: float, seconds: float, limit: float | None, most: int
) -> int:
    """Return how many workers would send what is ready in the time wanted.

    Workers beyond what a speed limit lets through would only wait for it; none are needed when
    nothing is ready.

    Args:
        ready: copies that may go now.
        per_worker: copies one worker sends in a second.
        seconds: in how long they shall be sent.
        limit: copies that the speed limits let through in a second; None is no limit.
        most: how many there may be at most.
    """
    if not ready:
        return 0
    needed = ready / (per_worker * seconds)
    if limit is not None:
        needed = min(needed, limit / per_worker)
    return max(min(ceil(needed), most), 1)
