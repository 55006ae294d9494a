"""Days of a calendar page: which it shows, which page comes next, what falls on each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TypeVar

VIEWS = ("month", "week", "list")
LIST_DAYS = 28
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
"""Beyond these nobody plans, and the arithmetic of dates ends not far away."""

Thing = TypeVar("Thing")


def read_day(raw: str, today: date) -> date:
    """Return the day an address names, or today where it names none that a calendar shows."""
    try:
        day = date.fromisoformat(raw)
    except ValueError:
        return today
    return day if FIRST <= day <= LAST else today


def days_of(view: str, day: date) -> list[date]:
    """Return the days that a page shows.

    A month is shown as whole weeks from Monday, so that it begins and ends with days of its
    neighbours; a list begins on the day itself.
    """
    if view == "list":
        return _run(day, LIST_DAYS)
    if view == "week":
        return _run(monday(day), 7)
    first = monday(day.replace(day=1))
    last = _next_month(day) - timedelta(days=1)
    return _run(first, (last - first).days // 7 * 7 + 7)


def monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def neighbours(view: str, day: date) -> tuple[date, date]:
    """Return a day on the page before and one on the page after."""
    if view == "month":
        return (day.replace(day=1) - timedelta(days=1)).replace(day=1), _next_month(day)
    step = timedelta(days=7 if view == "week" else LIST_DAYS)
    return day - step, day + step


def by_day(
    spans: Iterable[tuple[Thing, date, date]], days: Iterable[date]
) -> dict[date, list[Thing]]:
    """Put each thing on every shown day from its first to its last, in the order given."""
    page: dict[date, list[Thing]] = {day: [] for day in days}
    for thing, first, last in spans:
        for day, falling_on_it in page.items():
            if first <= day <= last:
                falling_on_it.append(thing)
    return page


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _run(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]
