"""Before a send: who would get the message, where they are, and what time it is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import ColumnElement, Select, func, select

from commsplan.audiences.queries import members
from commsplan.delivery.models import Delivery, Suppression
from commsplan.delivery.rules import HAS_IT
from commsplan.foundation.database import db
from commsplan.foundation.dates import ZONES
from commsplan.messages.models import Message
from commsplan.people.models import Person

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

    def at_night(self, moment: datetime) -> int:
        """Count the people for whom it is before 7 or after 20 o'clock at that moment."""
        return sum(
            number
            for zone, number in self.zones
            if not MORNING <= moment.astimezone(ZoneInfo(zone)).hour < EVENING
        )


def outlook_of(message: Message) -> Outlook | None:
    """Return who would get a message, or None while it has no audience."""
    if message.audience is None:
        return None
    everybody = members(message.audience)
    has_it = select(Delivery.person_id).where(
        Delivery.message_id == message.id, Delivery.state.in_(HAS_IT)
    )
    left = select(Suppression.person_id).where(Suppression.plan_id == message.plan_id)
    without = Person.email.not_like("%_@_%")
    new = members(message.audience).where(Person.id.not_in(has_it), ~without)
    if not message.mandatory:
        new = new.where(Person.id.not_in(left))
    return Outlook(
        people=_count(new),
        departments=_by(Person.department, new),
        countries=_by(Person.country, new),
        languages=_filled(_by(Person.language, new), "DEFAULT_LANGUAGE"),
        zones=_zones(_by(func.coalesce(_chosen_zone(), Person.zone), new)),
        unsubscribed=0 if message.mandatory else _count(everybody.where(Person.id.in_(left))),
        without_address=_count(everybody.where(without)),
        have_it=_count(everybody.where(Person.id.in_(has_it))),
    )


def _chosen_zone() -> ColumnElement[str]:
    return func.nullif(Person.chosen_zone, "")


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


def _zones(rows: list[tuple[str, int]]) -> list[tuple[str, int]]:
    known = [(zone if zone in ZONES else "", number) for zone, number in rows]
    return _filled(known, "DEFAULT_ZONE")
