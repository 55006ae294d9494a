"""How the copies of a send stand, counted without reading them all: each chunk keeps its tally.

A tally is written when a chunk is let go of, and forgotten by whatever changes one of its copies
afterwards. A chunk without one is counted row by row. So a send of a million copies is counted by
reading 2,000 chunks and the few hundred copies that are being worked on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    TextClause,
    and_,
    case,
    func,
    literal,
    select,
    text,
    type_coerce,
    update,
)

from commsplan.delivery.ledger_models import Chunk, Tally
from commsplan.delivery.models import Delivery
from commsplan.delivery.rules import State
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import Moment, db, is_sqlite, transaction

QUIET = {"synchronize_session": False}
"""The rows are not in the session: nothing to keep in step."""
DOMAINS_TOLD_APART = 20  # in one chunk's tally; beyond that they are counted together
MOVED_WITHIN = timedelta(seconds=10)  # the timetable moves copies out of quiet hours by then
RECOUNTED_AT_ONCE = 200  # chunks, of 500 copies each


@dataclass(frozen=True)
class Standing:
    """Copies of one send that share state, mail server and recipient's domain."""

    state: State
    relay: str
    domain: str
    copies: int


def domain_of_address() -> ColumnElement[str]:
    """Return the domain of a copy's address, as SQL."""
    if is_sqlite():
        at = func.instr(Delivery.address, "@")
        return func.lower(func.substr(Delivery.address, at + 1))
    return func.lower(func.split_part(Delivery.address, "@", 2))


def of_chunk(send_id: int, first_id: int, last_id: int) -> ColumnElement[bool]:
    """Test that a copy is one of a chunk's.

    By its id: with the index on `send_id` beside it PostgreSQL reads the whole send for each chunk,
    which was half of all it did. The sum keeps both databases from that.
    """
    return and_(Delivery.send_id + 0 == send_id, Delivery.id.between(first_id, last_id))


def write_tally(chunk_id: int) -> None:
    """Count a chunk whose row this transaction has locked, and say when it is due again."""
    chunk = db.session.execute(
        select(Chunk.send_id, Chunk.first_id, Chunk.last_id).where(Chunk.id == chunk_id)
    ).one()
    now = now_utc()
    later = literal(now + MOVED_WITHIN, Moment())
    waits = case((Delivery.quiet_at <= now, later), else_=Delivery.not_before)
    rows = db.session.execute(
        _grouped(type_coerce(func.min(waits), Moment())).where(of_chunk(*chunk))
    ).all()
    planned = [row[4] for row in rows if row[0] == State.PLANNED]
    values: dict[str, object] = {"tally": _fold(rows), "state": "ready" if planned else "closed"}
    if planned:
        values["not_before"] = min(planned)
    db.session.execute(
        update(Chunk).where(Chunk.id == chunk_id).values(values).execution_options(**QUIET)
    )


def _grouped(*more: ColumnElement[object]):  # type: ignore[no-untyped-def]  # a Select, typed by its columns
    domain = domain_of_address().label("domain")
    return select(Delivery.state, Delivery.relay, domain, func.count(), *more).group_by(
        Delivery.state, Delivery.relay, domain
    )


def _fold(rows: Iterable[tuple[str, str, str, int, datetime]]) -> Tally:
    """Return a tally in which rare domains do not make it longer than the chunk."""
    found = [(row[0], row[1], row[2], row[3]) for row in rows]
    if len({domain for _state, _relay, domain, _number in found}) > DOMAINS_TOLD_APART:
        found = [(state, relay, "", number) for state, relay, _domain, number in found]
    together: Counter[tuple[str, str, str]] = Counter()
    for state, relay, domain, number in found:
        together[state, relay, domain] += number
    return [(*key, number) for key, number in sorted(together.items())]


def standings(send_id: int) -> list[Standing]:
    """Return how the copies of a send stand.

    The database adds the tallies up: decoding 2,000 of them here takes several times as long.
    """
    together = Counter[tuple[str, str, str]]()
    for state, relay, domain, number in db.session.execute(_tallied(send_id)):
        together[state, relay, domain] += int(number)
    uncounted = db.session.execute(
        select(Chunk.first_id, Chunk.last_id)
        .where(Chunk.send_id == send_id, Chunk.tally.is_(None))
        .order_by(Chunk.first_id)
    )
    for first_id, last_id in joined([(first, last) for first, last in uncounted]):
        for row in db.session.execute(_grouped().where(of_chunk(send_id, first_id, last_id))):
            together[row[0], row[1], row[2]] += row[3]
    return [
        Standing(State(state), relay, domain, number)
        for (state, relay, domain), number in sorted(together.items())
    ]


TALLIED = """
select t.value ->> 0, t.value ->> 1, t.value ->> 2, sum(cast(t.value ->> 3 as integer))
from chunk, {elements}(chunk.tally) as t where chunk.send_id = :send_id group by 1, 2, 3
"""


def _tallied(send_id: int) -> TextClause:
    """Add up the tallies of a send's chunks by what is told apart."""
    elements = "json_each" if is_sqlite() else "jsonb_array_elements"
    return text(TALLIED.format(elements=elements)).bindparams(send_id=send_id)


def joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join ranges of ids that follow each other, so that a fresh send is one query."""
    found: list[tuple[int, int]] = []
    for first, last in ranges:
        if found and first == found[-1][1] + 1:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def lock_chunks_of(send_ids: Iterable[int]) -> None:
    """Lock every chunk of sends and forget their tallies: before copies of them are changed."""
    for send_id in sorted(set(send_ids)):
        _forget(Chunk.send_id == send_id)


def lock_chunks_with(copies: Iterable[tuple[int, int]]) -> None:
    """Lock the chunks of single copies, given as (send id, copy id), and forget their tallies."""
    for send_id, delivery_id in sorted(set(copies)):
        _forget(
            Chunk.send_id == send_id, Chunk.first_id <= delivery_id, Chunk.last_id >= delivery_id
        )


def _forget(*which: ColumnElement[bool]) -> None:
    db.session.execute(update(Chunk).where(*which).values(tally=None).execution_options(**QUIET))


def make_ready(copies: Iterable[tuple[int, int]], moment: datetime) -> None:
    """Let chunks of which a copy is planned again be leased from a moment on."""
    for send_id, delivery_id in sorted(set(copies)):
        db.session.execute(
            update(Chunk)
            .where(
                Chunk.send_id == send_id,
                Chunk.first_id <= delivery_id,
                Chunk.last_id >= delivery_id,
                Chunk.state != "leased",
            )
            .values(
                state="ready",
                not_before=case(
                    (and_(Chunk.state == "ready", Chunk.not_before < moment), Chunk.not_before),
                    else_=moment,
                ),
                tally=None,
            )
            .execution_options(**QUIET)
        )


def recount() -> int:
    """Count chunks again whose tally was forgotten and that nobody holds; return how many.

    It also closes those of which no copy waits any more, after a cancel for instance.
    """
    which = db.session.scalars(
        select(Chunk.id)
        .where(Chunk.tally.is_(None), Chunk.state != "leased")
        .limit(RECOUNTED_AT_ONCE)
    ).all()
    for chunk_id in which:
        with transaction() as database:
            mine = database.scalar(
                update(Chunk)
                .where(Chunk.id == chunk_id, Chunk.state != "leased", Chunk.tally.is_(None))
                .values(tally=None)
                .returning(Chunk.id)
                .execution_options(**QUIET)
            )
            if mine is not None:
                write_tally(mine)
    return len(which)
