"""Who may do what: roles and teams of a person."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import ColumnElement, case, literal, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute

from commsplan.foundation.database import db
from commsplan.foundation.dates import ZONES
from commsplan.people.models import Grant, Person, Team
from commsplan.people.rules import Role, normalise_email


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


def zone_of(person: Person) -> str:
    """Return the IANA zone a person lives in: chosen, from the staff list, or the default."""
    for zone in (person.chosen_zone, person.zone):
        if zone in ZONES:
            return zone
    return str(current_app.config["DEFAULT_ZONE"])


def zone_in_sql() -> ColumnElement[str]:
    """Return `zone_of` as an expression over `Person`; it reads which zones occur."""
    written = union(select(Person.chosen_zone), select(Person.zone))
    known = sorted(ZONES.intersection(db.session.scalars(written)))
    return case(
        (Person.chosen_zone.in_(known), Person.chosen_zone),
        (Person.zone.in_(known), Person.zone),
        else_=literal(str(current_app.config["DEFAULT_ZONE"])),
    )


def language_of(person: Person) -> str:
    """Return the language a person reads: chosen, from the staff list, or the default."""
    return spoken(person.chosen_language, person.language)


def spoken(chosen: str, listed: str) -> str:
    """Return the same from the bare values of a row."""
    return chosen or listed or str(current_app.config["DEFAULT_LANGUAGE"])


def person_by_email(email: str) -> Person | None:
    """Return who has this e-mail address, whether or not they have left."""
    return db.session.scalar(select(Person).where(Person.email == normalise_email(email)))


def grant_of(person_id: int, role: Role, team_id: int | None) -> Grant | None:
    """Return the grant by which a person holds exactly this role, if they do."""
    return db.session.scalar(
        select(Grant).where(
            Grant.person_id == person_id,
            Grant.role == role,
            Grant.team_id.is_(None) if team_id is None else Grant.team_id == team_id,
        )
    )


def team_named(name: str) -> Team | None:
    """Return the team of this name."""
    return db.session.scalar(select(Team).where(Team.name == name.strip()))


def find_people(text: str, limit: int = 20) -> list[Person]:
    """Return people who have not left and whose name, address or department holds these words.

    Names that begin with the text come first.
    """
    words = text.strip()
    columns = (Person.name, Person.email, Person.department)
    holds = (column.icontains(words, autoescape=True) for column in columns)
    begins = case((Person.name.istartswith(words, autoescape=True), 0), else_=1)
    return list(
        db.session.scalars(
            select(Person)
            .where(Person.left_on.is_(None), or_(*holds))
            .order_by(begins, Person.name, Person.id)
            .limit(limit)
        )
    )


def departments() -> list[str]:
    """Return the departments of those who work here, by name."""
    return _values(Person.department)


def countries() -> list[str]:
    """Return the countries (ISO 3166-1 alpha-2) of those who work here."""
    return _values(Person.country)


def locations() -> list[str]:
    """Return the sites of those who work here, by name."""
    return _values(Person.location)


def _values(column: InstrumentedAttribute[str]) -> list[str]:
    present = select(column).where(Person.left_on.is_(None), column != "")
    return sorted(db.session.scalars(present.distinct()), key=str.casefold)
