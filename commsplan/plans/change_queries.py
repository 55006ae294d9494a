"""What changed on a plan, and what a change leads back to."""

from __future__ import annotations

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.people.models import Person
from commsplan.plans.models import Activity, ActivityException, PlanChange
from commsplan.plans.queries import plan_for_editor


def change_for_editor(person: Person, plan_id: int, change_id: int) -> PlanChange:
    """Return a change of a plan this person may edit, or raise Absent."""
    plan = plan_for_editor(person, plan_id)
    found = db.session.get(PlanChange, change_id)
    if found is None or found.plan_id != plan.id:
        raise Absent
    return found


def series_behind(exception_id: int) -> int:
    """Return the id of the activity to which a changed occurrence belongs, or raise Absent."""
    found = db.session.get(ActivityException, exception_id)
    if found is None:
        raise Absent
    return found.activity_id


def changes_of_activity(activity: Activity, limit: int) -> list[PlanChange]:
    """Return the last changes of an activity and of its single occurrences, newest first."""
    exceptions = select(ActivityException.id).where(ActivityException.activity_id == activity.id)
    return list(
        db.session.scalars(
            select(PlanChange)
            .where(
                or_(
                    and_(PlanChange.thing == "activity", PlanChange.thing_id == activity.id),
                    and_(PlanChange.thing == "occurrence", PlanChange.thing_id.in_(exceptions)),
                )
            )
            .options(joinedload(PlanChange.by))
            .order_by(PlanChange.id.desc())
            .limit(limit)
        )
    )
