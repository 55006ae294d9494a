"""Addresses that nothing is sent to: who puts one on the list, and who takes it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from commsplan.delivery.bounce_models import SuppressedAddress
from commsplan.delivery.histories import write_history
from commsplan.delivery.models import Delivery
from commsplan.delivery.rules import STOPPABLE, State
from commsplan.delivery.tallies import lock_chunks_with
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, is_sqlite, transaction
from commsplan.foundation.errors import NotNow
from commsplan.people.models import Person

ADDRESS_SUPPRESSED = "Nothing is sent to this address: it is on the suppression list."
HARD, SOFT, COMPLAINT, BY_HAND = "hard bounce", "soft bounces", "complaint", "by hand"
QUIET = {"synchronize_session": False}


@dataclass(frozen=True)
class SuppressionWish:
    """Which address is to be left alone, why, and for how long."""

    address: str
    reason: str
    words: str = ""
    lasts: timedelta | None = None
    """None is for good."""
    person_id: int | None = None


def address_suppressed(person: type[Person] = Person) -> ColumnElement[bool]:
    """Test, in SQL, that nothing is sent to a person's present address, mandatory or not."""
    return exists().where(SuppressedAddress.address == person.email, in_force(now_utc()))


def in_force(now: datetime) -> ColumnElement[bool]:
    """Test that a suppression still holds."""
    ends = SuppressedAddress.expires_at
    return and_(SuppressedAddress.lifted_at.is_(None), or_(ends.is_(None), ends > now))


def suppression_of(address: str) -> SuppressedAddress | None:
    """Return what holds against an address."""
    return db.session.scalars(
        select(SuppressedAddress).where(
            SuppressedAddress.address == normal(address), in_force(now_utc())
        )
    ).first()


def last_lifted(address: str) -> datetime | None:
    """Return when an address was last trusted again."""
    return db.session.scalar(
        select(func.max(SuppressedAddress.lifted_at)).where(
            SuppressedAddress.address == normal(address)
        )
    )


def normal(address: str) -> str:
    """Return an address as the directory keeps it."""
    return address.strip().lower()


def suppress(wish: SuppressionWish, by: Person | None = None) -> int | None:
    """Send nothing more to an address; what waits for it is suppressed too.

    One that lasts as long stays as it is; one that has ended, or lasts less long, makes room.

    Returns:
        The id of the new entry, None when the address is on the list for as long already.
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
        _stop_waiting_copies(address, wish.person_id, now)
        if new is not None and by is not None:
            _record(by, "address.suppressed", new)
    return new


def _make_room(address: str, ends: datetime | None, now: datetime) -> None:
    """End an entry that would end before the new one."""
    old = SuppressedAddress.expires_at
    shorter = old.is_not(None) if ends is None else old < ends
    db.session.execute(
        update(SuppressedAddress)
        .where(SuppressedAddress.address == address, SuppressedAddress.lifted_at.is_(None), shorter)
        .values(lifted_at=now)
        .execution_options(**QUIET)
    )


def _stop_waiting_copies(address: str, person_id: int | None, now: datetime) -> None:
    owners = {person_id, _owner_of(address)} - {None}
    waiting = db.session.execute(
        select(Delivery.send_id, Delivery.id).where(
            Delivery.person_id.in_(owners),
            Delivery.address == address,
            Delivery.channel == "email",
            Delivery.state.in_(STOPPABLE),
        )
    ).all()
    if not waiting:
        return
    lock_chunks_with((send_id, copy_id) for send_id, copy_id in waiting)
    stopped = db.session.scalars(
        update(Delivery)
        .where(Delivery.id.in_([copy_id for _, copy_id in waiting]), Delivery.state.in_(STOPPABLE))
        .values(state=State.SUPPRESSED, note=ADDRESS_SUPPRESSED, settled_at=now)
        .returning(Delivery.id)
        .execution_options(**QUIET)
    ).all()
    write_history(stopped, State.SUPPRESSED, ADDRESS_SUPPRESSED)


def _owner_of(address: str) -> int | None:
    return db.session.scalar(select(Person.id).where(Person.email == address))


def lift(entry: SuppressedAddress, by: Person) -> None:
    """Trust an address again.

    Raises:
        NotNow: somebody did already.
    """
    with transaction() as database:
        lifted = database.scalar(
            update(SuppressedAddress)
            .where(SuppressedAddress.id == entry.id, SuppressedAddress.lifted_at.is_(None))
            .values(lifted_at=now_utc(), lifted_by_id=by.id)
            .returning(SuppressedAddress.id)
        )
        if lifted is None:
            raise NotNow("This address is off the list already.")
        _record(by, "address.trusted", entry.id)


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
        _stop_waiting_copies(row.address, row.person_id, now_utc())
        _record(by, "address.suppressed", entry.id)


def _record(by: Person, action: str, entry_id: int) -> None:
    audit.record(f"person {by.id}", action, f"suppressed address {entry_id}")
