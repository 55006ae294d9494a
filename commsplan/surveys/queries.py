"""Which survey belongs to a message, who may see it, and who has answered."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.messages.models import Message
from commsplan.messages.queries import message_for_editor, message_for_reader
from commsplan.people.models import Grant, Person
from commsplan.people.rules import Role
from commsplan.plans.models import Plan
from commsplan.surveys.models import Response, Survey


def survey_of(message: Message) -> Survey | None:
    """Return the questions that belong to a message, if there are any."""
    return db.session.scalar(select(Survey).where(Survey.message_id == message.id))


def survey_for_reader(person: Person, message_id: int) -> Survey:
    """Return the survey of a message this person may see, or raise Absent."""
    return _present(survey_of(message_for_reader(person, message_id)))


def survey_for_editor(person: Person, message_id: int) -> Survey:
    """Return the survey of a message this person may edit, or raise Absent."""
    return _present(survey_of(message_for_editor(person, message_id)))


def _present(survey: Survey | None) -> Survey:
    if survey is None:
        raise Absent
    return survey


def response_of(survey: Survey, person_id: int) -> Response | None:
    """Return what somebody has answered."""
    return db.session.scalar(
        select(Response).where(Response.survey_id == survey.id, Response.person_id == person_id)
    )


def count_responses(survey: Survey) -> int:
    """Return how many people have answered."""
    return db.session.scalar(select(func.count()).where(Response.survey_id == survey.id)) or 0


def possible_owners(plan: Plan) -> list[Person]:
    """Return who may answer for a survey: the plan's own people and the leads of its team."""
    leads = select(Grant.person_id).where(Grant.role == Role.LEAD, Grant.team_id == plan.team_id)
    ids = {plan.owner_id, plan.sponsor_id, *(member.person_id for member in plan.members)} - {None}
    return list(
        db.session.scalars(
            select(Person)
            .where(or_(Person.id.in_(leads), Person.id.in_(ids)), Person.left_on.is_(None))
            .order_by(Person.name)
        )
    )
