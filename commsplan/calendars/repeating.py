"""A series as events that every calendar program reads alike.

1. What happens once is an instant in UTC, or days; in a public calendar each reader's own time
   stays without a zone.
2. A series is one event with TZID and RRULE. What was cancelled is an EXDATE, what departs from it
   an event with a RECURRENCE-ID.
3. Where the rule of its zone is not right for all of its days, it becomes single events in UTC
   instead; and where programs would read it unlike: when clocks skip or repeat the hour of an
   occurrence, or change while the first one goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from commsplan.calendars.ics import Event, Moment
from commsplan.calendars.rules import SHORTEST
from commsplan.calendars.vtimezone import fits, is_misread, is_utc
from commsplan.foundation.dates import local_to_utc
from commsplan.plans.recurrence import Recurrence
from commsplan.plans.rules import clock_oddity
from commsplan.plans.series import (
    Occurrence,
    Series,
    first_start,
    instants,
    name_of,
    occurrence,
    occurrences,
)

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
A_DAY = timedelta(days=1)
AT_LEAST = timedelta(days=366)  # of a series that begins beyond the horizon

Told = Callable[[Occurrence], Event]
"""Says everything of an occurrence but when it is."""


@dataclass(frozen=True)
class Clock:
    """How the times of a series are written."""

    zone: str
    """The zone in which it is planned."""
    all_day: bool
    floating: bool
    """Each reader's own time."""

    @property
    def tzid(self) -> str:
        """The TZID that its times carry; empty for days, for UTC, and without a zone."""
        return "" if self.all_day or self.floating or is_utc(self.zone) else self.zone

    def point(self, wall: datetime) -> Moment:
        """Return a wall-clock time as it is written."""
        if self.all_day:
            return wall.date()
        return wall.replace(tzinfo=UTC) if is_utc(self.zone) and not self.floating else wall

    def span(self, one: Occurrence) -> tuple[Moment, Moment]:
        """Return start and exclusive end: a moment lasts a while (RFC 5545 §3.6.1)."""
        if self.all_day:
            return one.starts_local.date(), one.ends_local.date() + A_DAY
        return self.point(one.starts_local), self.point(_wall_end(one))


def _wall_end(one: Occurrence) -> datetime:
    return one.ends_local if one.ends_local > one.starts_local else one.starts_local + SHORTEST


def events_of_series(
    series: Series, told: Told, horizon: datetime, *, floating: bool = False
) -> tuple[Event, ...]:
    """Return the events of a series, the one with the rule first.

    Args:
        horizon: how far a series is looked at for what a rule cannot express, and how far it
            reaches where it becomes single events.
        floating: write each reader's own time without a zone.
    """
    clock = Clock(series.zone, series.all_day, floating)
    if series.rule is None:
        one = occurrence(series, "")
        return (_once(one, told, clock),) if one else ()
    every = _looked_at(series, horizon)
    taking_place = [one for one in every if not one.cancelled]
    if not taking_place:
        return ()
    if clock.tzid and not _is_expressible(series, every, clock):
        return tuple(_alone(one, told) for one in taking_place)
    return _as_series(series, series.rule, every, told, clock)


def _looked_at(series: Series, horizon: datetime) -> list[Occurrence]:
    begins = local_to_utc(first_start(series), series.zone)
    return occurrences(series, BEGINNING, max(horizon, begins + AT_LEAST))


def _is_expressible(series: Series, every: list[Occurrence], clock: Clock) -> bool:
    first = min(one.starts_at for one in every).date() - A_DAY
    last = max(one.ends_at for one in every).date() + A_DAY
    lasts, begins = series.ends_local - series.starts_local, _first(series)
    return (
        fits(series.zone, first, last)
        and not is_misread(series.zone, series.starts_local.time())
        and _length(begins) == max(lasts, timedelta())
        and not _is_odd(begins, clock)
        and not any(clock_oddity(one.key, series.zone) for one in every)
    )


def _length(one: Occurrence) -> timedelta:
    return one.ends_at - one.starts_at


def _once(one: Occurrence, told: Told, clock: Clock) -> Event:
    if not clock.all_day and not clock.floating:
        return _alone(one, told)
    starts, ends = clock.span(one)
    return replace(told(one), starts=starts, ends=ends)


def _alone(one: Occurrence, told: Told) -> Event:
    """An event in UTC; where it stands for one of a series, its day is part of its UID."""
    event = told(one)
    starts, ends = _in_utc(one)
    uid = f"{one.name[:8]}-{event.uid}" if one.name else event.uid
    return replace(event, uid=uid, starts=starts, ends=ends)


def _in_utc(one: Occurrence) -> tuple[datetime, datetime]:
    return one.starts_at, one.ends_at if one.ends_at > one.starts_at else one.starts_at + SHORTEST


def _as_series(
    series: Series, rule: Recurrence, every: list[Occurrence], told: Told, clock: Clock
) -> tuple[Event, ...]:
    plain = _first(series)
    said = [one for day in series.departures if (one := _found(series, day.key))]
    known = {one.key for one in said}
    longer = [one for one in every if one.key not in known and _needs_saying(one, plain, clock)]
    off = [clock.point(one.key) for one in said if one.cancelled]
    master = replace(
        _placed(told(plain), plain, clock),
        rule=_rule(rule, plain.key, clock),
        excluded=tuple(sorted(off)),
    )
    departing = sorted(
        [*longer, *(one for one in said if not one.cancelled)], key=lambda one: one.key
    )
    return master, *(
        replace(_placed(told(one), one, clock), recurrence_id=clock.point(one.key))
        for one in departing
    )


def _first(series: Series) -> Occurrence:
    """Return the first one as the rule has it, whatever was said of it."""
    starts = first_start(series)
    ends = starts + (series.ends_local - series.starts_local)
    starts_at, ends_at = instants(starts, ends, series.zone, all_day=series.all_day)
    return Occurrence("", starts, starts, ends, starts_at, ends_at, series.all_day)


def _found(series: Series, key: datetime) -> Occurrence | None:
    return occurrence(series, name_of(key, all_day=series.all_day))


def _placed(event: Event, one: Occurrence, clock: Clock) -> Event:
    starts, ends = _in_utc(one) if _is_odd(one, clock) else clock.span(one)
    return replace(event, starts=starts, ends=ends, zone=clock.tzid)


def _needs_saying(one: Occurrence, plain: Occurrence, clock: Clock) -> bool:
    """Tell whether an occurrence is not what the rule and the length of the first one make it."""
    return bool(clock.tzid) and (_length(one) != _length(plain) or _is_odd(one, clock))


def _is_odd(one: Occurrence, clock: Clock) -> bool:
    """Tell whether clocks skip or repeat its start or end, so that only UTC says when that is."""
    return bool(clock.tzid) and any(
        clock_oddity(wall, clock.zone) for wall in (one.starts_local, _wall_end(one))
    )


def _rule(rule: Recurrence, first: datetime, clock: Clock) -> str:
    """Return the rule with the end as the start has it: a date, a time, or an instant (§3.3.10)."""
    if rule.until is None:
        return str(rule)
    endless = str(replace(rule, until=None))
    last = datetime.combine(rule.until, first.time())
    if clock.all_day:
        return f"{endless};UNTIL={rule.until:%Y%m%d}"
    if clock.floating:
        return f"{endless};UNTIL={last:%Y%m%dT%H%M%S}"
    return f"{endless};UNTIL={local_to_utc(last, clock.zone):%Y%m%dT%H%M%SZ}"


def horizon_of(today: date) -> datetime:
    """Return how far series without end are looked at: whole years, so that bytes stay the same."""
    return datetime(today.year + 3, 1, 1, tzinfo=UTC)
