"""Speed limits as token buckets: what has come back, who may draw, how long to wait.

A bucket holds at most `burst` tokens and gets `per_minute` of them back each minute, drop by drop.
A copy draws from every bucket that concerns it, or from none. So in any t minutes at most
burst + per_minute · t copies go (J. Turner, "New directions in communications", IEEE
Communications 24(10), 1986: the leaky bucket as a meter).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

SLACK = 1e-6  # tokens: what adding up fractions may be wrong by


class Scope(StrEnum):
    """What a limit holds for."""

    RELAY = "relay"
    DOMAIN = "domain"
    CHANNEL = "channel"


Key = tuple[str, str]
"""Scope and name of a limit."""


@dataclass(frozen=True)
class Limit:
    """How fast something may go."""

    per_minute: int
    burst: int


def refilled(tokens: float, per_minute: float, burst: float, elapsed: float) -> float:
    """Return how many tokens a bucket holds `elapsed` seconds later.

    A clock that goes back brings nothing and takes nothing.
    """
    return min(float(burst), tokens + per_minute * max(elapsed, 0.0) / 60)


def seconds_until(wanted: float, tokens: float, per_minute: float) -> float:
    """Return how long it takes until a bucket holds so many tokens."""
    return max(wanted - tokens, 0.0) * 60 / per_minute


def draw(
    needs: Sequence[Mapping[Key, float]], tokens: Mapping[Key, float]
) -> tuple[list[bool], dict[Key, float]]:
    """Let copies draw, one after the other; return which may go and what is left.

    Args:
        needs: for each copy, how much it takes of which bucket.
        tokens: what the buckets hold; one that is not among them is no limit.
    """
    left = dict(tokens)
    going = []
    for need in needs:
        limited = {key: cost for key, cost in need.items() if key in left}
        goes = all(left[key] + SLACK >= cost for key, cost in limited.items())
        going.append(goes)
        if goes:
            for key, cost in limited.items():
                left[key] -= cost
    return going, left


def shares(weights: Mapping[str, int], limited: set[str]) -> dict[str, float]:
    """Return how much of a copy each limited mail server carries: its weight's part of the whole.

    Args:
        weights: of the mail servers that can be used now, by name.
        limited: those that have a limit.
    """
    whole = sum(weights.values())
    return {name: weight / whole for name, weight in weights.items() if name in limited}
