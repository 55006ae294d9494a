"""Mail servers as every worker sees them: which there are, which are away, what is set for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from commsplan.delivery.relay_models import Relay
from commsplan.delivery.rules import NOTE_LENGTH, RELAY_PAUSE
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, is_sqlite, transaction
from commsplan.foundation.relay_addresses import RelayAddress

IN_USE = timedelta(days=1)  # a mail server that no worker found in SMTP_URL since is history
LOOK_SECONDS = 2.0
LONGEST_AWAY = 4 * RELAY_PAUSE  # what is farther ahead was written by a clock that was wrong
QUIET = {"synchronize_session": False}


def found(addresses: Iterable[RelayAddress]) -> list[RelayAddress]:
    """Note that a worker finds these mail servers in SMTP_URL; return how they are to be used.

    What the address says of weight and connections holds until somebody sets it otherwise.
    """
    now = now_utc()
    dialect = sqlite if is_sqlite() else postgresql
    with transaction() as database:
        return [
            replace(address, weight=row[0], connections=row[1], copies_per_connection=row[2])
            for address in sorted(addresses, key=lambda one: one.name)
            for row in database.execute(
                dialect.insert(Relay)
                .values(
                    name=address.name,
                    weight=address.weight,
                    connections=address.connections,
                    copies_per_connection=address.copies_per_connection,
                    seen_at=now,
                )
                .on_conflict_do_update(index_elements=["name"], set_={"seen_at": now})
                .returning(Relay.weight, Relay.connections, Relay.copies_per_connection)
            )
        ]


class Switches:
    """Which mail servers may be used, looked up every two seconds while copies go out."""

    def __init__(self, names: Iterable[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._names = frozenset(names)
        self._clock = clock
        self._usable: set[str] = set()
        self._looked_at = -LOOK_SECONDS

    def may_use(self, name: str) -> bool:
        """Tell whether copies may be begun at a mail server."""
        if self._clock() - self._looked_at >= LOOK_SECONDS:
            self._looked_at = self._clock()
            self._usable = usable(self._names)
        return name in self._usable


def usable(names: Iterable[str]) -> set[str]:
    """Return which of these mail servers may be used now."""
    now = now_utc()
    away = or_(
        Relay.switched_off_at.is_not(None),
        Relay.away_until.between(now, now + LONGEST_AWAY),
    )
    named = set(names)
    return named - set(db.session.scalars(select(Relay.name).where(Relay.name.in_(named), away)))


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
