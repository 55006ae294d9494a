"""Search over what a person may see: plans, activities, messages and people."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from commsplan.foundation.database import db
from commsplan.messages.models import Message, Version
from commsplan.people.models import Person
from commsplan.people.queries import find_people, roles_of
from commsplan.people.rules import Role
from commsplan.plans.models import Activity, Plan
from commsplan.plans.queries import plans_for

SHORTEST = 2  # characters; one letter finds everything and nothing
MOST = 20  # of each kind; whoever sees as many types another word


@dataclass(frozen=True)
class Found:
    """What a search found, by kind."""

    plans: list[Plan] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.plans) + len(self.activities) + len(self.messages) + len(self.people)


def search(person: Person, words: str) -> Found:
    """Return what holds these words, among what the person may see."""
    if len(words) < SHORTEST:
        return Found()
    visible = [plan.id for plan in plans_for(person)]
    sees_people = roles_of(person) & {Role.LEAD, Role.ADMIN}
    return Found(
        plans=_plans(visible, words),
        activities=_activities(visible, words),
        messages=_messages(visible, words),
        people=find_people(words, MOST) if sees_people else [],
    )


def _plans(visible: list[int], words: str) -> list[Plan]:
    return list(
        db.session.scalars(
            select(Plan)
            .where(Plan.id.in_(visible))
            .where(
                or_(
                    Plan.title.icontains(words, autoescape=True),
                    Plan.why.icontains(words, autoescape=True),
                )
            )
            .order_by(Plan.id.desc())
            .limit(MOST)
        )
    )


def _activities(visible: list[int], words: str) -> list[Activity]:
    columns = (Activity.title, Activity.key_message, Activity.place, Activity.audience_text)
    return list(
        db.session.scalars(
            select(Activity)
            .where(Activity.plan_id.in_(visible), Activity.removed_at.is_(None))
            .where(or_(*(column.icontains(words, autoescape=True) for column in columns)))
            .options(joinedload(Activity.plan))
            .order_by(Activity.starts_at.desc())
            .limit(MOST)
        )
    )


def _messages(visible: list[int], words: str) -> list[Message]:
    newest = select(func.max(Version.id)).group_by(Version.message_id)
    return list(
        db.session.scalars(
            select(Message)
            .join(Version, Version.message_id == Message.id)
            .where(Message.plan_id.in_(visible), Version.id.in_(newest))
            .where(
                or_(
                    Version.subject.icontains(words, autoescape=True),
                    Version.body.icontains(words, autoescape=True),
                )
            )
            .options(joinedload(Message.plan))
            .order_by(Message.id.desc())
            .limit(MOST)
        )
    )
