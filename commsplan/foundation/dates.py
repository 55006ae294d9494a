"""Dates as people read them: "Tue 6 Oct, 09:00 (Berlin)", in the reader's language."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import format_date, format_datetime
from flask_babel import get_locale

from commsplan.foundation.clock import now_utc

RECIPIENTS_ZONE = "recipient"
"""Stands where a zone would: every reader's own wall clock."""

ZONES = frozenset(available_timezones())


def local_to_utc(wall: datetime, zone: str) -> datetime:
    """Return the instant at which clocks in `zone` show `wall`.

    A time that a clock skips (spring) moves forward by the gap, one that it shows twice (autumn)
    is the first of the two: PEP 495, fold=0.
    """
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def utc_to_local(moment: datetime, zone: str) -> datetime:
    """Return the wall-clock time of an instant in a zone, naive."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def city(zone: str) -> str:
    """The name people know a zone by: "Berlin" for Europe/Berlin."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def show_moment(moment: datetime | None, zone: str = "UTC") -> str:
    """An instant as "Tue 6 Oct, 09:00 (Berlin)"; the year appears when it is not this one."""
    if moment is None:
        return "–"
    return f"{show_wall(moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None))} ({city(zone)})"


def show_wall(wall: datetime | None) -> str:
    """A wall-clock time as "Tue 6 Oct, 09:00"."""
    if wall is None:
        return "–"
    return str(format_datetime(wall, f"{_pattern(wall)}, HH:mm", locale=get_locale() or "en"))


def show_day(day: date | None) -> str:
    """A date as "Tue 6 Oct"; the year appears when it is not this one."""
    if day is None:
        return "–"
    return str(format_date(day, _pattern(day), locale=get_locale() or "en"))


def _pattern(day: date) -> str:
    """Return how a day is written: with its weekday, and its year when it is not this one.

    The languages' own short forms differ from how people write at work (en-US puts the month
    first), so ours are plain; German sets a comma and a dot.
    """
    language = str(get_locale() or "en").split("_")[0]
    pattern = "EEE, d. MMM" if language == "de" else "EEE d MMM"
    return pattern if day.year == now_utc().year else f"{pattern} y"
