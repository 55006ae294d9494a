"""Addresses that nothing is sent to: reading the list."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from commsplan.delivery.bounce_models import SuppressedAddress
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.people.models import Person

ADDRESS_SUPPRESSED = "Nothing is sent to this address: it is on the suppression list."
HARD, SOFT, COMPLAINT, BY_HAND = "hard bounce", "soft bounces", "complaint", "by hand"


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
