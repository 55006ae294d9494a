"""Setting and lifting speed limits: each takes effect in every worker within seconds."""

from __future__ import annotations

from sqlalchemy import delete, select

from commsplan.delivery.rates import Key, Limit, refilled
from commsplan.delivery.relay_models import RateLimit
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.people.models import Person


def limit_named(key: Key) -> RateLimit | None:
    """Return the bucket of a limit as it is kept."""
    return db.session.scalars(
        select(RateLimit).where(RateLimit.scope == key[0], RateLimit.name == key[1])
    ).one_or_none()


def set_limit(key: Key, limit: Limit, by: Person | None) -> None:
    """Set or change a limit; a new one begins with its burst, a changed one with what is left."""
    scope, name = key
    with transaction() as database:
        row = database.scalars(
            select(RateLimit)
            .where(RateLimit.scope == scope, RateLimit.name == name)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one_or_none()
        now, before = now_utc(), _kept(row)
        if row is None:
            row = RateLimit(scope=scope, name=name, tokens=limit.burst, refilled_at=now)
            database.add(row)
        else:
            spent = (now - row.refilled_at).total_seconds()
            there = refilled(row.tokens, row.per_minute, row.burst, spent)
            row.tokens, row.refilled_at = min(there, limit.burst), max(now, row.refilled_at)
        row.per_minute, row.burst = limit.per_minute, limit.burst
        database.flush()
        audit.record(_actor(by), "limit.set", f"limit {scope} {name}", before, _kept(row))


def remove_limit(key: Key, by: Person | None) -> bool:
    """Lift a limit; return False when there is none."""
    scope, name = key
    with transaction() as database:
        gone = database.execute(
            delete(RateLimit)
            .where(RateLimit.scope == scope, RateLimit.name == name)
            .returning(RateLimit.per_minute, RateLimit.burst)
            .execution_options(synchronize_session=False)
        ).first()
        if gone is not None:
            before: dict[str, object] = {"per_minute": gone.per_minute, "burst": gone.burst}
            audit.record(_actor(by), "limit.removed", f"limit {scope} {name}", before)
    return gone is not None


def _kept(row: RateLimit | None) -> dict[str, object] | None:
    return {"per_minute": row.per_minute, "burst": row.burst} if row else None


def _actor(by: Person | None) -> str:
    return f"person {by.id}" if by else "command line"
