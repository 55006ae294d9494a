"""Quiet hours of a reader's day, and local time, over time zones and changes of the clock.

Quiet hours are intervals between instants: from the first time a clock shows their begin to the
last time it shows their end. So an hour that a clock shows twice in autumn is quiet as a whole, and
one that it skips in spring moves forward by the gap (PEP 495).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from commsplan.foundation.dates import local_to_utc, utc_to_local

DAY = 24 * 60  # minutes
LEAST_AWAKE = 120  # minutes that quiet hours leave of a day; an hour fewer when clocks skip one
_WRITTEN = re.compile(r"\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*")


@dataclass(frozen=True)
class QuietHours:
    """From one minute of the day to another, over midnight where the first is the later one."""

    begin: int
    """Minutes after midnight."""
    end: int

    @property
    def minutes(self) -> int:
        """How long they last on a day of 24 hours."""
        return (self.end - self.begin) % DAY

    def out_of(self, moment: datetime, zone: str) -> datetime:
        """Return the earliest instant from this one on that is not quiet in a zone."""
        for begin, end in self._around(moment, zone):
            if begin <= moment < end:
                return end
        return moment

    def next_begin(self, moment: datetime, zone: str) -> datetime:
        """Return when quiet hours begin next in a zone, after an instant."""
        return min(begin for begin, _end in self._around(moment, zone) if begin > moment)

    def _around(self, moment: datetime, zone: str) -> list[tuple[datetime, datetime]]:
        """Return the quiet hours near an instant: those of the day before up to the day after."""
        today = utc_to_local(moment, zone).date()
        return [self._of_day(today + timedelta(days=days), zone) for days in (-1, 0, 1, 2)]

    def _of_day(self, day: date, zone: str) -> tuple[datetime, datetime]:
        last = day if self.begin < self.end else day + timedelta(days=1)
        begins, ends = _wall(day, self.begin), _wall(last, self.end)
        # fold=1 is the later one of a time shown twice, the earlier one of a time skipped
        end = max(local_to_utc(ends, zone), local_to_utc(ends.replace(fold=1), zone))
        return local_to_utc(begins, zone), end


def _wall(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time(minutes // 60, minutes % 60))


def read_quiet_hours(written: str) -> QuietHours | None:
    """Read quiet hours as people write them, "20:00-07:00"; empty is none.

    Raises:
        ValueError: that is not how quiet hours are written, or they leave hardly any of the day.
    """
    if not written.strip():
        return None
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise ValueError("Write quiet hours as 20:00-07:00.")
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    if max(from_hour, to_hour) > 23 or max(from_minute, to_minute) > 59:
        raise ValueError("An hour is at most 23, a minute at most 59.")
    quiet = QuietHours(from_hour * 60 + from_minute, to_hour * 60 + to_minute)
    if not 0 < quiet.minutes <= DAY - LEAST_AWAKE:
        raise ValueError("Quiet hours have to leave at least two hours of the day.")
    return quiet


def clock(minutes: int) -> str:
    """Return a minute of the day as a clock shows it, "07:00"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def local_moments(wall: datetime, zones: Iterable[str]) -> dict[str, datetime]:
    """Return when clocks show a time, zone by zone."""
    return {zone: local_to_utc(wall, zone) for zone in zones}
