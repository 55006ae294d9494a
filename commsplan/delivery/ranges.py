"""Where in a send copies of some state are: its chunks' tallies tell, so that few rows are read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain

from sqlalchemy import ColumnElement, Text, cast, or_, select

from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery
from commsplan.delivery.rules import State
from commsplan.delivery.tallies import joined, of_chunk
from commsplan.foundation.database import db

AT_ONCE = 2000  # ids that one statement reads


def ranges_with(
    send_id: int, states: Collection[State], *which: ColumnElement[bool], newest: int | None = None
) -> list[tuple[int, int]]:
    """Return from which id to which the copies of a send may be in one of these states.

    Args:
        send_id: which send.
        states: the states that are looked for.
        which: what else must hold for a chunk.
        newest: only so many chunks, those that were let go of last.
    """
    tally = cast(Chunk.tally, Text)
    has_it = or_(Chunk.tally.is_(None), *(tally.contains(f'"{state.value}"') for state in states))
    found = select(Chunk.first_id, Chunk.last_id).where(Chunk.send_id == send_id, has_it, *which)
    if newest is not None:
        found = found.order_by(Chunk.closed_at.desc().nulls_last()).limit(newest)
    return joined(sorted((first, last) for first, last in db.session.execute(found)))


def parts_of(ranges: Collection[tuple[int, int]], after: int = 0) -> Iterator[tuple[int, int]]:
    """Cut ranges of ids into parts that one statement can read, those after an id only."""
    cut = (_cut(max(first, after + 1), last) for first, last in ranges if last > after)
    return chain.from_iterable(cut)


def _cut(first: int, last: int) -> Iterator[tuple[int, int]]:
    for start in range(first, last + 1, AT_ONCE):
        yield start, min(start + AT_ONCE - 1, last)


def ids_with(send_id: int, states: Collection[State], most: int, after: int = 0) -> list[int]:
    """Return the next copies of a send in some states, in the order in which they go out.

    Args:
        send_id: which send.
        states: the states that are looked for.
        most: how many at most.
        after: only those behind this id.
    """
    found: list[int] = []
    for first, last in parts_of(ranges_with(send_id, states), after):
        found += db.session.scalars(
            select(Delivery.id)
            .where(of_chunk(send_id, first, last), Delivery.state.in_(states))
            .order_by(Delivery.id)
            .limit(most - len(found))
        )
        if len(found) >= most:
            break
    return found
