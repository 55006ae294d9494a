"""Overriding a closed calendar: a sponsor answers for it, and somebody else looks at it after."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from commsplan.calendars.blackout_models import Override
from commsplan.calendars.blackout_rules import OverrideWish, ReviewWish
from commsplan.foundation.audit import record
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import Absent, NotAllowed, NotNow
from commsplan.people.models import Person
from commsplan.people.queries import roles_of
from commsplan.people.rules import Role


def may_override(person: Person) -> bool:
    """Tell whether a person may answer for a change in a closed time: a sponsor, or an admin."""
    return bool({Role.SPONSOR, Role.ADMIN} & roles_of(person))


def override(wish: OverrideWish, sponsor: Person) -> Override:
    """Open a calendar until a moment, from now on; its review is open from now on too.

    Raises:
        NotAllowed: only sponsors answer for that.
    """
    if not may_override(sponsor):
        raise NotAllowed
    with transaction() as database:
        made = Override(
            calendar_id=wish.calendar_id,
            sponsor_id=sponsor.id,
            reason=wish.reason,
            starts_at=now_utc(),
            until_at=wish.until_at,
        )
        database.add(made)
        database.flush()
        _record(made, "override.made", sponsor)
    return made


def end_override(made: Override, by: Person) -> None:
    """Close the calendar again before the time is up.

    Raises:
        NotNow: it is over already.
    """
    with transaction():
        now = now_utc()
        if not holds(made, now):
            raise NotNow(_("This override is over already."))
        made.ended_at = now
        _record(made, "override.ended", by)


def review(made: Override, wish: ReviewWish, by: Person) -> None:
    """Say what was done under an override, and whether it was needed; this closes it.

    Raises:
        NotNow: it still holds, or it was reviewed already.
        NotAllowed: the sponsor does not review their own.
    """
    with transaction() as database:
        fresh = database.get(Override, made.id, populate_existing=True, with_for_update=True)
        if fresh is None or fresh.reviewed_at is not None:
            raise NotNow(_("This override was reviewed already."))
        if fresh.sponsor_id == by.id:
            raise NotAllowed
        now = now_utc()
        if holds(fresh, now):
            raise NotNow(_("This override still holds. End it first, then review it."))
        fresh.reviewed_at, fresh.reviewer_id = now, by.id
        fresh.verdict, fresh.finding = wish.verdict, wish.finding
        _record(fresh, "override.reviewed", by)


def reopen_review(made: Override, by: Person) -> None:
    """Take a review back, by whoever made it: the override waits for one again.

    Raises:
        NotAllowed: it is somebody else's review.
    """
    with transaction():
        if made.reviewer_id != by.id:
            raise NotAllowed
        made.reviewed_at, made.reviewer_id, made.verdict, made.finding = None, None, "", ""
        _record(made, "override.review reopened", by)


def override_to_read(override_id: int) -> Override:
    """Return an override; everybody who plans may read every one. Raises Absent."""
    found = db.session.get(
        Override,
        override_id,
        options=[
            joinedload(Override.calendar),
            joinedload(Override.sponsor),
            joinedload(Override.reviewer),
        ],
    )
    if found is None:
        raise Absent
    return found


def open_reviews() -> list[Override]:
    """Return the overrides that nobody has reviewed yet, the oldest first."""
    return list(
        db.session.scalars(
            select(Override)
            .where(Override.reviewed_at.is_(None))
            .options(joinedload(Override.calendar), joinedload(Override.sponsor))
            .order_by(Override.starts_at, Override.id)
        )
    )


def latest_overrides(limit: int) -> list[Override]:
    """Return the last overrides, the newest first."""
    return list(
        db.session.scalars(
            select(Override)
            .options(
                joinedload(Override.calendar),
                joinedload(Override.sponsor),
                joinedload(Override.reviewer),
            )
            .order_by(Override.starts_at.desc(), Override.id.desc())
            .limit(limit)
        )
    )


def end_of(made: Override) -> datetime:
    """Return when an override ends, or ended."""
    return min(made.until_at, made.ended_at or made.until_at)


def holds(made: Override, now: datetime) -> bool:
    """Tell whether an override opens its calendar at a moment."""
    return made.starts_at <= now < end_of(made)


def _record(made: Override, action: str, by: Person) -> None:
    after: dict[str, object] = {
        "calendar": made.calendar_id,
        "until": end_of(made).isoformat(),
        "verdict": made.verdict,
    }
    record(f"person {by.id}", action, f"override {made.id}", None, after)
