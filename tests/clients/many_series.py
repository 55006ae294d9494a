"""Series of every kind, drawn by lot from one seed, with single occurrences off or elsewhere."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from commsplan.calendars.ics import Event, Head, calendar
from commsplan.calendars.repeating import events_of_series
from commsplan.plans.recurrence import Recurrence, WeekDay, first_date
from commsplan.plans.series import Departure, Occurrence, Series, occurrences
from tests.clients.seen import Seen, Window, spoken

WINDOW: Window = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 6, 1, tzinfo=UTC))
HORIZON = datetime(2029, 1, 1, tzinfo=UTC)
REVISED = datetime(2026, 1, 1, tzinfo=UTC)
HEAD = Head("Series", "", "UTC", REVISED, "https://calendar.example/series")
ZONES = (
    *("Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Sao_Paulo", "America/Nuuk"),
    *("Asia/Jerusalem", "Asia/Kathmandu", "Asia/Gaza", "Africa/Casablanca", "Africa/Cairo"),
    *("Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Kiritimati", "UTC"),
)
HOURS = (0, 1, 2, 3, 8, 9, 12, 20, 22, 23)
LENGTHS = tuple(timedelta(minutes=minutes) for minutes in (0, 15, 60, 90, 480, 1440, 3000))


@dataclass(frozen=True)
class Drawn:
    """A series, its title, and whether it floats."""

    title: str
    series: Series
    floating: bool

    def events(self) -> tuple[Event, ...]:
        """Return it as events of a calendar."""
        return events_of_series(self.series, self._told, HORIZON, floating=self.floating)

    def expected(self) -> list[Seen]:
        """Return what everybody should see of it, less the shortest length that calendars need."""
        series = replace(self.series, zone="UTC") if self.floating else self.series
        return [
            Seen(one.title or self.title, *self._times(one))
            for one in occurrences(series, *WINDOW)
            if not one.cancelled
        ]

    def _told(self, one: Occurrence) -> Event:
        day = REVISED.date()
        return Event(f"{self.title}@calendar.example", REVISED, one.title or self.title, day, day)

    def _times(self, one: Occurrence) -> tuple[str, str]:
        if one.all_day:
            ends = one.ends_local.date() + timedelta(days=1)
            return spoken(one.starts_local.date()), spoken(ends)
        starts, ends_at = one.starts_at, one.ends_at
        ends_at = ends_at if ends_at > starts else starts + timedelta(minutes=15)
        times = (spoken(starts), spoken(ends_at))
        return (times[0][:-1], times[1][:-1]) if self.floating else times


def draw(count: int, seed: int = 1) -> list[Drawn]:
    """Draw so many series."""
    lot = random.Random(seed)
    return [_one(lot, number) for number in range(count)]


def as_calendar(drawn: list[Drawn]) -> bytes:
    """Return them as one calendar."""
    return calendar(HEAD, [event for one in drawn for event in one.events()])


def _one(lot: random.Random, number: int) -> Drawn:
    all_day = lot.random() < 0.2
    floating = not all_day and lot.random() < 0.1
    first = datetime(2026, 1, 1) + timedelta(days=lot.randrange(200))
    starts = (
        first if all_day else first.replace(hour=lot.choice(HOURS), minute=lot.choice((0, 30, 50)))
    )
    lasts = timedelta(days=lot.randrange(3)) if all_day else lot.choice(LENGTHS)
    rule = _rule(lot, starts)
    starts = first_date(rule, starts) or starts
    zone = "UTC" if floating else lot.choice(ZONES)
    series = Series(starts, starts + lasts, zone, all_day, rule)
    series = replace(series, departures=_departures(lot, series, number))
    return Drawn(f"S{number}", series, floating)


def _rule(lot: random.Random, starts: datetime) -> Recurrence:
    every = lot.choice((1, 1, 1, 2, 3))
    days = tuple(WeekDay(day) for day in sorted(lot.sample(range(7), lot.randrange(4))))
    nth = (WeekDay(lot.randrange(7), lot.choice((1, 2, 3, 4, -1))),)
    month_days = tuple(sorted(lot.sample(range(1, 32), lot.randrange(1, 3))))
    drawn = lot.choice(
        [
            Recurrence("DAILY", every),
            Recurrence("WEEKLY", every, days),
            Recurrence("WEEKLY", every, days),
            Recurrence("MONTHLY", every, nth),
            Recurrence("MONTHLY", every, (), month_days),
            Recurrence("MONTHLY", every, (), (-1,)),
            Recurrence("YEARLY"),
        ]
    )
    last = starts + timedelta(days=lot.randrange(900))
    ends = (drawn, replace(drawn, count=lot.randrange(1, 80)), replace(drawn, until=last.date()))
    return lot.choice(ends)


def _departures(lot: random.Random, series: Series, number: int) -> tuple[Departure, ...]:
    known = occurrences(series, WINDOW[0], WINDOW[1] - timedelta(days=60))[:60]
    return tuple(
        _departure(lot, one, number) for one in lot.sample(known, min(len(known), lot.randrange(4)))
    )


def _departure(lot: random.Random, one: Occurrence, number: int) -> Departure:
    kind = lot.randrange(3)
    if kind == 0:
        return Departure(one.key, cancelled=True)
    if kind == 1:
        return Departure(one.key, title=f"S{number} otherwise")
    starts = one.key + timedelta(days=lot.randrange(-3, 4))
    starts = starts if one.all_day else starts.replace(hour=13, minute=lot.choice((0, 45)))
    ends = starts + (timedelta(days=1) if one.all_day else timedelta(hours=1))
    return Departure(one.key, False, starts, ends, f"S{number} moved")
