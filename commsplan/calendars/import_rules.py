"""Repeating rules of other people's calendars: which ones may be expanded at all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from dateutil.rrule import rrulestr

from commsplan.calendars.import_lines import Flaw

FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
SEVERAL_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
MOST_VALUES = 400  # of one part of a rule: BYYEARDAY with every day has 366
ROUND = 400
"""Years after which the Gregorian calendar repeats, weekdays included."""
LATEST_START = 9999 - 41
"""dateutil gives up in the year 9999, `UNTIL` or not. A rule that fits no day of 41 years (28 make
the calendar come round, 40 span a leap day that is left out) fits none."""


def flaw_of_rule(rule: Any, starts: date) -> Flaw | None:
    """Say why a series must not be expanded, or None when it may.

    1. It has to be one rule, and to repeat at most once a day.
    2. Its parts have to be numbers that can be worked with.
    3. It has to fit some day. dateutil would look for one until the year 9999, for 3 s a rule;
       so the same rule is tried as late as possible, whole rounds of the calendar from here.
    """
    if not isinstance(rule, Mapping):
        return Flaw.VALUE
    frequency = str((rule.get("FREQ") or [""])[0]).upper()
    if frequency not in FREQUENCIES:
        return Flaw.TOO_OFTEN if frequency in ("SECONDLY", "MINUTELY", "HOURLY") else Flaw.VALUE
    if math.prod(len(rule.get(part) or [0]) for part in SEVERAL_A_DAY) > 1:
        return Flaw.TOO_OFTEN
    if any(isinstance(part, list) and len(part) > MOST_VALUES for part in rule.values()):
        return Flaw.VALUE
    return _flaw_in_use(rule, starts)


def _flaw_in_use(rule: Any, starts: date) -> Flaw | None:
    begins = _late(_naive(starts))
    endless = {name: value for name, value in rule.items() if name not in ("UNTIL", "COUNT")}
    try:
        if any(number < 1 for name in ("INTERVAL", "COUNT") for number in rule.get(name, [1])):
            return Flaw.VALUE
        text = type(rule)(endless).to_ical().decode()
        first = next(iter(rrulestr(text, dtstart=begins)), None)
    except (ValueError, TypeError, OverflowError):
        return Flaw.VALUE
    return None if first else Flaw.NEVER


def _naive(starts: date) -> datetime:
    if not isinstance(starts, datetime):
        return datetime.combine(starts, time())
    return (starts.astimezone(UTC) if starts.tzinfo else starts).replace(tzinfo=None)


def _late(begins: datetime) -> datetime:
    return begins.replace(year=begins.year + (LATEST_START - begins.year) // ROUND * ROUND)
