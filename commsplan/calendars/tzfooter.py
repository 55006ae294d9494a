"""What a zone does from now on: the last line of its file, a POSIX TZ string (RFC 9636 §3.3).

"CET-1CEST,M3.5.0,M10.5.0/3" says: one hour ahead of UTC, in summer two, from the last Sunday of
March at 02:00 to the last Sunday of October at 03:00.
"""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import resources
from pathlib import Path

NAME = r"[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>"
TIME = r"[+-]?[0-9]{1,3}(?::[0-9]{2}){0,2}"
DAY = r"M[0-9]{1,2}\.[1-5]\.[0-6]"
FOOTER = re.compile(
    rf"(?P<std>{NAME})(?P<std_west>{TIME})"
    rf"(?:(?P<dst>{NAME})(?P<dst_west>{TIME})?"
    rf",(?P<begins>{DAY})(?:/(?P<begins_at>{TIME}))?,(?P<ends>{DAY})(?:/(?P<ends_at>{TIME}))?)?"
)
USUAL_HOUR = timedelta(hours=2)


@dataclass(frozen=True)
class Change:
    """When clocks change in every year: the nth weekday of a month, the last being 5."""

    month: int
    week: int
    weekday: int
    """Monday is 0."""
    at: timedelta
    """After midnight of that day on the wall clock before the change; negative or over a day."""

    def in_year(self, year: int) -> datetime:
        """Return the wall-clock time, by the clock before the change."""
        if self.week == 5:
            after = datetime(year + self.month // 12, self.month % 12 + 1, 1)  # noqa: DTZ001  # wall clock
            last = after - timedelta(days=1)
            return last - timedelta(days=(last.weekday() - self.weekday) % 7) + self.at
        first = datetime(year, self.month, 1)  # noqa: DTZ001  # wall clock
        days = (self.weekday - first.weekday()) % 7 + 7 * (self.week - 1)
        return first + timedelta(days=days) + self.at


@dataclass(frozen=True)
class Phase:
    """Standard or daylight saving time: its name, its offset, and since when in the year."""

    name: str
    offset: timedelta
    """Ahead of UTC."""
    begins: Change | None = None
    """None: all year."""


@dataclass(frozen=True)
class Footer:
    """What a zone does from now on. `standard` is the phase in which clocks are further back."""

    standard: Phase
    daylight: Phase | None = None

    def offset_at(self, moment: datetime) -> timedelta:
        """Return how far clocks are ahead of UTC at an instant, given in naive UTC."""
        if self.daylight is None:
            return self.standard.offset
        changes = [
            (begins.in_year(year) - before.offset, phase.offset)
            for year in (moment.year - 1, moment.year, moment.year + 1)
            for phase, before in (
                (self.standard, self.daylight),
                (self.daylight, self.standard),
            )
            if (begins := phase.begins) is not None
        ]
        return max(change for change in changes if change[0] <= moment)[1]


@lru_cache(maxsize=700)
def footer_of(zone: str) -> Footer | None:
    """Return what a zone does from now on; None where its file says nothing we can express."""
    raw = _file_of(zone)
    found = FOOTER.fullmatch(raw.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", "replace"))
    if not found:
        return None
    standard = Phase(found["std"].strip("<>"), -_time(found["std_west"]))
    if not found["dst"]:
        return Footer(standard)
    west = found["dst_west"]
    offset = -_time(west) if west else standard.offset + timedelta(hours=1)
    into, out_of = (
        _change(found["begins"], found["begins_at"]),
        _change(found["ends"], found["ends_at"]),
    )
    winter = Phase(standard.name, standard.offset, out_of)
    summer = Phase(found["dst"].strip("<>"), offset, into)
    if offset < standard.offset:  # Ireland's winter time is the one that its law calls different
        winter, summer = summer, winter
    return Footer(winter, summer)


def _change(day: str, at: str | None) -> Change:
    month, week, sunday_first = (int(part) for part in day[1:].split("."))
    return Change(month, week, (sunday_first - 1) % 7, _time(at) if at else USUAL_HOUR)


def _time(text: str) -> timedelta:
    sign = -1 if text.startswith("-") else 1
    hours, minutes, seconds = ([int(part) for part in text.strip("+-").split(":")] + [0, 0])[:3]
    return sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _file_of(zone: str) -> bytes:
    """Return the file that zoneinfo itself reads: the system's, else that of the package tzdata."""
    zoneinfo.ZoneInfo(zone)  # refuses what is not a zone, "../../etc/passwd" among it
    for folder in zoneinfo.TZPATH:
        path = Path(folder) / zone
        if path.is_file():
            return path.read_bytes()
    return resources.files("tzdata.zoneinfo").joinpath(*zone.split("/")).read_bytes()
