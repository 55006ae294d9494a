"""Before a send: who would get the message, where they are, and what time it is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import Select, func, select

from commsplan.audiences.queries import members
from commsplan.delivery.recipients import (
    has_address,
    has_copy,
    has_left,
    origin_of,
    recipients_of,
)
from commsplan.delivery.rules import HAS_IT
from commsplan.delivery.timing import PLAIN, Timing
from commsplan.foundation.database import db
from commsplan.foundation.dates import local_to_utc, utc_to_local
from commsplan.messages.models import Message
from commsplan.people.models import Person
from commsplan.people.queries import zone_in_sql

MORNING, EVENING = 7, 20  # o'clock: outside, a mail waits for the next morning or disturbs
LARGEST = 6


@dataclass(frozen=True)
class Outlook:
    """Who would get the message if it went out today."""

    people: int
    """Who would get a copy."""
    departments: list[tuple[str, int]]
    countries: list[tuple[str, int]]
    languages: list[tuple[str, int]]
    zones: list[tuple[str, int]]
    """IANA zones, the default filled in."""
    unsubscribed: int
    """Left out because they left the plan's mails."""
    without_address: int
    have_it: int
    """Left out because an earlier send reached them."""

    @property
    def largest_departments(self) -> list[tuple[str, int]]:
        """The largest departments, those without a name last."""
        return [found for found in self.departments if found[0]][:LARGEST]

    def at_night(self, start: datetime, timing: Timing = PLAIN) -> int:
        """Count the people who get it before 7 or after 20 o'clock of their own day."""
        return sum(
            number
            for zone, number in self.zones
            if not MORNING <= utc_to_local(timing.goes_at(start, zone, 0), zone).hour < EVENING
        )

    def passed(self, start: datetime, timing: Timing) -> int:
        """Count the people whose hour has passed when it starts: they get it at once."""
        wall = timing.local_time
        if wall is None:
            return 0
        return sum(number for zone, number in self.zones if local_to_utc(wall, zone) < start)

    def too_late(self, start: datetime, timing: Timing) -> int:
        """Count the people of the zones in which the last part comes after the last moment."""
        until, last = timing.valid_until, len(timing.waves)
        if until is None:
            return 0
        return sum(
            number for zone, number in self.zones if timing.goes_at(start, zone, last) >= until
        )


def outlook_of(message: Message) -> Outlook | None:
    """Return who would get a message, or None while it has no audience and follows no send."""
    if message.audience is None and origin_of(message) is None:
        return None
    everybody = recipients_of(message)
    new = everybody.where(has_address(), ~has_left(message))
    has_it = has_copy(message.id, HAS_IT)
    return Outlook(
        people=_count(new),
        departments=_by(Person.department, new),
        countries=_by(Person.country, new),
        languages=_filled(_by(Person.language, new), "DEFAULT_LANGUAGE"),
        zones=_by(zone_in_sql(), new),
        unsubscribed=_count(everybody.where(has_left(message))),
        without_address=_count(everybody.where(~has_address())),
        have_it=_count(members(message.audience).where(has_it)) if message.audience else 0,
    )


def _count(people: Select[int]) -> int:
    return db.session.scalar(select(func.count()).select_from(people.subquery())) or 0


def _by(column, people: Select[int]) -> list[tuple[str, int]]:  # type: ignore[no-untyped-def]  # any column
    rows = db.session.execute(
        select(column, func.count())
        .where(Person.id.in_(people))
        .group_by(column)
        .order_by(func.count().desc(), column)
    )
    return [(value or "", number) for value, number in rows]


def _filled(rows: list[tuple[str, int]], setting: str) -> list[tuple[str, int]]:
    default = str(current_app.config[setting])
    found: dict[str, int] = {}
    for value, number in rows:
        found[value or default] = found.get(value or default, 0) + number
    return sorted(found.items(), key=lambda one: -one[1])
