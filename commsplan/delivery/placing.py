"""Recipients as the ledger will have them: in which state, which part, and when each may go."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Case, ColumnElement, Subquery, and_, case, func, literal, or_, select

from commsplan.delivery.models import Send
from commsplan.delivery.recipients import has_address, has_left, recipients
from commsplan.delivery.rules import SendKind, State
from commsplan.delivery.suppressions import ADDRESS_SUPPRESSED, address_suppressed
from commsplan.delivery.timing import Timing
from commsplan.delivery.waves import bounds
from commsplan.foundation.database import Moment, db
from commsplan.people.models import Person
from commsplan.people.queries import zone_in_sql

PRIME = 2_147_483_647  # 2^31 - 1, and far more than there are people
WITHOUT_ADDRESS = "There is no usable e-mail address in the staff list."
UNSUBSCRIBED = "Unsubscribed from this plan's mails."

Placed = tuple[str, int]
"""A zone and a part: what decides when a copy may go."""


def placed(send: Send, timing: Timing) -> Subquery:
    """Select the recipients with state and note, and with zone and part where they matter."""
    people = _people(send, timing)
    wave: ColumnElement[int] = literal(0)
    if timing.waves:
        planned = select(func.count()).select_from(people).where(people.c.state == State.PLANNED)
        reaches = bounds(timing.waves, db.session.scalar(planned) or 0)
        parts = [(people.c.place <= last, number) for number, last in enumerate(reaches)]
        wave = case(*parts, else_=len(reaches))
    return select(people, wave.label("wave")).subquery("placed")


def _people(send: Send, timing: Timing) -> Subquery:
    message = send.message
    left, dead, usable = has_left(message), address_suppressed(), has_address()
    state = case(
        (left | dead, State.SUPPRESSED.value),
        (~usable, State.FAILED.value),
        else_=State.PLANNED.value,
    )
    note = case(
        (left, UNSUBSCRIBED),
        (dead, ADDRESS_SUPPRESSED),
        (~usable, WITHOUT_ADDRESS),
        else_="",
    )
    place: ColumnElement[int] = literal(0)
    if timing.waves:
        place = func.row_number().over(partition_by=state, order_by=[mixed(message.id), Person.id])
    who = recipients(message, send.audience, SendKind(send.kind), send.of_send)
    return who.with_only_columns(
        Person.id.label("person_id"),
        Person.email.label("email"),
        state.label("state"),
        note.label("note"),
        (zone_in_sql() if timing.needs_zones else literal("")).label("zone"),
        place.label("place"),
    ).subquery("people")


def mixed(seed: int) -> ColumnElement[int]:
    """Return a number per `Person` that looks random, is the same every time, another per seed.

    Multiplying by a primitive root modulo a prime (Park and Miller, 1988, Comm. ACM 31(10)) gives
    different people different numbers, and neighbours in the directory far apart ones.
    """
    return ((Person.id * 48_271 + seed * 16_807) % PRIME * 69_621) % PRIME


def moments(
    people: Subquery, timing: Timing, start: datetime
) -> tuple[ColumnElement[datetime], ColumnElement[datetime]]:
    """Return when a copy may go, and when it has to wait again, as SQL over zone and part.

    Daylight saving is worked out here, once for each zone and part; SQL only looks it up.
    """
    zones = [""]
    if timing.needs_zones:
        zones = list(db.session.scalars(select(people.c.zone).distinct())) or ["UTC"]
    goes: dict[datetime | None, list[Placed]] = defaultdict(list)
    waits: dict[datetime | None, list[Placed]] = defaultdict(list)
    for zone in sorted(zones):
        for wave in range(len(timing.waves) + 1):
            moment = timing.goes_at(start, zone, wave)
            goes[moment].append((zone, wave))
            waits[timing.quiet_at(moment, zone)].append((zone, wave))
    return _looked_up(people, goes), _looked_up(people, waits)


def _looked_up(
    people: Subquery, table: dict[datetime | None, list[Placed]]
) -> ColumnElement[datetime]:
    """Return a table of moments as SQL; whoever moved to an unknown zone meanwhile is last."""
    if len(table) == 1:
        return literal(next(iter(table)), Moment())
    *sooner, last = sorted(table, key=str)
    branches = [(_in_any(people, table[one]), literal(one, Moment())) for one in sooner]
    found: Case[datetime] = case(*branches, else_=literal(last, Moment()))
    return found


def _in_any(people: Subquery, some: list[Placed]) -> ColumnElement[bool]:
    zones: dict[int, list[str]] = defaultdict(list)
    for zone, wave in some:
        zones[wave].append(zone)
    return or_(
        *(and_(people.c.wave == wave, people.c.zone.in_(alike)) for wave, alike in zones.items())
    )
