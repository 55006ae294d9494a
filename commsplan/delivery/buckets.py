"""The token buckets that all workers draw from: one row each, locked for a moment.

Whoever draws locks every bucket it needs in the same order, so that two of them never wait for
each other, and reads the clock under the lock. Limits may be changed while mails go out: the rows
are read again for each draw.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select, tuple_

from commsplan.delivery.rates import Key, Limit, draw, refilled, seconds_until
from commsplan.delivery.relay_models import RateLimit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction

CLOCKS_DIFFER = timedelta(minutes=1)  # by less than this, between machines that keep time
WHOLE = 1.0  # a copy takes one token, or a part of one where mail servers share it


@dataclass(frozen=True)
class Drawn:
    """What a draw brought."""

    going: list[bool]
    """For each copy, whether it may go."""
    waits: dict[Key, float]
    """For each bucket without a whole token left, how many seconds until there is one."""


def limits() -> dict[Key, Limit]:
    """Return every speed limit there is."""
    rows = db.session.execute(
        select(RateLimit.scope, RateLimit.name, RateLimit.per_minute, RateLimit.burst)
    )
    return {(scope, name): Limit(per_minute, burst) for scope, name, per_minute, burst in rows}


def take(wanted: Mapping[Key, int]) -> dict[Key, int]:
    """Take up to so many tokens of buckets; return how many of each there were.

    Of what has no limit there is as much as wanted.
    """
    granted = dict(wanted)
    with transaction():
        rows, now = _locked(wanted), now_utc()
        for row in rows:
            there = _tokens(row, now)
            granted[row.scope, row.name] = min(wanted[row.scope, row.name], max(int(there), 0))
            _keep(row, there - granted[row.scope, row.name], now)
    return granted


def draw_for(needs: Sequence[Mapping[Key, float]], owed: Mapping[Key, float]) -> Drawn:
    """Let copies draw together; each takes of all its buckets or of none.

    Args:
        needs: for each copy, how much it takes of which bucket.
        owed: what has to be corrected first, because copies went another way than was thought.
    """
    keys = {key for need in needs for key in need} | owed.keys()
    with transaction():
        rows, now = _locked(keys), now_utc()
        tokens = {
            (row.scope, row.name): _tokens(row, now) - owed.get((row.scope, row.name), 0.0)
            for row in rows
        }
        going, left = draw(needs, tokens)
        for row in rows:
            _keep(row, left[row.scope, row.name], now)
        waits = {
            (row.scope, row.name): seconds_until(WHOLE, left[row.scope, row.name], row.per_minute)
            for row in rows
        }
    return Drawn(going, {key: wait for key, wait in waits.items() if wait > 0})


def wait_for(key: Key, wanted: float = WHOLE) -> float:
    """Return how many seconds it takes until a bucket holds so many tokens; 0 without a limit."""
    known, there = limits(), tokens_now()
    if key not in known or key not in there:
        return 0.0
    return seconds_until(wanted, there[key], known[key].per_minute)


def tokens_now() -> dict[Key, float]:
    """Return how many tokens each bucket holds at this moment; nothing is taken."""
    now = now_utc()
    return {(row.scope, row.name): _tokens(row, now) for row in db.session.scalars(_all())}


def _all() -> Select[RateLimit]:
    return select(RateLimit).order_by(RateLimit.scope, RateLimit.name)


def _locked(keys: Collection[Key]) -> list[RateLimit]:
    """Lock buckets, always in the same order, and return them as they are now."""
    if not keys:
        return []
    which = tuple_(RateLimit.scope, RateLimit.name).in_(sorted(keys))
    found = _all().where(which).with_for_update().execution_options(populate_existing=True)
    return list(db.session.scalars(found))


def _tokens(row: RateLimit, now: datetime) -> float:
    return refilled(row.tokens, row.per_minute, row.burst, (now - row.refilled_at).total_seconds())


def _keep(row: RateLimit, tokens: float, now: datetime) -> None:
    """Write a bucket back; its clock does not go back where machines differ by a little.

    A moment far ahead was written by a clock that was wrong: no token would come back until then.
    """
    ahead = row.refilled_at - now
    row.tokens = tokens
    row.refilled_at = row.refilled_at if timedelta() < ahead < CLOCKS_DIFFER else now
