"""Reads of plans, and the guards: who may see one, who may change one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from commsplan.foundation.database import db
from commsplan.foundation.dates import ZONES, city, local_to_utc, utc_to_local
from commsplan.foundation.errors import Absent
from commsplan.people.models import Grant, Person
from commsplan.people.queries import roles_of, teams_of
from commsplan.people.rules import Role
from commsplan.plans.happenings import Happening, happenings
from commsplan.plans.models import (
    Activity,
    ActivityException,
    Goal,
    GoalMeasurement,
    Plan,
    PlanChange,
    PlanMember,
)
from commsplan.plans.placing import series_of
from commsplan.plans.series import MARGIN, Occurrence, occurrences

PEOPLE = (joinedload(Plan.team), joinedload(Plan.sponsor), joinedload(Plan.owner))
WHOLE = (
    selectinload(Plan.goals).selectinload(Goal.measurements).joinedload(GoalMeasurement.by),
    selectinload(Plan.activities).options(
        joinedload(Activity.audience),
        joinedload(Activity.owner),
        selectinload(Activity.exceptions),
    ),
    selectinload(Plan.members).joinedload(PlanMember.person),
)
"""What the pages of one plan show, in as many queries whatever its size."""


def _readable(person: Person) -> ColumnElement[bool]:
    """Plans of one's teams, and those one sponsors, owns or works on; an admin reads all."""
    if Role.ADMIN in roles_of(person):
        return true()
    working_on = select(PlanMember.plan_id).where(PlanMember.person_id == person.id)
    return or_(
        _editable(person),
        Plan.sponsor_id == person.id,
        Plan.owner_id == person.id,
        Plan.id.in_(working_on),
    )


def readable_by(person: Person) -> ColumnElement[bool]:
    """Return the test over `Plan` for those plans that a person may read as a whole."""
    return _readable(person)


def readers_of(plan: Plan) -> Select[int]:
    """Select the ids of those who may read a plan: `readable_by` seen from the plan."""
    working = select(PlanMember.person_id).where(PlanMember.plan_id == plan.id)
    leads = and_(Grant.role == Role.LEAD, Grant.team_id == plan.team_id)
    granted = select(Grant.person_id).where(or_(Grant.role == Role.ADMIN, leads))
    return select(Person.id).where(
        or_(
            Person.id.in_([plan.sponsor_id, plan.owner_id]),
            Person.id.in_(working),
            Person.id.in_(granted),
        )
    )


def _editable(person: Person) -> ColumnElement[bool]:
    teams = [team.id for team in teams_of(person)]
    return Plan.team_id.in_(teams) if teams else false()


def plans_for(person: Person) -> list[Plan]:
    """Return every plan this person may read, with all it holds: active ones first, then newest."""
    plans = db.session.scalars(
        select(Plan).where(_readable(person)).options(*PEOPLE, *WHOLE).order_by(Plan.id.desc())
    ).all()
    order = {"active": 0, "draft": 1, "done": 2, "archived": 3}
    return sorted(plans, key=lambda plan: order[plan.status])


def plan_for_reader(person: Person, plan_id: int, *options: ExecutableOption) -> Plan:
    """Return a plan this person may read; `*WHOLE` loads all it holds with it.

    Raises:
        Absent: there is none, or it is not theirs to see.
    """
    return _plan(plan_id, _readable(person), options)


def plan_for_editor(person: Person, plan_id: int, *options: ExecutableOption) -> Plan:
    """Return a plan this person may change: a lead of its team, or an admin.

    Raises:
        Absent: there is none, or it is not theirs to change.
    """
    return _plan(plan_id, _editable(person), options)


def _plan(
    plan_id: int, allowed: ColumnElement[bool], options: tuple[ExecutableOption, ...]
) -> Plan:
    found = db.session.scalar(
        select(Plan).where(Plan.id == plan_id, allowed).options(*PEOPLE, *options)
    )
    if found is None:
        raise Absent
    return found


def may_edit(person: Person, plan: Plan) -> bool:
    """Tell whether this person may change the plan."""
    return plan.team_id in {team.id for team in teams_of(person)}


def activities_of(plan: Plan) -> list[Activity]:
    """Return what stands on the plan, in order of time; cancelled activities too, removed not."""
    return [activity for activity in plan.activities if activity.removed_at is None]


def _moved_before(end: datetime) -> Select[int]:
    """Series of which an occurrence was moved to a time that may be before the series' start."""
    return select(ActivityException.activity_id).where(
        ActivityException.removed_at.is_(None),
        ActivityException.starts_local < end.replace(tzinfo=None) + MARGIN,
    )


def occurrences_of(
    activity: Activity, since: datetime, until: datetime, own_zone: str = ""
) -> list[Occurrence]:
    """Return when an activity happens between two instants; cancelled occurrences are marked.

    Args:
        own_zone: where one in each reader's own time is placed; empty for the plan's zone.
    """
    return occurrences(series_of(activity, own_zone), since, until)


def visible_activities(person: Person, start: datetime, end: datetime) -> list[Activity]:
    """Return what happens between two instants on every plan this person may read.

    Archived plans and removed activities are left out, cancelled ones are not.
    """
    return list(
        db.session.scalars(
            select(Activity)
            .join(Activity.plan)
            .where(
                _readable(person),
                Plan.status != "archived",
                Activity.removed_at.is_(None),
                or_(Activity.starts_at < end, Activity.id.in_(_moved_before(end))),
                or_(Activity.ends_at > start, Activity.starts_at >= start),
            )
            .options(
                joinedload(Activity.plan),
                joinedload(Activity.audience),
                joinedload(Activity.owner),
                selectinload(Activity.exceptions),
            )
            .order_by(Activity.starts_at, Activity.id)
        )
    )


def visible_happenings(person: Person, start: datetime, end: datetime) -> list[Happening]:
    """Return the same with each occurrence of a series for itself; cancelled ones are among it."""
    return happenings(visible_activities(person, start, end), start, end)


def activity_for_reader(person: Person, plan_id: int, activity_id: int) -> Activity:
    """Return an activity of a plan this person may read, or raise Absent."""
    return _activity(plan_id, activity_id, _readable(person))


def activity_for_editor(person: Person, plan_id: int, activity_id: int) -> Activity:
    """Return an activity of a plan this person may change, or raise Absent."""
    return _activity(plan_id, activity_id, _editable(person))


def _activity(plan_id: int, activity_id: int, allowed: ColumnElement[bool]) -> Activity:
    found = db.session.scalar(
        select(Activity)
        .join(Activity.plan)
        .where(
            Activity.id == activity_id,
            Activity.plan_id == plan_id,
            Activity.removed_at.is_(None),
            allowed,
        )
        .options(
            joinedload(Activity.plan).joinedload(Plan.team),
            joinedload(Activity.audience),
            joinedload(Activity.owner),
        )
    )
    if found is None:
        raise Absent
    return found


def goal_for_editor(person: Person, plan_id: int, goal_id: int) -> Goal:
    """Return a goal of a plan this person may change, or raise Absent."""
    found = db.session.scalar(
        select(Goal)
        .join(Goal.plan)
        .where(
            Goal.id == goal_id,
            Goal.plan_id == plan_id,
            Goal.removed_at.is_(None),
            _editable(person),
        )
    )
    if found is None:
        raise Absent
    return found


def measurement_for_editor(person: Person, plan_id: int, measurement_id: int) -> GoalMeasurement:
    """Return a measurement of a plan this person may change, or raise Absent."""
    found = db.session.get(GoalMeasurement, measurement_id)
    if found is None or found.removed_at is not None:
        raise Absent
    goal_for_editor(person, plan_id, found.goal_id)
    return found


def usual_zones(*always: str) -> list[str]:
    """Return the zones in which people here live, and those asked for, by the city's name."""
    lived_in = db.session.scalars(select(Person.zone).where(Person.left_on.is_(None)).distinct())
    return sorted({zone for zone in (*lived_in, *always) if zone in ZONES}, key=city)


def same_audience_that_day(person: Person, activity: Activity, zone: str) -> list[Happening]:
    """Return what else the same audience gets on the day an activity begins, on any plan."""
    if activity.audience_id is None or activity.status == "cancelled":
        return []
    day = utc_to_local(activity.starts_at, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    start, end = local_to_utc(day, zone), local_to_utc(day + timedelta(days=1), zone)
    return [
        other
        for other in visible_happenings(person, start, end)
        if other.audience_id == activity.audience_id
        and other.id != activity.id
        and other.status != "cancelled"
    ]


def latest_changes(thing: str, thing_id: int, limit: int = 10) -> list[PlanChange]:
    """Return the last changes of a plan, an activity, a goal or a measurement, newest first."""
    return list(
        db.session.scalars(
            select(PlanChange)
            .where(PlanChange.thing == thing, PlanChange.thing_id == thing_id)
            .options(joinedload(PlanChange.by))
            .order_by(PlanChange.id.desc())
            .limit(limit)
        )
    )


def readable_plans(person: Person) -> list[Plan]:
    """Return the plans this person may read, without what they hold, by title; none archived."""
    return list(
        db.session.scalars(
            select(Plan).where(_readable(person), Plan.status != "archived").order_by(Plan.title)
        )
    )
