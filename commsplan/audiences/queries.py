"""Who may see an audience, and who belongs to it on this day."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from commsplan.audiences.matching import folded, matches
from commsplan.audiences.models import Audience, AudienceException
from commsplan.audiences.rules import Rule, fold
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.people.models import Person, Team
from commsplan.people.queries import teams_of

TESTS_AT_ONCE = 50  # rules in one statement, each with conditions of its own


def audiences_for(person: Person, archived: bool = False) -> list[Audience]:
    """Return the audiences this person works with, by name: those of the teams they lead."""
    put_away = Audience.archived_at.is_not(None) if archived else Audience.archived_at.is_(None)
    teams = [team.id for team in teams_of(person)]
    return list(
        db.session.scalars(
            select(Audience)
            .where(Audience.team_id.in_(teams), put_away)
            .order_by(func.lower(Audience.name), Audience.id)
        )
    )


def audience_for_reader(person: Person, audience_id: int) -> Audience:
    """Return an audience of one of this person's teams.

    Raises:
        Absent: there is none, or it is another team's.
    """
    found = db.session.get(Audience, audience_id)
    if found is None or found.team_id not in {team.id for team in teams_of(person)}:
        raise Absent
    return found


def audience_for_editor(person: Person, audience_id: int) -> Audience:
    """Return an audience this person may change: whoever reads one works with it."""
    return audience_for_reader(person, audience_id)


def audience_named(team: Team, name: str) -> Audience | None:
    """Return a team's audience by the name plans use."""
    return db.session.scalar(
        select(Audience).where(Audience.team_id == team.id, Audience.name == name.strip())
    )


def members(audience: Audience) -> Select[int]:
    """Select the ids of everybody who belongs to an audience on this day."""
    return select(Person.id).where(belongs(Rule.from_json(audience.rule), audience.id))


def count_members(audience: Audience) -> int:
    """Count who belongs to an audience on this day."""
    return count(belongs(Rule.from_json(audience.rule), audience.id))


def contains(audience: Audience, person_id: int) -> bool:
    """Tell whether somebody belongs to an audience on this day."""
    return bool(db.session.scalar(members(audience).where(Person.id == person_id)))


def audiences_with(person_id: int, audiences: Sequence[Audience]) -> frozenset[int]:
    """Return the ids of those audiences to which somebody belongs on this day, in one look."""
    mine: set[int] = set()
    for start in range(0, len(audiences), TESTS_AT_ONCE):
        some = audiences[start : start + TESTS_AT_ONCE]
        tests = [belongs(Rule.from_json(one.rule), one.id) for one in some]
        row = db.session.execute(select(*tests).where(Person.id == person_id)).first()
        mine |= {one.id for one, holds in zip(some, row or (), strict=bool(row)) if holds}
    return frozenset(mine)


def belongs(rule: Rule, audience_id: int | None = None) -> ColumnElement[bool]:
    """Return the test for `Person`: has not left, matches or was added, and was not left out."""
    test = matches(rule)
    if audience_id is not None:
        test = and_(
            or_(test, Person.id.in_(_by_hand(audience_id, included=True))),
            Person.id.not_in(_by_hand(audience_id, included=False)),
        )
    return and_(Person.left_on.is_(None), test)


def count(test: ColumnElement[bool]) -> int:
    """Count the people who pass a test."""
    return db.session.scalar(select(func.count()).select_from(Person).where(test)) or 0


def exceptions_of(audience: Audience) -> list[AudienceException]:
    """Return who was added or left out by hand, by name."""
    return list(
        db.session.scalars(
            select(AudienceException)
            .join(AudienceException.person)
            .where(AudienceException.audience_id == audience.id)
            .order_by(Person.name, Person.id)
        )
    )


def people_called(words: str, limit: int = 20) -> list[Person]:
    """Return who works here and is called so, or has this in the e-mail address."""
    part = fold(words)
    called = [
        folded(column).contains(part, autoescape=True) for column in (Person.name, Person.email)
    ]
    return list(
        db.session.scalars(
            select(Person)
            .where(Person.left_on.is_(None), or_(*called))
            .order_by(Person.name, Person.id)
            .limit(limit)
        )
    )


def _by_hand(audience_id: int, *, included: bool) -> Select[int]:
    return select(AudienceException.person_id).where(
        AudienceException.audience_id == audience_id, AudienceException.included.is_(included)
    )
