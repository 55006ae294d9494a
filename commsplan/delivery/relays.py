"""Mail servers as every worker sees them: which there are, which are away, what is set for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from commsplan.delivery.relay_models import Relay
from commsplan.delivery.rules import NOTE_LENGTH, RELAY_PAUSE
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, is_sqlite, transaction

IN_USE = timedelta(days=1)  # a mail server that no worker found in SMTP_URL since is history
QUIET = {"synchronize_session": False}


def remember(names: Iterable[str]) -> None:
    """Note that a worker finds these mail servers in SMTP_URL; new ones get the usual settings."""
    now = now_utc()
    dialect = sqlite if is_sqlite() else postgresql
    with transaction() as database:
        for name in sorted(set(names)):
            database.execute(
                dialect.insert(Relay)
                .values(name=name, weight=1, connections=4, copies_per_connection=500, seen_at=now)
                .on_conflict_do_update(index_elements=["name"], set_={"seen_at": now})
            )


def relays_named(names: Iterable[str]) -> list[Relay]:
    """Return mail servers by their names, those that are in use."""
    return list(db.session.scalars(select(Relay).where(Relay.name.in_(names)).order_by(Relay.name)))


def usable(names: Iterable[str]) -> set[str]:
    """Return which of these mail servers may be used now."""
    now = now_utc()
    away = or_(Relay.switched_off_at.is_not(None), Relay.away_until > now)
    named = set(names)
    return named - set(db.session.scalars(select(Relay.name).where(Relay.name.in_(named), away)))


def weights(names: Iterable[str]) -> dict[str, int]:
    """Return the weights of those of these mail servers that may be used now."""
    there = usable(names)
    rows = db.session.execute(select(Relay.name, Relay.weight).where(Relay.name.in_(there)))
    return dict(row for row in rows)


def nobody_takes() -> list[Relay]:
    """Return the mail servers that are away when none of those in use can be used, else nothing."""
    now = now_utc()
    known = db.session.scalars(
        select(Relay).where(Relay.seen_at > now - IN_USE).order_by(Relay.name)
    ).all()
    out = [one for one in known if one.switched_off_at or (one.away_until or now) > now]
    return out if len(out) == len(known) else []


def note_away(name: str, words: str) -> None:
    """Tell every worker that a mail server cannot be used just now, and why."""
    _set(name, now_utc() + RELAY_PAUSE, words[:NOTE_LENGTH])


def note_back(names: Iterable[str]) -> None:
    """Tell every worker that mail servers can be used again."""
    away = select(Relay.name).where(Relay.name.in_(names), Relay.away_until.is_not(None))
    for name in db.session.scalars(away).all():
        _set(name, None, "")


def _set(name: str, until: datetime | None, words: str) -> None:
    with transaction() as database:
        database.execute(
            update(Relay)
            .where(Relay.name == name)
            .values(away_until=until, said=words)
            .execution_options(**QUIET)
        )
