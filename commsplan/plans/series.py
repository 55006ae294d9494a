"""A series and its occurrences: what a rule says, less what was cancelled, with what was moved.

Every rule of ours has at most one occurrence a day, so an occurrence is known by the day for which
the rule has it. What was said of it stays true when the whole series moves to another hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from commsplan.foundation.dates import local_to_utc, utc_to_local
from commsplan.plans import recurrence
from commsplan.plans.recurrence import Recurrence

MARGIN = timedelta(days=2)  # between wall clocks and instants: UTC+14 to UTC-12, and a day
NEVER = datetime(2100, 1, 1, tzinfo=UTC)
"""Stands for the end of a series that has none; no form takes a later year."""


@dataclass(frozen=True)
class Departure:
    """How one occurrence departs from its series: cancelled, or otherwise than the others."""

    key: datetime
    """The wall-clock start that it had; its day tells which one it is."""
    cancelled: bool = False
    starts_local: datetime | None = None
    """None where only the rest differs."""
    ends_local: datetime | None = None
    title: str = ""
    place: str = ""
    conference: str = ""
    status: str = ""
    """Empty, like the three above: as the series has it."""


@dataclass(frozen=True)
class Series:
    """Something that happens once or repeatedly, on the wall clocks of one zone."""

    starts_local: datetime
    ends_local: datetime
    """For all-day the last day, inclusive."""
    zone: str
    """An IANA zone; what is in each reader's own time is placed in one before."""
    all_day: bool = False
    rule: Recurrence | None = None
    """None: once."""
    departures: tuple[Departure, ...] = ()


@dataclass(frozen=True)
class Occurrence:
    """One time that something happens."""

    name: str
    """Its recurrence-id: "20261006T0900", "20261006" for whole days, "" for what happens once."""
    key: datetime
    """The wall-clock start that the rule gives it (RECURRENCE-ID, RFC 5545 §3.8.4.4)."""
    starts_local: datetime
    ends_local: datetime
    """For all-day the last day, inclusive."""
    starts_at: datetime
    ends_at: datetime
    """Both as instants; the end is exclusive."""
    all_day: bool = False
    cancelled: bool = False
    departs: bool = False
    """It has something of its own: another time, place, title or state."""
    title: str = ""
    place: str = ""
    conference: str = ""
    status: str = ""
    """Empty, like the three above: as the series has it."""

    @property
    def moved(self) -> bool:
        """Whether it begins at another time than the series has it."""
        return self.starts_local != self.key


def instants(
    starts_local: datetime, ends_local: datetime, zone: str, *, all_day: bool
) -> tuple[datetime, datetime]:
    """Return start and exclusive end as instants; whole days reach from midnight to midnight."""
    if all_day:
        starts_local = datetime.combine(starts_local, time())
        ends_local = datetime.combine(ends_local + timedelta(days=1), time())
    starts_at = local_to_utc(starts_local, zone)
    return starts_at, max(starts_at, local_to_utc(ends_local, zone))


def occurrences(series: Series, since: datetime, until: datetime) -> list[Occurrence]:
    """Return what happens between two instants, by start; cancelled ones are among it.

    1. Take what the rule has in the window, and a little around it.
    2. Put what was said of single ones in place of it; those moved into the window join.
    3. Keep what touches the window: ends after `since` and begins before `until`.
    """
    if series.rule is None:
        found = [_plain(series, series.starts_local, "")]
    else:
        found = _of_rule(series, series.rule, since, until)
    kept = [
        one
        for one in found
        if one.starts_at < until and (one.ends_at > since or one.starts_at >= since)
    ]
    return sorted(kept, key=lambda one: (one.starts_at, one.key))


def occurrence(series: Series, name: str) -> Occurrence | None:
    """Return the occurrence that a recurrence-id names; None where the series has none that day."""
    if series.rule is None:
        return None if name else _plain(series, series.starts_local, "")
    day = day_of(name)
    key = recurrence.falls_on(series.rule, series.starts_local, day) if day else None
    if key is None:
        return None
    return _departed(series, key, _departures(series).get(key.date()))


def first_start(series: Series) -> datetime:
    """Return where the series really begins: DTSTART has to fit the rule (RFC 5545 §3.8.5.3)."""
    if series.rule is None:
        return series.starts_local
    return recurrence.first_date(series.rule, series.starts_local) or series.starts_local


def end_of(series: Series) -> datetime:
    """Return the instant at which the last occurrence is over; NEVER for a series without end."""
    own = instants(series.starts_local, series.ends_local, series.zone, all_day=series.all_day)[1]
    if series.rule is None:
        return own
    if series.rule.is_endless:
        return NEVER
    last = recurrence.last_date(series.rule, series.starts_local) or series.starts_local
    ends = [_plain(series, last, "").ends_at]
    ends += [one.ends_at for one in _all_departed(series) if not one.cancelled]
    return max(own, *ends)


def name_of(key: datetime, *, all_day: bool) -> str:
    """Return the recurrence-id of an occurrence, as it stands in addresses and tables."""
    return f"{key:%Y%m%d}" if all_day else f"{key:%Y%m%dT%H%M}"


def day_of(name: str) -> date | None:
    """Return the day that a recurrence-id is about; None where it is none."""
    digits = name[:8]
    if not (digits.isascii() and digits.isdigit()) or name[8:9] not in {"", "T"}:
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _of_rule(
    series: Series, rule: Recurrence, since: datetime, until: datetime
) -> list[Occurrence]:
    lasts = series.ends_local - series.starts_local
    early = utc_to_local(since - MARGIN, series.zone) - lasts
    late = utc_to_local(until + MARGIN, series.zone)
    departures = _departures(series)
    keys = recurrence.dates(rule, series.starts_local, early, late)
    near = [_departed(series, key, departures.get(key.date())) for key in keys]
    known = set(keys)
    return near + [one for one in _all_departed(series) if one.key not in known]


def _all_departed(series: Series) -> list[Occurrence]:
    """What departs from the series, as far as the rule still has that day."""
    found = []
    for day, departure in _departures(series).items():
        key = recurrence.falls_on(series.rule, series.starts_local, day) if series.rule else None
        if key:
            found.append(_departed(series, key, departure))
    return found


def _departures(series: Series) -> dict[date, Departure]:
    return {one.key.date(): one for one in series.departures}


def _departed(series: Series, key: datetime, departure: Departure | None) -> Occurrence:
    plain = _plain(series, key, name_of(key, all_day=series.all_day))
    if departure is None:
        return plain
    if departure.cancelled:
        return replace(plain, cancelled=True)
    starts = departure.starts_local or plain.starts_local
    ends = departure.ends_local or starts + (plain.ends_local - plain.starts_local)
    starts_at, ends_at = instants(starts, ends, series.zone, all_day=series.all_day)
    return replace(
        plain,
        starts_local=starts,
        ends_local=ends,
        starts_at=starts_at,
        ends_at=ends_at,
        departs=True,
        title=departure.title,
        place=departure.place,
        conference=departure.conference,
        status=departure.status,
    )


def _plain(series: Series, key: datetime, name: str) -> Occurrence:
    """What the series itself says of the occurrence that begins at a time."""
    ends = key + (series.ends_local - series.starts_local)
    starts_at, ends_at = instants(key, ends, series.zone, all_day=series.all_day)
    return Occurrence(name, key, key, ends, starts_at, ends_at, series.all_day)
