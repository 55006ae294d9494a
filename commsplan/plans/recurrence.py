"""When something repeats: a small part of RFC 5545's RRULE that every calendar program reads alike.

A rule is stored as the value of an RRULE without its name, "FREQ=WEEKLY;BYDAY=TU", and the day
after which it ends as a local date; what is not in this part is refused, never guessed at.
An empty text is a thing that happens once.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
PARTS = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "COUNT", "UNTIL"})
MOST_TIMES = 1000  # of a rule that ends after so many: four years of working days
LONGEST_PAUSE = 99  # intervals: "every 99 years" is the longest that fits a page's field
STEPS = {"DAILY": 1, "WEEKLY": 7}  # days of one interval, where it is always the same
_FREQUENCIES: dict[str, Literal[0, 1, 2, 3]] = {
    "DAILY": DAILY,
    "WEEKLY": WEEKLY,
    "MONTHLY": MONTHLY,
    "YEARLY": YEARLY,
}
ORDINAL_DAY = re.compile(r"([+-]?[1-5])?([A-Z]{2})")


class Fault(StrEnum):
    """Why a rule is not one of ours."""

    UNKNOWN = "unknown"
    """A part that we do not know, or one that is there twice."""
    FREQUENCY = "frequency"
    INTERVAL = "interval"
    DAYS = "days"
    """Days of the week or of the month that there are not, or not with this frequency."""
    COUNT = "count"
    UNTIL = "until"
    TWO_ENDS = "two ends"
    """COUNT and UNTIL exclude each other (RFC 5545 §3.3.10)."""


class UnusableRule(ValueError):
    """A rule that is not one of ours; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"This recurrence rule cannot be used: {fault}.")
        self.fault = fault


@dataclass(frozen=True)
class WeekDay:
    """A day of the week: Monday is 0; the second one of a month has the ordinal 2, the last -1."""

    day: int
    ordinal: int = 0

    def __str__(self) -> str:
        return f"{self.ordinal or ''}{DAYS[self.day]}"


@dataclass(frozen=True)
class Recurrence:
    """How something repeats. Without days it is the weekday or the date of the first one."""

    frequency: str
    """DAILY, WEEKLY, MONTHLY or YEARLY."""
    interval: int = 1
    week_days: tuple[WeekDay, ...] = ()
    """With WEEKLY without ordinals, with MONTHLY all with one."""
    month_days: tuple[int, ...] = ()
    """With MONTHLY: 1..31, or -1 for the last day of the month."""
    count: int | None = None
    """How many there are in all."""
    until: date | None = None
    """The last day on which one may begin."""

    def __str__(self) -> str:
        parts = [f"FREQ={self.frequency}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.week_days:
            parts.append(f"BYDAY={','.join(map(str, self.week_days))}")
        if self.month_days:
            parts.append(f"BYMONTHDAY={','.join(map(str, self.month_days))}")
        if self.count:
            parts.append(f"COUNT={self.count}")
        if self.until:
            parts.append(f"UNTIL={self.until:%Y%m%d}")
        return ";".join(parts)

    @property
    def is_endless(self) -> bool:
        """Whether it goes on for ever."""
        return self.count is None and self.until is None


def parse(text: str) -> Recurrence:
    """Read a rule.

    Raises:
        UnusableRule: it is not in the part of RRULE that we use.
    """
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, _equals, value = part.partition("=")
        if name not in PARTS or name in parts or not value:
            raise UnusableRule(Fault.UNKNOWN)
        parts[name] = value
    frequency = parts.get("FREQ", "")
    if frequency not in FREQUENCIES:
        raise UnusableRule(Fault.FREQUENCY)
    if "COUNT" in parts and "UNTIL" in parts:
        raise UnusableRule(Fault.TWO_ENDS)
    return Recurrence(
        frequency,
        _number(parts.get("INTERVAL", "1"), LONGEST_PAUSE, Fault.INTERVAL),
        _week_days(parts.get("BYDAY", ""), frequency),
        _month_days(parts.get("BYMONTHDAY", ""), frequency, "BYDAY" in parts),
        _number(parts["COUNT"], MOST_TIMES, Fault.COUNT) if "COUNT" in parts else None,
        _until(parts["UNTIL"]) if "UNTIL" in parts else None,
    )


def canonical(text: str) -> str:
    """Return a rule as it is stored; empty stays empty.

    Raises:
        UnusableRule: it is not in the part of RRULE that we use.
    """
    return str(parse(text)) if text else ""


def dates(rule: Recurrence, first: datetime, since: datetime, until: datetime) -> list[datetime]:
    """Return the wall-clock starts between two wall-clock times, both inclusive.

    Args:
        first: the start of the series; where it fits the rule itself it is the first one.
    """
    return list(_expanded(rule, first, since).between(since, until, inc=True))


def falls_on(rule: Recurrence, first: datetime, day: date) -> datetime | None:
    """Return the one that begins on a day: no rule of ours has two on one day."""
    found = dates(rule, first, datetime.combine(day, time()), datetime.combine(day, time.max))
    return found[0] if found else None


def first_date(rule: Recurrence, first: datetime) -> datetime | None:
    """Return the first one: the start itself, or the next that fits; None where none ever does."""
    return next(iter(_expanded(rule, first, first)), None)


def last_date(rule: Recurrence, first: datetime) -> datetime | None:
    """Return the last one; None for a rule that never ends, or that has none."""
    if rule.is_endless:
        return None
    newest_only = deque(_expanded(rule, first, first), maxlen=1)
    return newest_only[0] if newest_only else None


def _expanded(rule: Recurrence, first: datetime, since: datetime) -> rrule:
    """Begin near the window where the count does not matter, to skip what nobody asks for."""
    step = rule.interval * STEPS.get(rule.frequency, 0)
    begin = first
    if step and rule.count is None and since > first:
        begin = first + timedelta(days=max(0, (since - first).days // step - 1) * step)
    week_days = [weekday(one.day, one.ordinal or None) for one in rule.week_days]
    return rrule(
        _FREQUENCIES[rule.frequency],
        dtstart=begin,
        interval=rule.interval,
        byweekday=week_days or None,
        bymonthday=rule.month_days or None,
        count=rule.count,
        until=datetime.combine(rule.until, time.max) if rule.until else None,
    )


def _number(text: str, most: int, fault: Fault) -> int:
    if not re.fullmatch("[0-9]{1,4}", text) or not 1 <= int(text) <= most:
        raise UnusableRule(fault)
    return int(text)


def _week_days(text: str, frequency: str) -> tuple[WeekDay, ...]:
    found = [_week_day(part, frequency) for part in text.split(",")] if text else []
    return tuple(sorted(set(found), key=lambda one: (one.ordinal % 10, one.day)))


def _week_day(text: str, frequency: str) -> WeekDay:
    parts = ORDINAL_DAY.fullmatch(text)
    wanted = {"WEEKLY": False, "MONTHLY": True}
    if not parts or parts[2] not in DAYS or wanted.get(frequency) is not bool(parts[1]):
        raise UnusableRule(Fault.DAYS)
    return WeekDay(DAYS.index(parts[2]), int(parts[1] or 0))


def _month_days(text: str, frequency: str, has_week_days: bool) -> tuple[int, ...]:
    if not text:
        return ()
    if frequency != "MONTHLY" or has_week_days:
        raise UnusableRule(Fault.DAYS)
    days = [_number(part, 31, Fault.DAYS) if part != "-1" else -1 for part in text.split(",")]
    return tuple(sorted(set(days), key=lambda day: day % 40))


def _until(text: str) -> date:
    if not re.fullmatch("[0-9]{8}", text):
        raise UnusableRule(Fault.UNTIL)
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise UnusableRule(Fault.UNTIL) from None
