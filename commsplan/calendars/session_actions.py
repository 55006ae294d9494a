"""Several sessions of one meeting, of which each person chooses one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flask_babel import gettext as _

from commsplan.calendars.invitation_models import Meeting
from commsplan.calendars.seating import lock_meeting
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from commsplan.foundation.errors import NotNow
from commsplan.people.models import Person
from commsplan.plans.actions import add_activity
from commsplan.plans.models import Activity
from commsplan.plans.rules import ActivityWish


def add_session(head: Activity, starts: datetime, place: str, by: Person) -> Activity:
    """Offer a meeting at one more time: an activity of its own, like the first but for its time.

    Raises:
        NotNow: the meeting repeats; each of its days is the same meeting, not another session.
    """
    with transaction() as database:
        fresh = database.get_one(Activity, head.id, populate_existing=True)
        if fresh.recurrence:
            raise NotNow(_("A meeting that repeats has no further sessions to choose from."))
        known = {name: getattr(fresh, name) for name in ActivityWish.__dataclass_fields__}
        lasts = fresh.ends_local - fresh.starts_local
        wish = replace(
            ActivityWish(**known),
            starts_local=starts,
            ends_local=starts + lasts,
            place=place or fresh.place,
            status="planned",
        )
        session = add_activity(fresh.plan, wish, by)
        now = now_utc()
        for activity, head_id in ((fresh, None), (session, fresh.id)):
            if lock_meeting(activity.id) is None:
                database.add(
                    Meeting(
                        activity_id=activity.id,
                        head_id=head_id,
                        by_id=by.id,
                        created_at=now,
                        seen_sequence=activity.sequence,
                    )
                )
        database.flush()
    return session
