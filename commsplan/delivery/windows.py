"""Copies on their way to the wire and back: read, begin, settle.

`sending` is committed before the wire, for at most 64 copies a worker at a time, so that whatever
dies leaves at most one window in doubt. Nothing is settled under an older fence. What is settled
and what begins next share one transaction: one commit a window.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import NamedTuple, cast

from sqlalchemy import TextClause, bindparam, func, or_, select, text, update
from sqlalchemy.orm import aliased

from commsplan.delivery.copies import ReaderRow
from commsplan.delivery.histories import write_history
from commsplan.delivery.leases import Lease, goes_out, lease_seconds
from commsplan.delivery.ledger_models import Chunk, HistoryEntry
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.rules import GIVE_UP_AFTER, Outcome, State, Trouble, retry_in
from commsplan.delivery.tallies import QUIET, of_chunk
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import Moment, db, is_sqlite, transaction
from commsplan.people.models import Person

_Manager = aliased(Person)


class Row(NamedTuple):
    """What a worker needs to know to write one copy."""

    delivery_id: int
    address: str
    attempts: int
    reader: ReaderRow


class Result(NamedTuple):
    """What became of one copy that was begun."""

    delivery_id: int
    outcome: Outcome
    relay: str
    attempts: int
    """How often it had been tried before."""


@dataclass(frozen=True)
class Turn:
    """What one transaction did."""

    begun: frozenset[int]
    """Copies that go on the wire now."""
    settled: int
    is_ours: bool
    """Whether the chunk still is, and its send still goes out."""


def rows_of(lease: Lease) -> list[Row]:
    """Return the copies of a leased chunk that may go now."""
    now = now_utc()
    found = (
        select(
            Delivery.id,
            Delivery.address,
            Delivery.attempts,
            Person.name,
            Person.first_name,
            Person.title,
            Person.department,
            Person.location,
            Person.country,
            Person.language,
            Person.chosen_language,
            _Manager.name,
        )
        .join(Person, Person.id == Delivery.person_id)
        .join(_Manager, _Manager.id == Person.manager_id, isouter=True)
        .where(
            of_chunk(lease.send_id, lease.first_id, lease.last_id),
            Delivery.state == State.PLANNED,
            Delivery.not_before <= now,
            or_(Delivery.quiet_at.is_(None), Delivery.quiet_at > now),
        )
        .order_by(Delivery.id)
    )
    return [
        Row(row[0], row[1], row[2], cast(ReaderRow, tuple(row[3:])))
        for row in db.session.execute(found)
    ]


def turn_over(lease: Lease, results: Sequence[Result], going: Collection[int]) -> Turn:
    """Settle what is finished of a chunk and commit that the next copies go on the wire.

    1. The chunk's lease is renewed, if it still is ours and its send still goes out.
    2. Results are written down, as far as their fences still hold.
    3. The next copies become `sending`: not those that were cancelled, or whose reader
       unsubscribed, meanwhile.

    Args:
        lease: the chunk.
        results: what became of copies begun under it.
        going: the copies to begin; at most a window together with what is begun already.
    """
    with transaction() as database:
        is_ours = _renew(lease) if going else True
        settled = settle(lease, results) if results else 0
        begun: frozenset[int] = frozenset()
        if going and is_ours:
            begun = frozenset(
                database.scalars(
                    update(Delivery)
                    .where(Delivery.id.in_(going), Delivery.state == State.PLANNED)
                    .values(state=State.SENDING, fence=lease.fence)
                    .returning(Delivery.id)
                    .execution_options(**QUIET)
                )
            )
    return Turn(begun, settled, is_ours)


def _renew(lease: Lease) -> bool:
    """Renew a lease inside the transaction, if its send still goes out."""
    now = now_utc()
    until = now + timedelta(seconds=lease_seconds())
    sends = select(Send.id).where(Send.id == lease.send_id, goes_out(now))
    found = db.session.scalar(
        update(Chunk)
        .where(lease.holds(), Chunk.send_id.in_(sends))
        .values(lease_until=until)
        .returning(Chunk.id)
        .execution_options(**QUIET)
    )
    return found is not None


def settle(lease: Lease, results: Sequence[Result]) -> int:
    """Write down what became of copies, inside a transaction; return of how many."""
    final = [one for one in results if one.outcome.state is not State.PLANNED]
    again = [one for one in results if one.outcome.state is State.PLANNED]
    return _settle_final(lease, final) + _plan_again(lease, again)


def _settle_final(lease: Lease, results: list[Result]) -> int:
    if not results:
        return 0
    values = [
        (one.delivery_id, one.outcome.state.value, one.outcome.note, one.relay, one.outcome.tried)
        for one in results
    ]
    parameters: dict[str, object] = {"fence": lease.fence, "now": now_utc()}
    if is_sqlite():
        parameters["rows"] = json.dumps(values)
    else:
        names = ("ids", "states", "notes", "relays", "tried")
        parameters |= dict(zip(names, map(list, zip(*values, strict=True)), strict=True))
    settled = set(db.session.scalars(_final_statement(is_sqlite()), parameters))
    by_story: dict[tuple[State, str], list[int]] = defaultdict(list)
    for one in results:
        if one.delivery_id in settled and one.outcome.state is not State.ACCEPTED:
            by_story[one.outcome.state, one.outcome.note].append(one.delivery_id)
    for (state, note), ids in by_story.items():
        write_history(ids, state, note, lease.worker)
    return len(settled)


FINAL = """
update delivery set state = v.state, note = v.note, relay = v.relay, settled_at = :now,
    accepted_at = case when v.state = 'accepted' then :now else accepted_at end,
    attempts = attempts + {tried}
from {rows}
where delivery.id = v.id and delivery.fence = :fence and delivery.state = 'sending'
returning delivery.id
"""
FROM_JSON = """(select value ->> 0 as id, value ->> 1 as state, value ->> 2 as note,
    value ->> 3 as relay, value ->> 4 as tried from json_each(:rows)) as v"""
FROM_ARRAYS = """unnest(cast(:ids as bigint[]), cast(:states as text[]), cast(:notes as text[]),
    cast(:relays as text[]), cast(:tried as boolean[])) as v (id, state, note, relay, tried)"""


@cache
def _final_statement(on_sqlite: bool) -> TextClause:
    """Return the statement that settles a window: one for all, whatever each came to."""
    written = (
        FINAL.format(rows=FROM_JSON, tried="v.tried")
        if on_sqlite
        else FINAL.format(rows=FROM_ARRAYS, tried="cast(v.tried as integer)")
    )
    return text(written).bindparams(bindparam("now", type_=Moment()))


def _plan_again(lease: Lease, results: list[Result]) -> int:
    """Plan copies again; after five days of trying they have failed instead (RFC 5321 §4.5.4.1).

    Copies with the same outcome and history share a statement and a pause: their next tries are
    spread between windows.
    """
    groups: dict[tuple[Outcome, str, int], list[int]] = defaultdict(list)
    for one in results:
        groups[one.outcome, one.relay, one.attempts].append(one.delivery_id)
    changed = 0
    for (outcome, relay, attempts), ids in groups.items():
        old = _tried_for_days(ids) if outcome.tried and attempts else frozenset()
        young = [one for one in ids if one not in old]
        changed += _plan_group(lease, young, outcome, relay, attempts, State.PLANNED)
        changed += _plan_group(lease, list(old), outcome, relay, attempts, State.FAILED)
    return changed


def _tried_for_days(ids: list[int]) -> frozenset[int]:
    """Return the copies whose first try was five days ago, counted since somebody sent them anew.

    The history tells: each try that came to nothing has its line, with the worker's name.
    """
    anew = aliased(HistoryEntry)
    since = (
        select(func.max(anew.id))
        .where(anew.delivery_id == HistoryEntry.delivery_id, anew.worker == "")
        .scalar_subquery()
    )
    tried = (
        select(HistoryEntry.delivery_id)
        .where(
            HistoryEntry.delivery_id.in_(ids),
            HistoryEntry.state == State.PLANNED,
            HistoryEntry.worker != "",
            HistoryEntry.id > func.coalesce(since, 0),
        )
        .group_by(HistoryEntry.delivery_id)
        .having(func.min(HistoryEntry.at) < now_utc() - GIVE_UP_AFTER)
    )
    return frozenset(db.session.scalars(tried))


def _plan_group(
    lease: Lease, ids: list[int], outcome: Outcome, relay: str, attempts: int, state: State
) -> int:
    if not ids:
        return 0
    now, tried = now_utc(), attempts + int(outcome.tried)
    chance = random.random()  # noqa: S311 – only spreads the tries
    pause = timedelta()
    if outcome.trouble is not Trouble.NONE:
        pause = retry_in(outcome, max(tried, 1), chance)
    changed = db.session.scalars(
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.fence == lease.fence, Delivery.state == State.SENDING)
        .values(
            state=state,
            note=outcome.note,
            relay=relay if outcome.tried else "",
            settled_at=now,
            not_before=now + pause,
            attempts=tried,
        )
        .returning(Delivery.id)
        .execution_options(**QUIET)
    ).all()
    if outcome.tried:
        write_history(changed, state, outcome.note, lease.worker)
    return len(changed)
