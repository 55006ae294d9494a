"""Who holds which copy: lease, put on the wire, settle, give back. Every step is compare-and-set.

A worker owns what it changed: a row carries the worker's name and a fence that rises with every
lease, and nothing is settled under an older fence. `sending` is committed before the wire, for a
window of copies at a time, so that a lost worker leaves at most one window in doubt.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import exists, select, tuple_, update
from sqlalchemy.orm import joinedload

from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.rules import (
    GIVE_UP_AFTER,
    Outcome,
    SendState,
    State,
    Trouble,
    retry_in,
)
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.people.models import Person

QUIET = {"synchronize_session": False}
"""The rows are not in the session: nothing to keep in step."""


@dataclass(frozen=True)
class Held:
    """A copy as its worker knows it: which, and under which fence."""

    delivery_id: int
    fence: int


@dataclass(frozen=True)
class Settled:
    """A copy and what became of it."""

    held: Held
    outcome: Outcome


def lease_seconds() -> int:
    """Return how long a worker owns its copies without a sign of life, in seconds."""
    return int(current_app.config["WORKER_LEASE_SECONDS"])


def lease(send_id: int, worker: str, limit: int) -> list[Held]:
    """Take the next copies of a running send that may go now.

    Workers that come at once skip each other's rows (PostgreSQL) or queue up (SQLite).
    """
    now = now_utc()
    running = exists().where(Send.id == send_id, Send.state == SendState.RUNNING)
    ready = (
        select(Delivery.id)
        .where(
            Delivery.send_id == send_id,
            Delivery.state == State.PLANNED,
            Delivery.not_before <= now,
            running,
        )
        .order_by(Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Delivery)
        .cte("ready")
    )
    with transaction() as database:
        rows = database.execute(
            update(Delivery)
            .where(Delivery.id.in_(select(ready.c.id)), Delivery.state == State.PLANNED)
            .values(
                state=State.LEASED,
                fence=Delivery.fence + 1,
                leased_by=worker,
                lease_until=now + timedelta(seconds=lease_seconds()),
            )
            .returning(Delivery.id, Delivery.fence)
            .execution_options(**QUIET)
        )
        return sorted((Held(one, fence) for one, fence in rows), key=lambda held: held.delivery_id)


def read_held(held: Sequence[Held]) -> list[tuple[Held, Delivery]]:
    """Return the rows of leased copies with their people, in one query."""
    fences = {one.delivery_id: one for one in held}
    rows = db.session.scalars(
        select(Delivery)
        .where(Delivery.id.in_(fences))
        .options(joinedload(Delivery.person).joinedload(Person.manager))
        .order_by(Delivery.id)
    )
    return [(fences[row.id], row) for row in rows]


def begin_window(held: Iterable[Held], worker: str) -> set[Held]:
    """Commit that these copies go on the wire now; return those that still may.

    A copy whose send was cancelled, whose reader unsubscribed, or whose lease lapsed is not among
    them. The rest of what the worker holds is renewed on the way.
    """
    until = now_utc() + timedelta(seconds=lease_seconds())
    with transaction() as database:
        rows = database.execute(
            update(Delivery)
            .where(_these(held), Delivery.state == State.LEASED, Delivery.leased_by == worker)
            .values(state=State.SENDING, lease_until=until)
            .returning(Delivery.id, Delivery.fence)
            .execution_options(**QUIET)
        )
        return {Held(one, fence) for one, fence in rows}


def renew(send_id: int, worker: str) -> bool:
    """Give a sign of life; return False when the copies have been taken away meanwhile."""
    until = now_utc() + timedelta(seconds=lease_seconds())
    with transaction() as database:
        rows = database.execute(
            update(Delivery)
            .where(
                Delivery.send_id == send_id,
                Delivery.state.in_((State.LEASED, State.SENDING)),
                Delivery.leased_by == worker,
            )
            .values(lease_until=until)
            .returning(Delivery.state)
            .execution_options(**QUIET)
        )
        return State.SENDING in set(rows.scalars())


def settle(settled: Iterable[Settled], chance: random.Random | None = None) -> int:
    """Write down what became of copies, as far as their fences still hold; return how many.

    Copies with the same outcome and history share a statement: usually one for the window.
    """
    groups: dict[Outcome, list[Held]] = defaultdict(list)
    for one in settled:
        groups[one.outcome].append(one.held)
    if not groups:
        return 0
    with transaction():
        return sum(
            _settle_group(outcome, held, chance or random.Random())  # noqa: S311 – only jitter
            for outcome, held in groups.items()
        )


def _settle_group(outcome: Outcome, held: list[Held], chance: random.Random) -> int:
    now = now_utc()
    if outcome.state is State.PLANNED:
        return sum(_back_to_planned(outcome, one, chance) for one in held)
    rows = db.session.execute(
        update(Delivery)
        .where(_these(held), Delivery.state.in_((State.LEASED, State.SENDING)))
        .values(
            state=outcome.state,
            note=outcome.note,
            settled_at=now,
            accepted_at=now if outcome.state is State.ACCEPTED else None,
            lease_until=None,
            attempts=Delivery.attempts + int(outcome.tried),
        )
        .returning(Delivery.id)
        .execution_options(**QUIET)
    )
    return len(rows.all())


def _back_to_planned(outcome: Outcome, held: Held, chance: random.Random) -> int:
    """Plan a copy again; after five days of trying it has failed instead (RFC 5321 §4.5.4.1)."""
    now = now_utc()
    row = db.session.execute(
        select(Delivery.attempts, Send.started_at)
        .join(Send)
        .where(_these([held]), Delivery.state.in_((State.LEASED, State.SENDING)))
    ).first()
    if row is None:
        return 0
    attempts = row.attempts + int(outcome.tried)
    hopeless = row.started_at is not None and now - row.started_at > GIVE_UP_AFTER
    pause = retry_in(outcome, max(attempts, 1), chance.random()) if outcome.trouble else timedelta()
    db.session.execute(
        update(Delivery)
        .where(_these([held]), Delivery.state.in_((State.LEASED, State.SENDING)))
        .values(
            state=State.FAILED if hopeless else State.PLANNED,
            note=outcome.note,
            settled_at=now,
            not_before=now + pause,
            attempts=attempts,
            lease_until=None,
            leased_by="",
        )
        .execution_options(**QUIET)
    )
    return 1


def give_back(held: Sequence[Held], outcome: Outcome) -> None:
    """Return copies that were never put on the wire, all at once and at no cost to them."""
    pause = retry_in(outcome, 1, 0.5) if outcome.trouble is not Trouble.NONE else timedelta()
    now = now_utc()
    if not held:
        return
    with transaction() as database:
        database.execute(
            update(Delivery)
            .where(_these(held), Delivery.state.in_((State.LEASED, State.SENDING)))
            .values(
                state=State.PLANNED,
                note=outcome.note,
                not_before=now + pause,
                lease_until=None,
                leased_by="",
            )
            .execution_options(**QUIET)
        )


def _these(held: Iterable[Held]):  # type: ignore[no-untyped-def]  # a column test, as SQLAlchemy types it
    pairs = [(one.delivery_id, one.fence) for one in held]
    return tuple_(Delivery.id, Delivery.fence).in_(pairs)
