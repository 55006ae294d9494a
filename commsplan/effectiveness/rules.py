"""What is counted, of whom, and how sure we are: the figures as values and definitions.

Every rate names its numerator and its denominator here, once; pages, files and definitions read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from commsplan.foundation.shares import Share, share, wilson

__all__ = ["Share", "share", "wilson"]

DEFINITION_VERSION = 1
"""Raise it with every change of a numerator or a denominator."""
SMALLEST_GROUP = 5
"""Opens and clicks of fewer people are not shown where a plan measures in totals only."""
FEW = 30
"""Below this many people an interval is so wide that the page says so in words."""


class Figure(StrEnum):
    """What can be said of a message that has gone out."""

    ACCEPTED = "accepted"
    OPENED = "opened"
    CLICKED = "clicked"
    READ = "read"
    ANSWERED = "answered"
    ACTED = "acted"


@dataclass(frozen=True)
class Counts:
    """How many people; each is a part of the first, and zero adds nothing."""

    addressed: int = 0
    """In the frozen audience."""
    waiting: int = 0
    """Whose copy is still on its way."""
    accepted: int = 0
    """Reached: the mail server took a copy, or they answered to one."""
    opened: int = 0
    """Surely: a person's open, view or click, or an answer."""
    maybe_opened: int = 0
    """Those, and who was seen without a way to tell person from machine."""
    clicked: int = 0
    """A person's click."""
    maybe_clicked: int = 0
    """Those, and clicks that nobody can tell."""
    read: int = 0
    """Said that they have read it, done it, or cannot."""
    surveyed: int = 0
    """Reached by a message that has questions."""
    answered: int = 0
    """Answered them."""
    asked: int = 0
    """Addressed by a message that asks for an action."""
    acted: int = 0
    """Said that they have done it."""
    cannot: int = 0
    """Said that they cannot."""

    def __add__(self, other: Counts) -> Counts:
        """Put two groups together."""
        return Counts(*(getattr(self, name) + getattr(other, name) for name in COUNT_NAMES))


COUNT_NAMES = tuple(field.name for field in fields(Counts))
SENSITIVE = frozenset({Figure.OPENED, Figure.CLICKED})
"""What people do without saying so: hidden for few people where only totals are measured."""


@dataclass(frozen=True)
class Reading:
    """One figure of one group of people, with the numbers behind it."""

    figure: Figure
    count: int
    """Surely."""
    at_most: int
    """Surely or perhaps; the same where there is no doubt."""
    total: int
    """Of whom."""
    is_hidden: bool = False
    """Too few people to show what they did without saying so."""

    @property
    def share(self) -> Share | None:
        """The share with its interval; a doubtful one reaches from least to most."""
        if self.is_hidden or not self.total:
            return None
        low = wilson(self.count, self.total)
        return Share(low.value, low.low, wilson(self.at_most, self.total).high)

    @property
    def is_range(self) -> bool:
        """Tell whether some of it is in doubt."""
        return self.at_most > self.count

    @property
    def few(self) -> bool:
        """Tell whether so few people make the share a rough guess."""
        return 0 < self.total < FEW


def reading(figure: Figure, counts: Counts, in_totals_only: bool) -> Reading:
    """Return one figure of a group.

    Args:
        figure: which.
        counts: the group's.
        in_totals_only: the plan measures opens and clicks in totals of five people or more.
    """
    count, at_most, total = {
        Figure.ACCEPTED: (counts.accepted, counts.accepted, counts.addressed),
        Figure.OPENED: (counts.opened, counts.maybe_opened, counts.accepted),
        Figure.CLICKED: (counts.clicked, counts.maybe_clicked, counts.accepted),
        Figure.READ: (counts.read, counts.read, counts.accepted),
        Figure.ANSWERED: (counts.answered, counts.answered, counts.surveyed),
        Figure.ACTED: (counts.acted, counts.acted, counts.asked),
    }[figure]
    hidden = in_totals_only and figure in SENSITIVE and total < SMALLEST_GROUP
    return Reading(figure, count, at_most, total, hidden)


def figures_for(counts: Counts) -> list[Figure]:
    """Return the figures that mean something here: no answers without questions."""
    return [
        figure
        for figure in Figure
        if (figure is not Figure.ANSWERED or counts.surveyed)
        and (figure is not Figure.ACTED or counts.asked)
    ]


def total(groups: Iterable[Counts]) -> Counts:
    """Put groups together."""
    return sum(groups, Counts())


def by(cells: Mapping[tuple[str, str], Counts], axis: int) -> dict[str, Counts]:
    """Add cells of (department, country) up along one of the two."""
    groups: dict[str, Counts] = {}
    for key, counts in cells.items():
        groups[key[axis]] = groups.get(key[axis], Counts()) + counts
    return groups
