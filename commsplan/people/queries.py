"""Who may do what: roles and teams of a person."""

from __future__ import annotations

from sqlalchemy import select

from commsplan.foundation.database import db
from commsplan.people.models import Grant, Person, Team
from commsplan.people.rules import Role


def roles_of(person: Person) -> frozenset[Role]:
    """Return every role of a person; everybody is an employee."""
    granted = db.session.scalars(select(Grant.role).where(Grant.person_id == person.id))
    return frozenset({Role.EMPLOYEE, *(Role(role) for role in granted)})


def teams_of(person: Person) -> list[Team]:
    """Return the teams whose plans this person works on: an admin's are all of them."""
    if Role.ADMIN in roles_of(person):
        return list(db.session.scalars(select(Team).order_by(Team.name)))
    mine = select(Grant.team_id).where(Grant.person_id == person.id, Grant.role == Role.LEAD)
    return list(db.session.scalars(select(Team).where(Team.id.in_(mine)).order_by(Team.name)))
