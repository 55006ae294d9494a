"""What follows from a report about a copy: for the copy, its address, its plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, or_, select, update

from commsplan.delivery.bounce_models import Bounce
from commsplan.delivery.bounce_rules import (
    SOFT_PAUSE,
    SOFT_WINDOW,
    Action,
    Fate,
    Kind,
    is_worn_out,
    state_after,
    without_addresses,
)
from commsplan.delivery.histories import write_history
from commsplan.delivery.leaving import unsubscribe
from commsplan.delivery.models import Delivery
from commsplan.delivery.rules import GIVE_UP_AFTER, NOTE_LENGTH, State
from commsplan.delivery.suppressing import SuppressionWish, suppress
from commsplan.delivery.suppressions import HARD, SOFT, last_lifted, normal
from commsplan.delivery.tallies import lock_chunks_with
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.tokens import keyed_hash

BY_COMPLAINT = "complaint"
THE_INBOX = "inbox"
"""Stands in the history for the worker."""
ANSWERED = "Something came back for it, so it had arrived."
COMPLAINED = "The reader's mail provider passed on a complaint."
EARLY_AT_ONCE = 500


@dataclass(frozen=True)
class Copy:
    """What has to be known of a copy that something came back for."""

    id: int
    send_id: int
    person_id: int
    address: str
    state: State
    accepted_at: datetime | None


def hash_of(address: str) -> str:
    """Return what an address is counted by."""
    return keyed_hash("address", normal(address))


def lock_copy(delivery_id: int) -> Copy | None:
    """Return a copy for this transaction alone; None when it is gone from the ledger.

    Its chunk first, as workers do it, so that nobody waits for the other.
    """
    send_id = db.session.scalar(select(Delivery.send_id).where(Delivery.id == delivery_id))
    if send_id is None:
        return None
    lock_chunks_with([(send_id, delivery_id)])
    row = db.session.execute(
        select(
            Delivery.id,
            Delivery.send_id,
            Delivery.person_id,
            Delivery.address,
            Delivery.state,
            Delivery.accepted_at,
        )
        .where(Delivery.id == delivery_id)
        .with_for_update()
    ).one()
    return Copy(row.id, row.send_id, row.person_id, row.address, State(row.state), row.accepted_at)


def note_of(fate: Fate) -> str:
    """Return what is written beside a copy: code and words, without addresses."""
    words = without_addresses(fate.words)
    said = words if fate.status in words else f"{fate.status} {words}".strip()
    return said[:NOTE_LENGTH]


def move(copy: Copy, fate: Fate | None) -> State | None:
    """Bring a copy where a report about it says; return where, or None if it stays."""
    new = state_after(copy.state, fate)
    note = note_of(fate) if fate else ANSWERED
    if new is not None:
        now = now_utc()
        db.session.execute(
            update(Delivery)
            .where(Delivery.id == copy.id, Delivery.state == copy.state)
            .values(
                state=new,
                note=note,
                settled_at=now,
                accepted_at=func.coalesce(Delivery.accepted_at, now),
            )
            .execution_options(synchronize_session=False)
        )
    if new is not None or fate is not None:
        write_history([copy.id], new or copy.state, note, THE_INBOX)
    return new


def follow(copy: Copy, kind: Kind, fate: Fate | None, now: datetime) -> None:
    """Do what a report means beyond the copy itself."""
    match kind:
        case Kind.HARD if fate is not None:
            _suppress_hard(copy, fate)
        case Kind.SOFT if fate is not None:
            _suppress_worn_out(copy, fate, now)
        case Kind.COMPLAINT:
            _leave_plan(copy)


def _suppress_hard(copy: Copy, fate: Fate) -> None:
    """Leave an address alone for good, unless somebody vouched for it after the copy went out."""
    trusted = last_lifted(copy.address)
    if trusted is not None and copy.accepted_at is not None and copy.accepted_at < trusted:
        return
    suppress(SuppressionWish(copy.address, HARD, note_of(fate), person_id=copy.person_id))


def _suppress_worn_out(copy: Copy, fate: Fate, now: datetime) -> None:
    moments = db.session.scalars(
        select(Bounce.at).where(
            Bounce.address_hash == hash_of(copy.address),
            Bounce.kind == Kind.SOFT,
            Bounce.at > now - SOFT_WINDOW,
        )
    )
    if is_worn_out(moments, _last_good_sign(copy, now), now):
        words, lasts = note_of(fate), SOFT_PAUSE
        suppress(SuppressionWish(copy.address, SOFT, words, lasts, copy.person_id))


def _last_good_sign(copy: Copy, now: datetime) -> datetime | None:
    """Return when an address last worked: something arrived there, or somebody vouched for it.

    A copy counts as arrived when a report said so, or when nothing came back for as long as mail
    servers keep trying (RFC 5321 §4.5.4.1).
    """
    silent = and_(Delivery.state == State.ACCEPTED, Delivery.accepted_at < now - GIVE_UP_AFTER)
    arrived = db.session.scalar(
        select(func.max(Delivery.accepted_at)).where(
            Delivery.person_id == copy.person_id,
            Delivery.address == copy.address,
            or_(Delivery.state == State.DELIVERED, silent),
        )
    )
    known = [moment for moment in (arrived, last_lifted(copy.address)) if moment is not None]
    return max(known, default=None)


def _leave_plan(copy: Copy) -> None:
    """A complaint is an unsubscription, where the plan may be left; mandatory mail still goes."""
    delivery = db.session.get_one(Delivery, copy.id)
    if delivery.message.plan.may_unsubscribe:
        unsubscribe(delivery, BY_COMPLAINT)
    write_history([copy.id], copy.state, COMPLAINED, THE_INBOX)


def settle_early() -> int:
    """Apply reports that came while their copies were still on the wire; return how many.

    A mail server next door may return a copy before the worker has written down that it was taken.
    """
    waiting = db.session.scalars(
        select(Bounce.id)
        .join(Delivery, Delivery.id == Bounce.delivery_id)
        .where(Bounce.early, Delivery.state != State.SENDING)
        .order_by(Bounce.id)
        .limit(EARLY_AT_ONCE)
    ).all()
    return sum(_settle_one(bounce_id) for bounce_id in waiting)


def _settle_one(bounce_id: int) -> int:
    with transaction() as database:
        row = database.get(Bounce, bounce_id)
        copy = lock_copy(row.delivery_id) if row and row.early and row.delivery_id else None
        if row is None or copy is None or copy.state is State.SENDING:
            return 0
        mine = database.scalar(
            update(Bounce)
            .where(Bounce.id == bounce_id, Bounce.early)
            .values(early=False)
            .returning(Bounce.id)
        )
        if mine is None:
            return 0
        move(copy, Fate(Action(row.action), row.status, row.words))
    return 1


def forget_old_bounces(keep: timedelta) -> int:
    """Forget single reports after a time; the suppression list stays as it is."""
    with transaction() as database:
        gone: Sequence[int] = database.scalars(
            delete(Bounce).where(Bounce.at < now_utc() - keep).returning(Bounce.id)
        ).all()
    return len(gone)
