"""The audience of a send, frozen: one row per person, in one statement."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import case, exists, false, func, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from commsplan.audiences.queries import members
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send, Suppression
from commsplan.delivery.rules import HAS_IT, State
from commsplan.delivery.suppressions import ADDRESS_SUPPRESSED, address_suppressed
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, is_sqlite
from commsplan.people.models import Person

CHUNK = 500  # copies; a lease is one row's change, however many those are
WITHOUT_ADDRESS = "There is no usable e-mail address in the staff list."
UNSUBSCRIBED = "Unsubscribed from this plan's mails."


Part = tuple[str, int, int, int]
"""Copies of a chunk in one state: the state, how many, the first and the last id."""


def freeze(send: Send) -> None:
    """Write one row per person of the audience, in one statement, inside the transaction."""
    message, now = send.message, now_utc()
    usable = Person.email.like("%_@_%")
    left = (
        false()
        if message.mandatory
        else exists().where(
            Suppression.person_id == Person.id, Suppression.plan_id == message.plan_id
        )
    )
    has_it = exists().where(
        Delivery.message_id == message.id,
        Delivery.person_id == Person.id,
        Delivery.state.in_(HAS_IT),
    )
    dead = address_suppressed()
    last_round = select(func.coalesce(func.max(Delivery.round), 0)).where(
        Delivery.message_id == message.id
    )
    people = select(
        literal(send.id),
        literal(message.id),
        Person.id,
        literal("email"),
        literal((db.session.scalar(last_round) or 0) + 1),
        Person.email,
        case(
            (left | dead, State.SUPPRESSED.value),
            (~usable, State.FAILED.value),
            else_=State.PLANNED.value,
        ),
        literal(now, Delivery.not_before.type),
        literal(0),
        literal(0),
        case(
            (left, UNSUBSCRIBED),
            (dead, ADDRESS_SUPPRESSED),
            (~usable, WITHOUT_ADDRESS),
            else_="",
        ),
    ).where(Person.id.in_(members(send.audience)), ~has_it)
    people = people.order_by(Person.id)
    columns = ["send_id", "message_id", "person_id", "channel", "round", "address", "state"]
    columns += ["not_before", "fence", "attempts", "note"]
    dialect = sqlite if is_sqlite() else postgresql
    db.session.execute(
        dialect.insert(Delivery).from_select(columns, people).on_conflict_do_nothing()
    )
    make_chunks(send)


def make_chunks(send: Send) -> None:
    """Cut the frozen copies of a send into chunks of neighbours that may go at the same moment."""
    row = func.row_number().over(partition_by=Delivery.not_before, order_by=Delivery.id)
    numbered = (
        select(Delivery.id, Delivery.state, Delivery.not_before, ((row - 1) // CHUNK).label("part"))
        .where(Delivery.send_id == send.id)
        .subquery()
    )
    key = (numbered.c.not_before, numbered.c.part)
    parts: dict[tuple[object, int], list[Part]] = defaultdict(list)
    for moment, part, state, number, first, last in db.session.execute(
        select(
            *key,
            numbered.c.state,
            func.count(),
            func.min(numbered.c.id),
            func.max(numbered.c.id),
        ).group_by(*key, numbered.c.state)
    ):
        parts[moment, part].append((state, number, first, last))
    rows = [_chunk(send.id, moment, found) for (moment, _part), found in parts.items()]
    for start in range(0, len(rows), CHUNK):
        db.session.execute(insert(Chunk), rows[start : start + CHUNK])


def _chunk(send_id: int, moment: object, found: list[Part]) -> dict[str, object]:
    return {
        "send_id": send_id,
        "first_id": min(first for _state, _number, first, _last in found),
        "last_id": max(last for _state, _number, _first, last in found),
        "copies": sum(number for _state, number, _first, _last in found),
        "state": "ready" if any(one[0] == State.PLANNED for one in found) else "closed",
        "not_before": moment,
        "tally": [(state, "", "", number) for state, number, _first, _last in sorted(found)],
    }
