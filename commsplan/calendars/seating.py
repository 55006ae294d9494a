"""Places: who has one, who waits, and who comes next. Called under the lock of the meeting's row.

A place of a whole series is one on each of its days; somebody who says no to one day frees theirs
on that day only. Nobody loses a place because the room became smaller.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from commsplan.calendars.invitation_models import Invitation, Meeting
from commsplan.calendars.invitation_rules import Answer, places_left
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.people.models import Person
from commsplan.plans.models import Activity


def lock_meeting(activity_id: int) -> Meeting | None:
    """Return a meeting's row, locked until the transaction ends: places are given out in turn."""
    return db.session.get(Meeting, activity_id, populate_existing=True, with_for_update=True)


def seated(session_id: int, day: str) -> ColumnElement[bool]:
    """Test that an `Invitation` holds a place on a day, or in the whole of what it is for."""
    own = and_(Invitation.occurrence == day, Invitation.seated_at.is_not(None))
    here = and_(Invitation.session_id == session_id, Invitation.withdrawn_at.is_(None))
    if not day:
        return and_(here, own)
    other = aliased(Invitation)
    has_own = exists().where(
        other.activity_id == Invitation.activity_id,
        other.person_id == Invitation.person_id,
        other.occurrence == day,
    )
    whole = and_(Invitation.occurrence == "", Invitation.seated_at.is_not(None), ~has_own)
    return and_(here, or_(own, whole))


def count_seated(session_id: int, day: str = "") -> int:
    """Count who holds a place; people who have left the organisation need none."""
    return (
        db.session.scalar(
            select(func.count(Invitation.id))
            .join(Person, Person.id == Invitation.person_id)
            .where(seated(session_id, day), Person.left_on.is_(None))
        )
        or 0
    )


def count_waiting(session_id: int, day: str = "") -> int:
    """Count who stands on the waiting list."""
    return (
        db.session.scalar(select(func.count(Invitation.id)).where(*_waiting(session_id, day))) or 0
    )


def free_places(activity: Activity, day: str = "") -> int | None:
    """Return how many places are free; None where there is room for everybody."""
    if activity.capacity is None:
        return None
    return places_left(activity.capacity, count_seated(activity.id, day))


def place_in_line(invitation: Invitation) -> int:
    """Return which number somebody has on the waiting list, from 1."""
    if invitation.session_id is None or invitation.waiting_since is None:
        return 0
    before = or_(
        Invitation.waiting_since < invitation.waiting_since,
        and_(Invitation.waiting_since == invitation.waiting_since, Invitation.id < invitation.id),
    )
    waiting = _waiting(invitation.session_id, invitation.occurrence)
    return 1 + (db.session.scalar(select(func.count(Invitation.id)).where(*waiting, before)) or 0)


def take_place(invitation: Invitation, activity: Activity) -> bool:
    """Give a place to somebody who said yes, or put them on the waiting list; True for a place."""
    if invitation.seated_at is not None:
        return True
    db.session.flush()
    free = free_places(activity, invitation.occurrence)
    if free is None or free > 0:
        invitation.seated_at, invitation.waiting_since = now_utc(), None
        return True
    invitation.waiting_since = invitation.waiting_since or now_utc()
    return False


def leave_place(invitation: Invitation) -> None:
    """Give up a place, or the wait for one."""
    invitation.seated_at = invitation.waiting_since = None


def next_in_line(activity: Activity, day: str = "") -> list[Invitation]:
    """Seat those who wait as far as there are places, and return them."""
    db.session.flush()
    free = free_places(activity, day)
    waiting = (
        select(Invitation)
        .where(*_waiting(activity.id, day))
        .order_by(Invitation.waiting_since, Invitation.id)
        .limit(free)
    )
    lucky = list(db.session.scalars(waiting)) if free != 0 else []
    for invitation in lucky:
        invitation.seated_at, invitation.waiting_since = now_utc(), None
    return lucky


def days_waited_for(session_id: int) -> Collection[str]:
    """Return the days of a meeting for which somebody waits; "" is the whole of it."""
    return db.session.scalars(
        select(Invitation.occurrence)
        .where(Invitation.session_id == session_id, Invitation.waiting_since.is_not(None))
        .distinct()
    ).all()


def _waiting(session_id: int, day: str) -> tuple[ColumnElement[bool], ...]:
    left = select(Person.id).where(Person.left_on.is_not(None))
    return (
        Invitation.session_id == session_id,
        Invitation.occurrence == day,
        Invitation.answer == Answer.YES,
        Invitation.waiting_since.is_not(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.person_id.not_in(left),
    )
