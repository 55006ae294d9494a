"""What people do with plans: one intention, one transaction, one function each."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from urllib.parse import urlsplit

from flask import current_app

from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from commsplan.people.models import Person, Team
from commsplan.plans import history
from commsplan.plans.models import Activity, Goal, GoalMeasurement, Plan, PlanChange, PlanMember
from commsplan.plans.recurrence import canonical
from commsplan.plans.rules import ActivityWish, GoalWish, MeasurementWish, Part, PlanWish

HOST_LENGTH = 40  # of the 80 characters of a UID, behind 32 random ones and the @


def create_plan(team: Team, wish: PlanWish, by: Person | None) -> Plan:
    """Make a plan for a team; nothing but its title is needed to begin."""
    values = _plan_values(wish)
    members = values.pop("members")
    with transaction() as database:
        plan = Plan(team_id=team.id, status=wish.status, created_at=now_utc(), **values)
        plan.members = [PlanMember(person_id=who, part=part) for who, part in members]  # type: ignore[attr-defined]  # pairs, see _plan_values
        database.add(plan)
        database.flush()
        history.keep(plan, {}, {"title": plan.title, "status": plan.status}, by, "plan.created")
    return plan


def change_plan(plan: Plan, wish: PlanWish, by: Person | None, seen: str = "") -> PlanChange | None:
    """Change what a plan says about itself; its status and members have actions of their own.

    Raises:
        NotNow: `seen` (its fingerprint when the form was made) no longer fits.
    """
    values = _plan_values(wish)
    del values["members"]
    with transaction():
        return history.apply(history.lock(plan, seen), values, by, "plan.changed")


def set_plan_status(plan: Plan, status: str, by: Person | None) -> PlanChange | None:
    """Make a plan a draft, active, done or archived."""
    with transaction():
        return history.apply(history.lock(plan), {"status": status}, by, f"plan.{status}")


def set_members(plan: Plan, parts: tuple[Part, ...], by: Person | None) -> PlanChange | None:
    """Say who works on a plan, each with their part."""
    members = [(member.person_id, member.part) for member in parts]
    with transaction():
        return history.apply(history.lock(plan), {"members": members}, by, "plan.people")


def add_activity(plan: Plan, wish: ActivityWish, by: Person | None) -> Activity:
    """Put an activity on the plan, under a calendar UID of its own that is never used again."""
    with transaction() as database:
        activity = _new_activity(plan, wish)
        database.add(activity)
        database.flush()
        _keep_added(activity, by)
    return activity


def add_activities(plan: Plan, wishes: Iterable[ActivityWish], by: Person | None) -> list[Activity]:
    """Put many activities on the plan, each with its way back; the caller audits them as one."""
    with transaction() as database:
        activities = [_new_activity(plan, wish) for wish in wishes]
        database.add_all(activities)
        database.flush()
        for activity in activities:
            history.note(activity, *_added(), by)
        database.flush()
    return activities


def change_activity(
    activity: Activity, wish: ActivityWish, by: Person | None, seen: str = ""
) -> PlanChange | None:
    """Change an activity; its sequence rises when its audience can see the change.

    Raises:
        NotNow: `seen` (its fingerprint when the form was made) no longer fits.
    """
    with transaction():
        fresh = history.lock(activity, seen)
        values = _activity_values(wish, fresh.plan)
        return history.apply(fresh, values, by, "activity.changed")


def set_activity_status(activity: Activity, status: str, by: Person | None) -> PlanChange | None:
    """Say that an activity is planned, confirmed, done or cancelled."""
    with transaction():
        return history.apply(history.lock(activity), {"status": status}, by, f"activity.{status}")


def remove_activity(activity: Activity, by: Person | None) -> PlanChange | None:
    """Take an activity off the plan; calendars learn of it for 60 days."""
    return _remove(activity, by)


def remove_activities(activities: Iterable[Activity], by: Person | None) -> None:
    """Take many activities off the plan that are locked; the caller audits them as one."""
    now = now_utc()
    with transaction():
        for activity in activities:
            history.change_unaudited(activity, {"removed_at": now}, by)


def add_goal(plan: Plan, wish: GoalWish, by: Person | None) -> Goal:
    """Give the plan something measurable to reach, behind its other goals."""
    with transaction() as database:
        position = max((goal.position for goal in plan.goals), default=0) + 1
        goal = Goal(plan=plan, position=position, **asdict(wish))
        database.add(goal)
        database.flush()
        _keep_added(goal, by)
    return goal


def change_goal(goal: Goal, wish: GoalWish, by: Person | None, seen: str = "") -> PlanChange | None:
    """Change a goal; its measurements stay.

    Raises:
        NotNow: `seen` (its fingerprint when the form was made) no longer fits.
    """
    with transaction():
        return history.apply(history.lock(goal, seen), asdict(wish), by, "goal.changed")


def remove_goal(goal: Goal, by: Person | None) -> PlanChange | None:
    """Take a goal off the plan, with its measurements."""
    return _remove(goal, by)


def measure_goal(
    goal: Goal, value: float, measured_on: date, source: str, by: Person | None
) -> GoalMeasurement:
    """Write down where a goal stood on a day, and from which source that is known."""
    with transaction() as database:
        measurement = GoalMeasurement(
            goal=goal,
            value=value,
            measured_on=measured_on,
            source=source,
            by_id=by.id if by else None,
        )
        database.add(measurement)
        database.flush()
        _keep_added(measurement, by)
    return measurement


def change_measurement(
    measurement: GoalMeasurement, wish: MeasurementWish, by: Person | None, seen: str = ""
) -> PlanChange | None:
    """Correct a measurement.

    Raises:
        NotNow: `seen` (its fingerprint when the form was made) no longer fits.
    """
    with transaction():
        fresh = history.lock(measurement, seen)
        return history.apply(fresh, asdict(wish), by, "measurement.changed")


def remove_measurement(measurement: GoalMeasurement, by: Person | None) -> PlanChange | None:
    """Take a measurement back."""
    return _remove(measurement, by)


def undo(change: PlanChange, by: Person | None) -> PlanChange | None:
    """Put back what a change replaced.

    Raises:
        NotNow: the same values were changed again since.
    """
    with transaction():
        return history.undo(change, by)


def _remove(thing: Activity | Goal | GoalMeasurement, by: Person | None) -> PlanChange | None:
    with transaction():
        fresh = history.lock(thing)
        action = f"{history.name_of(fresh)}.removed"
        return history.apply(fresh, {"removed_at": now_utc()}, by, action)


def _keep_added(thing: Activity | Goal | GoalMeasurement, by: Person | None) -> None:
    history.keep(thing, *_added(), by, f"{history.name_of(thing)}.added")


def _added() -> tuple[dict[str, object], dict[str, object]]:
    """Adding is a change too: what undoing it sets is that the thing was removed."""
    return {"removed_at": now_utc().isoformat()}, {"removed_at": None}


def _new_activity(plan: Plan, wish: ActivityWish) -> Activity:
    now = now_utc()
    activity = Activity(
        plan_id=plan.id,
        plan=plan,
        uid=_new_uid(),
        sequence=0,
        created_at=now,
        revised_at=now,
        **_activity_values(wish, plan),
    )
    history.derive(activity, visibly=False)
    return activity


def _plan_values(wish: PlanWish) -> dict[str, object]:
    values: dict[str, object] = asdict(wish)
    del values["status"]
    values["zone"] = wish.zone or str(current_app.config["DEFAULT_ZONE"])
    values["members"] = [(member.person_id, member.part) for member in wish.members]
    return values


def _activity_values(wish: ActivityWish, plan: Plan) -> dict[str, object]:
    values: dict[str, object] = asdict(wish)
    values["zone"] = wish.zone or plan.zone
    values["ends_local"] = wish.ends_local or wish.starts_local
    values["recurrence"] = canonical(wish.recurrence)
    return values


def _new_uid() -> str:
    host = urlsplit(str(current_app.config["BASE_URL"])).hostname or "localhost"
    return f"{secrets.token_hex(16)}@{host[:HOST_LENGTH]}"
