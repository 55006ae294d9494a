"""VTIMEZONE: what a calendar program needs to place wall-clock times (RFC 5545 §3.6.5).

One STANDARD and one DAYLIGHT, each with an RRULE: comma-joined RDATE lists, as icalendar's own
`add_missing_timezones()` writes them, are read by ical.js and Thunderbird up to the first comma,
which puts a meeting in Berlin an hour off for half of the year. Such a rule is right from some year
on, so `fits` holds it against the whole history in zoneinfo for the days that are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from commsplan.calendars.tzfooter import Change, Footer, Phase, footer_of

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
EPOCH = 1970
"""Rules begin here: before every event, as vzic and all programs that we know write it."""
ZERO, AN_HOUR = timedelta(), timedelta(hours=1)
HALF_A_DAY, A_DAY = timedelta(hours=12), timedelta(days=1)


@lru_cache(maxsize=700)
def vtimezone(zone: str) -> tuple[str, ...]:
    """Return the content lines of a zone; none where its rule cannot be written."""
    footer = footer_of(zone)
    if footer is None:
        return ()
    try:
        inner = tuple(_phases(footer))
    except ValueError:  # a rule that moves out of its month
        return ()
    return ("BEGIN:VTIMEZONE", f"TZID:{zone}", *inner, "END:VTIMEZONE")


def fits(zone: str, first: date, last: date) -> bool:
    """Tell whether the VTIMEZONE of a zone is right on every day from the first to the last."""
    if not vtimezone(zone):
        return False
    return not any(
        first <= day <= last
        for year in range(first.year, last.year + 1)
        for day in _wrong_days(zone, year)
    )


def is_misread(zone: str, hour: time) -> bool:
    """Tell whether libical places a series at this hour wrongly for a while after clocks change.

    It does so, measured with 3.0.16, where a change is said by dates, and within an hour of it.
    """
    footer = footer_of(zone)
    if footer is None or footer.daylight is None:
        return False
    began = datetime.combine(date.min, hour) - datetime.combine(date.min, time())
    changes = (footer.standard.begins, footer.daylight.begins)
    return any(
        abs((began - change.at + HALF_A_DAY) % A_DAY - HALF_A_DAY) <= AN_HOUR
        for change in changes
        if change is not None and change.at // A_DAY
    )


def is_utc(zone: str) -> bool:
    """Tell whether a zone is just another name of UTC, which is written as Z."""
    footer = footer_of(zone)
    if footer is None or footer.daylight is not None or footer.standard.offset != ZERO:
        return False
    return zone.removeprefix("Etc/") in {"UTC", "UCT", "Universal", "Zulu", "GMT"}


@lru_cache(maxsize=4096)
def _wrong_days(zone: str, year: int) -> frozenset[date]:
    """Return the days of a year on which the rule and zoneinfo disagree; asked once a year."""
    footer, there = footer_of(zone), ZoneInfo(zone)
    if footer is None:
        raise LookupError("Only zones that have a rule are held against it.")
    return frozenset(
        moment.date()
        for moment in _moments(footer, year)
        if footer.offset_at(moment) != moment.replace(tzinfo=UTC).astimezone(there).utcoffset()
    )


def _moments(footer: Footer, year: int) -> Iterator[datetime]:
    """Every noon, and both sides of every change that the rule has, in naive UTC."""
    midday = datetime.combine(date(year, 1, 1), time(12))
    for number in range(366):
        yield midday + timedelta(days=number)
    if footer.daylight is None:
        return
    for phase, before in ((footer.standard, footer.daylight), (footer.daylight, footer.standard)):
        if phase.begins is not None:
            change = phase.begins.in_year(year) - before.offset
            yield from (change - timedelta(seconds=1), change)


def _phases(footer: Footer) -> Iterator[str]:
    if footer.daylight is None:
        yield from _phase("STANDARD", footer.standard, footer.standard)
        return
    yield from _phase("STANDARD", footer.standard, footer.daylight)
    yield from _phase("DAYLIGHT", footer.daylight, footer.standard)


def _phase(kind: str, phase: Phase, before: Phase) -> Iterator[str]:
    yield f"BEGIN:{kind}"
    if phase.begins is None:
        yield f"DTSTART:{EPOCH}0101T000000"
    else:
        yield f"DTSTART:{phase.begins.in_year(EPOCH):%Y%m%dT%H%M%S}"
        yield f"RRULE:{_rule(phase.begins)}"
    yield f"TZOFFSETFROM:{_offset(before.offset)}"
    yield f"TZOFFSETTO:{_offset(phase.offset)}"
    yield f"TZNAME:{phase.name}"
    yield f"END:{kind}"


def _rule(change: Change) -> str:
    """Return the RRULE of a change; one that falls on a day beside its own is said by dates."""
    shift = change.at // A_DAY
    if shift == 0:
        ordinal = -1 if change.week == 5 else change.week
        return f"FREQ=YEARLY;BYMONTH={change.month};BYDAY={ordinal}{DAYS[change.weekday]}"
    first, last = _days_of_week(change, shift)
    days = ",".join(str(day) for day in range(first, last + 1))
    weekday = DAYS[(change.weekday + shift) % 7]
    return f"FREQ=YEARLY;BYMONTH={change.month};BYMONTHDAY={days};BYDAY={weekday}"


def _days_of_week(change: Change, shift: int) -> tuple[int, int]:
    longest = (date(EPOCH + change.month // 12, change.month % 12 + 1, 1) - timedelta(days=1)).day
    first = longest - 6 if change.week == 5 else 7 * (change.week - 1) + 1
    first, last = first + shift, first + 6 + shift
    if first < 1 or last > longest or (change.week == 5 and change.month == 2):
        raise ValueError("This change can fall into another month than its rule names.")
    return first, last


def _offset(offset: timedelta) -> str:
    seconds = int(offset.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{sign}{hours:02}{minutes:02}" + (f"{rest:02}" if rest else "")
