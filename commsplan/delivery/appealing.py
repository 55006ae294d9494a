"""A person says that their address works; a lead decides, where it is not plain."""

from __future__ import annotations

from sqlalchemy import select, update

from commsplan.delivery.bounce_models import SuppressedAddress
from commsplan.delivery.suppressing import lift
from commsplan.delivery.suppressions import SOFT
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import Absent, NotNow
from commsplan.foundation.tokens import read_signed
from commsplan.people.models import Person


def entry_of_token(token: str) -> SuppressedAddress:
    """Return the entry that a personal link belongs to.

    Raises:
        Absent: the token is forged, damaged, for another purpose, or its entry is gone.
    """
    identity, _extra = read_signed("appeal", token)
    found = db.session.get(SuppressedAddress, identity)
    if found is None:
        raise Absent
    return found


def appeal(entry: SuppressedAddress, words: str) -> bool:
    """Take a person's word that their address works.

    After soft bounces it is trusted at once: the next ones would tell. A mailbox that is not there
    and a complaint are looked at by a lead.

    Returns:
        True when mail goes there again at once.

    Raises:
        NotNow: it was said already, or mail goes there already.
    """
    if entry.reason == SOFT:
        lift(entry, None)
        return True
    with transaction() as database:
        filed = database.scalar(
            update(SuppressedAddress)
            .where(
                SuppressedAddress.id == entry.id,
                SuppressedAddress.lifted_at.is_(None),
                SuppressedAddress.appealed_at.is_(None),
            )
            .values(appealed_at=now_utc(), appeal=words)
            .returning(SuppressedAddress.id)
        )
        if filed is None:
            raise NotNow("You have told us already.")
        actor = f"person {entry.person_id}" if entry.person_id else "a former person"
        audit.record(actor, "address.appealed", f"suppressed address {entry.id}")
    return False


def refuse(entry: SuppressedAddress, by: Person) -> None:
    """Leave the address on the list although somebody says that it works.

    Raises:
        NotNow: nothing waits for a decision.
    """
    with transaction() as database:
        waiting = database.scalar(
            select(SuppressedAddress.id)
            .where(
                SuppressedAddress.id == entry.id,
                SuppressedAddress.lifted_at.is_(None),
                SuppressedAddress.appealed_at.is_not(None),
                SuppressedAddress.refused_at.is_(None),
            )
            .with_for_update()
        )
        if waiting is None:
            raise NotNow("Nothing waits for a decision here.")
        row = database.get_one(SuppressedAddress, entry.id)
        row.refused_at, row.refused_by_id = now_utc(), by.id
        audit.record(f"person {by.id}", "address.appeal_refused", f"suppressed address {entry.id}")
