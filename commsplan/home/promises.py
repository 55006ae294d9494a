"""What a sponsor asks: are my goals on track, and did we say what we promised?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.home.rules import GoalPicture
from commsplan.home.standing import PlanLine, goal_picture, plan_line
from commsplan.messages.models import Message
from commsplan.people.models import Person
from commsplan.people.queries import zone_of
from commsplan.plans.happenings import Happening
from commsplan.plans.models import Activity, Plan
from commsplan.plans.queries import plans_for
from commsplan.plans.summary import state_of

NEXT_ONES = 3


@dataclass(frozen=True)
class Promise:
    """One plan as its sponsor sees it."""

    line: PlanLine
    goals: list[GoalPicture]
    promised: int
    """Activities whose time has come."""
    delivered: int
    """Those of them that are marked as done or whose message went out."""
    next_ones: list[Happening]


def promises(person: Person) -> list[Promise]:
    """Return the plans that this person sponsors, those at work first."""
    now, zone = now_utc(), zone_of(person)
    mine = [plan for plan in plans_for(person) if plan.sponsor_id == person.id]
    return [_promise(plan, now, zone) for plan in mine if plan.status != "archived"]


def _has_come(activity: Activity, now: datetime) -> bool:
    """Tell whether an activity's time has come; that of a series has when it is over."""
    return activity.ends_at <= now if activity.recurrence else activity.starts_at <= now


def _promise(plan: Plan, now: datetime, zone: str) -> Promise:
    state = state_of(plan, now)
    due = [
        activity
        for activity in state.activities
        if _has_come(activity, now) and activity.status != "cancelled"
    ]
    said = set(
        db.session.scalars(
            select(Message.activity_id).where(Message.plan_id == plan.id, Message.state == "sent")
        )
    )
    return Promise(
        line=plan_line(state, zone),
        goals=[goal_picture(goal, f"/plans/{plan.id}/goals") for goal in state.goals],
        promised=len(due),
        delivered=sum(one.status == "done" or one.id in said for one in due),
        next_ones=state.coming[:NEXT_ONES],
    )
