"""A send in parts, one after the other: how large each is, and when it opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

MOST_WAVES = 8  # beside "everybody else"
LONGEST_PAUSE = 7 * 24 * 60  # minutes: a message that takes longer than weeks is several messages
ENOUGH_TRIED = 20  # copies: a share of fewer says little


@dataclass(frozen=True)
class Wave:
    """One part of a send. After the last one comes everybody else."""

    percent: int | None
    """Its share of everybody, in percent; or …"""
    count: int | None
    """… how many people it has."""
    pause_minutes: int
    """How long after its beginning the next part begins."""

    def to_json(self) -> dict[str, int]:
        """Return it as a send's row keeps it."""
        if self.percent is not None:
            return {"percent": self.percent, "pause_minutes": self.pause_minutes}
        return {"count": self.count or 0, "pause_minutes": self.pause_minutes}


def from_json(written: Sequence[dict[str, int]] | None) -> tuple[Wave, ...]:
    """Return the parts of a send as its row keeps them."""
    return tuple(
        Wave(one.get("percent"), one.get("count"), one["pause_minutes"]) for one in written or ()
    )


def bounds(waves: Sequence[Wave], people: int) -> list[int]:
    """Return up to which place each part reaches; everybody else comes after the last of them.

    Shares are taken of everybody, and added before they are rounded up: 50 % and 50 % of three
    people are two and one. A part of nobody stays empty where the parts before it took everybody.

    Args:
        waves: the parts.
        people: how many get a copy.
    """
    percent = count = 0
    found = []
    for wave in waves:
        percent += wave.percent or 0
        count += wave.count or 0
        found.append(min(-(-people * percent // 100) + count, people))
    return found


def opening(waves: Sequence[Wave], number: int) -> timedelta:
    """Return how long after the first part another one opens, counted from 0."""
    return timedelta(minutes=sum(wave.pause_minutes for wave in waves[:number]))


def enough_tried(waves: Sequence[Wave], people: int) -> int:
    """Return how many copies have to be tried before their failures stop a send.

    A first part that is smaller than usual counts as a whole: it was made to find out.
    """
    first = bounds(waves, people)[0] if waves else ENOUGH_TRIED
    return max(1, min(ENOUGH_TRIED, first))


def must_stop(failed: int, tried: int, stop_percent: int | None, enough: int) -> bool:
    """Tell whether more of the tried copies failed than a send allows."""
    if stop_percent is None or tried < enough:
        return False
    return failed * 100 > stop_percent * tried
