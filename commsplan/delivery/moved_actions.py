"""Asking that those are told by mail whose calendars have not fetched a change."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import func, select

from commsplan.calendars.freshness import Freshness, freshness_of
from commsplan.delivery.moved_models import MovedMail
from commsplan.delivery.stopping import actor
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.people.models import Person
from commsplan.plans.models import Activity


def told_already(activity: Activity) -> frozenset[int]:
    """Return the persons for whom a mail about the last change was asked."""
    asked = select(MovedMail.person_id).where(
        MovedMail.activity_id == activity.id, MovedMail.sequence == activity.sequence
    )
    return frozenset(db.session.scalars(asked))


def to_tell(freshness: Freshness) -> frozenset[int]:
    """Return whose calendars have not come, and who was not told yet."""
    return freshness.waiting - told_already(freshness.activity)


def counts_of(activity: Activity) -> dict[str, int]:
    """Return how many mails about the last change are in each state."""
    rows = db.session.execute(
        select(MovedMail.state, func.count())
        .where(MovedMail.activity_id == activity.id, MovedMail.sequence == activity.sequence)
        .group_by(MovedMail.state)
    )
    return {str(row.state): int(row[1]) for row in rows}


def tell_the_others(activity: Activity, by: Person) -> int:
    """Ask for a mail to each person whose calendars have not fetched the last change.

    Who is told is decided here, in one transaction; whose calendar comes before the mail is on its
    way is spared it. Each change is told to each person once, however often this is asked.

    Raises:
        NotNow: nobody is left to tell.
    """
    with transaction() as database:
        locked = database.get_one(
            Activity, activity.id, populate_existing=True, with_for_update=True
        )
        people = to_tell(freshness_of(locked))
        if not people:
            raise NotNow(_("There is nobody left to tell: every calendar has come, or was told."))
        database.add_all(
            MovedMail(
                activity_id=locked.id,
                sequence=locked.sequence,
                person_id=person_id,
                asked_at=now_utc(),
                asked_by_id=by.id,
            )
            for person_id in sorted(people)
        )
        audit.record(
            actor(by),
            "activity.change_mailed",
            f"activity {locked.id}",
            after={"people": len(people), "sequence": locked.sequence},
        )
    return len(people)
