"""Addresses that nothing is sent to: who puts one on the list, and who takes it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.dialects import postgresql, sqlite

from commsplan.delivery.bounce_models import SuppressedAddress
from commsplan.delivery.leaving import withhold
from commsplan.delivery.models import Delivery
from commsplan.delivery.suppressions import ADDRESS_SUPPRESSED, normal
from commsplan.delivery.tallies import QUIET
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, is_sqlite, transaction
from commsplan.foundation.errors import NotNow
from commsplan.people.models import Person


@dataclass(frozen=True)
class SuppressionWish:
    """Which address is to be left alone, why, and for how long."""

    address: str
    reason: str
    words: str = ""
    lasts: timedelta | None = None
    """None is for good."""
    person_id: int | None = None


def suppress(wish: SuppressionWish, by: Person | None = None) -> int | None:
    """Send nothing more to an address; what waits for it is suppressed too.

    An entry that lasts as long stays as it is; one that has ended, or ends sooner, makes room.

    Returns:
        The id of the new entry; None when the address is on the list for as long already.
    """
    now = now_utc()
    address, ends = normal(wish.address), now + wish.lasts if wish.lasts else None
    with transaction() as database:
        _make_room(address, ends, now)
        dialect = sqlite if is_sqlite() else postgresql
        new: int | None = database.scalar(
            dialect.insert(SuppressedAddress)
            .values(
                address=address,
                person_id=wish.person_id or _owner_of(address),
                reason=wish.reason,
                words=wish.words,
                since=now,
                expires_at=ends,
                by_id=by.id if by else None,
            )
            .on_conflict_do_nothing(
                index_elements=["address"], index_where=SuppressedAddress.lifted_at.is_(None)
            )
            .returning(SuppressedAddress.id)
        )
        _stop_waiting_copies(address, wish.person_id)
        if new is not None and by is not None:
            _record(by, "address.suppressed", new)
    return new


def _make_room(address: str, ends: datetime | None, now: datetime) -> None:
    """End an entry that would end before the new one."""
    old = SuppressedAddress.expires_at
    sooner = old.is_not(None) if ends is None else old < ends
    db.session.execute(
        update(SuppressedAddress)
        .where(SuppressedAddress.address == address, SuppressedAddress.lifted_at.is_(None), sooner)
        .values(lifted_at=now)
        .execution_options(**QUIET)
    )


def _stop_waiting_copies(address: str, person_id: int | None) -> None:
    for owner in {person_id, _owner_of(address)} - {None}:
        if owner is not None:
            which = (Delivery.address == address, Delivery.channel == "email")
            withhold(owner, ADDRESS_SUPPRESSED, *which)


def _owner_of(address: str) -> int | None:
    return db.session.scalar(select(Person.id).where(Person.email == address))


def lift(entry: SuppressedAddress, by: Person | None) -> None:
    """Trust an address again.

    Args:
        entry: what is on the list.
        by: who vouches for it; None for the person whose address it is.

    Raises:
        NotNow: somebody did already.
    """
    with transaction() as database:
        lifted = database.scalar(
            update(SuppressedAddress)
            .where(SuppressedAddress.id == entry.id, SuppressedAddress.lifted_at.is_(None))
            .values(lifted_at=now_utc(), lifted_by_id=by.id if by else None)
            .returning(SuppressedAddress.id)
        )
        if lifted is None:
            raise NotNow("This address is off the list already.")
        _record(by or entry.person, "address.trusted", entry.id)


def lift_not(entry: SuppressedAddress, by: Person) -> None:
    """Take back that an address was trusted again.

    Raises:
        NotNow: it is on the list, by this entry or by a newer one.
    """
    with transaction() as database:
        newer = exists().where(
            SuppressedAddress.address == entry.address, SuppressedAddress.lifted_at.is_(None)
        )
        if database.scalar(select(newer)):
            raise NotNow("This address is on the list.")
        row = database.get_one(SuppressedAddress, entry.id)
        row.lifted_at = row.lifted_by_id = None
        _stop_waiting_copies(row.address, row.person_id)
        _record(by, "address.suppressed", entry.id)


def _record(by: Person | None, action: str, entry_id: int) -> None:
    actor = f"person {by.id}" if by else "a former person"
    audit.record(actor, action, f"suppressed address {entry_id}")
