"""What stands on the first pages, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Matter:
    """One thing that wants somebody's attention."""

    kind: str
    """good, warn, bad, info or neutral."""
    state: str
    """The state in a word or two."""
    text: str
    href: str
    plan: str
    colour: str
    note: str = ""


@dataclass(frozen=True)
class Day:
    """One day of the strip, with what happens on it."""

    day: date
    is_today: bool
    happenings: list[Happening] = field(default_factory=list)


@dataclass(frozen=True)
class Happening:
    """One activity as the strip shows it."""

    title: str
    time: str
    href: str
    colour: str
    icon: str
    is_off: bool


@dataclass(frozen=True)
class GoalPicture:
    """One goal as `goal_bar` shows it."""

    label: str
    share: float | None
    baseline: str
    current: str
    target: str
    kind: str
    state: str
    note: str
    href: str = ""


@dataclass(frozen=True)
class Finding:
    """What one check of the installation found."""

    name: str
    kind: str
    """good, warn or bad."""
    sentence: str
    remedy: str = ""
    """What to do; empty when all is well."""
