"""What the timetable does for feeds: forgetting bytes that nobody can get any more."""

from __future__ import annotations

from sqlalchemy import and_, delete, exists, or_

from commsplan.calendars.edition import edition
from commsplan.calendars.models import EventBytes
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from commsplan.plans.models import Activity


def tidy_feeds() -> None:
    """Forget the bytes of former editions and of former versions of an activity."""
    newer = exists().where(
        and_(Activity.id == EventBytes.activity_id, Activity.version != EventBytes.version)
    )
    with transaction() as database:
        database.execute(
            delete(EventBytes)
            .where(or_(EventBytes.edition != edition(now_utc()), newer))
            .execution_options(synchronize_session=False)
        )
