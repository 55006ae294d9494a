"""From a day, hours and an end to the span that an activity lasts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from commsplan.plans.grid import Cell, Choices, Trouble
from commsplan.plans.grid_dates import SERIALS, Calendar, Day, read_day
from commsplan.plans.grid_times import Hours, read_hours


@dataclass(frozen=True)
class End:
    """What a column "End" says: a day, a time, both or nothing."""

    day: date | None = None
    clock: time | None = None


@dataclass(frozen=True)
class Span:
    """When an activity happens, by the clock on the wall of its zone."""

    starts_local: datetime
    ends_local: datetime
    all_day: bool
    zone: str


def read_end(cell: Cell, calendar: Calendar) -> End | Trouble:
    """Read the cell of a column "End", which may hold a time, a date or both."""
    if cell in (None, ""):
        return End()
    if not _is_date(cell):
        hours = read_hours(cell)
        if isinstance(hours, Hours):
            return End(clock=hours.start)
    day = read_day(cell, calendar)
    if isinstance(day, Trouble):
        return Trouble("end_unreadable", str(cell)) if day.code != "date_open" else End()
    hours = read_hours(day.clock)
    return End(day.last or day.first, hours.start if isinstance(hours, Hours) else None)


def _is_date(cell: Cell) -> bool:
    if isinstance(cell, str):
        return bool(re.fullmatch(r"\d{1,2}\.\d{1,2}\.", cell.strip()))
    if isinstance(cell, int | float):
        return int(cell) in SERIALS
    return isinstance(cell, date)


def span_of(
    day: Day, hours: Hours, end: End, zone: str, choices: Choices, *, all_day_without_time: bool
) -> Span | Trouble:
    """Put a span together.

    1. Several days, a deadline or no default time, and no hours written: all day.
    2. Otherwise it starts at the hour written, or at the default.
    3. It ends where the row says, or after the default duration.
    """
    last = end.day or day.last or day.first
    several = last > day.first
    without_time = hours.start is None and (several or all_day_without_time or not choices.start)
    if hours.all_day or (without_time and end.clock is None):
        return _checked(
            Span(datetime.combine(day.first, time()), datetime.combine(last, time()), True, zone)
        )
    default = time.fromisoformat(choices.start or "09:00")
    starts = datetime.combine(day.first, hours.start or default)
    closes = end.clock or hours.end
    if closes:
        ends = datetime.combine(last, closes)
    else:
        length = timedelta(minutes=choices.minutes)
        ends = datetime.combine(last, starts.time()) + length
    return _checked(Span(starts, ends, False, zone))


def _checked(span: Span) -> Span | Trouble:
    if span.ends_local < span.starts_local:
        return Trouble("ends_early")
    return span
