"""What a sponsor asks: are my goals on track, and did we say what we promised?"""

from __future__ import annotations

from sqlalchemy import select

from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.home.standing import Promise, goal_picture, goals_of, plan_line, upcoming_of
from commsplan.messages.models import Message
from commsplan.people.models import Person
from commsplan.people.queries import zone_of
from commsplan.plans.models import Plan
from commsplan.plans.queries import activities_of, plans_for

NEXT_ONES = 3


def promises(person: Person) -> list[Promise]:
    """Return the plans that this person sponsors, those at work first."""
    mine = [plan for plan in plans_for(person) if plan.sponsor_id == person.id]
    return [_promise(plan, zone_of(person)) for plan in mine if plan.status != "archived"]


def _promise(plan: Plan, zone: str) -> Promise:
    now = now_utc()
    due = [
        activity
        for activity in activities_of(plan)
        if activity.starts_at <= now and activity.status != "cancelled"
    ]
    said = set(
        db.session.scalars(
            select(Message.activity_id).where(Message.plan_id == plan.id, Message.state == "sent")
        )
    )
    return Promise(
        line=plan_line(plan, zone),
        goals=[goal_picture(goal, f"/plans/{plan.id}/goals") for goal in goals_of(plan)],
        promised=len(due),
        delivered=sum(one.status == "done" or one.id in said for one in due),
        next_ones=upcoming_of(plan)[:NEXT_ONES],
    )
