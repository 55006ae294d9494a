"""Which groups may be shown, so that nobody can work out what one person said.

A group below the smallest size is hidden. So is the next one, where what is left over after
subtracting the shown groups from the whole would itself be a small group.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)

COMMENTS_FROM = 10
"""Comments appear from this many answers on: words are recognised more easily than numbers."""


@dataclass(frozen=True)
class Folded(Generic[Name]):
    """Groups that may be shown, and how many people are in the others together."""

    shown: tuple[Name, ...]
    """In the order they came."""
    rest: int
    """0, or at least the smallest size."""


def fold(sizes: Mapping[Name, int], smallest: int) -> Folded[Name]:
    """Choose the groups that may be shown beside their total.

    The whole minus what is shown is never 1 to smallest - 1. A whole that is too small itself
    shows nothing, and its rest is 0: then the total must not be shown either.
    """
    whole = sum(sizes.values())
    if whole < smallest:
        return Folded((), 0)
    shown = [name for name, size in sizes.items() if size >= smallest]
    rest = whole - sum(sizes[name] for name in shown)
    while 0 < rest < smallest:
        least = min(shown, key=lambda name: sizes[name])
        shown.remove(least)
        rest += sizes[least]
    return Folded(tuple(shown), rest)


def published(answered: int, smallest: int) -> int:
    """Return how many of the answers, oldest first, are in the figures.

    They appear in full batches, so that two readings cannot be subtracted to see one answer.
    """
    return answered // smallest * smallest
