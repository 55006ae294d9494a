"""What administrators and people themselves change: roles, teams, ways in, own choices."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from commsplan.foundation import audit
from commsplan.foundation.addresses import sign_in_address
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow, Unreadable
from commsplan.people.models import Credential, Grant, Person, SignInLink, Team
from commsplan.people.passwords import hash_password
from commsplan.people.queries import grant_of
from commsplan.people.rules import Role
from commsplan.people.sessions import end_all_sessions

LINK_VALID = timedelta(minutes=30)


def actor(by: Person | None) -> str:
    """Name whoever acts, for the audit trail."""
    return f"person {by.id}" if by else "command line"


def grant(person: Person, role: Role, team: Team | None, by: Person | None) -> Grant:
    """Give a person a role, in a team or everywhere; giving it again changes nothing.

    Raises:
        Unreadable: a lead without a team, or somebody who has left.
    """
    with transaction() as database:
        team_id = None if role == Role.ADMIN or team is None else team.id
        if role == Role.LEAD and team_id is None:
            raise Unreadable("A lead works in a team: say which one.")
        if person.left_on is not None or role == Role.EMPLOYEE:
            raise Unreadable("This role cannot be given to this person.")
        if found := grant_of(person.id, role, team_id):
            return found
        given = Grant(person_id=person.id, role=role, team_id=team_id)
        database.add(given)
        audit.record(
            actor(by),
            "role.granted",
            f"person {person.id}",
            after={"role": str(role), "team": team_id},
        )
        return given


def revoke(person: Person, role: Role, team: Team | None, by: Person | None) -> None:
    """Take a role away and sign the person out everywhere; the last admin stays.

    Raises:
        NotNow: nobody could administer commsplan afterwards.
    """
    with transaction() as database:
        team_id = team.id if team else None
        held = grant_of(person.id, role, team_id)
        if held is None:
            return
        admins = select(func.count()).where(Grant.role == Role.ADMIN)
        if role == Role.ADMIN and database.scalar(admins) == 1:
            raise NotNow("Somebody has to be an administrator: name another one first.")
        database.delete(held)
        end_all_sessions(person.id)
        audit.record(
            actor(by),
            "role.revoked",
            f"person {person.id}",
            before={"role": str(role), "team": team_id},
        )


def create_team(name: str, by: Person | None) -> Team:
    """Found a team."""
    with transaction() as database:
        team = Team(name=name)
        database.add(team)
        database.flush()
        audit.record(actor(by), "team.created", f"team {team.id}", after={"name": name})
        return team


def rename_team(team: Team, name: str, by: Person | None) -> None:
    """Give a team another name."""
    with transaction():
        before, team.name = team.name, name
        audit.record(
            actor(by),
            "team.renamed",
            f"team {team.id}",
            before={"name": before},
            after={"name": name},
        )


def make_sign_in_link(
    person: Person, next_path: str = "", valid: timedelta = LINK_VALID, by: Person | None = None
) -> str:
    """Make a one-time way in and return its absolute address."""
    with transaction() as database:
        link = SignInLink(
            person_id=person.id, expires_at=now_utc() + valid, next_path=next_path, mail=""
        )
        database.add(link)
        database.flush()
        audit.record(actor(by), "sign_in.link_made", f"person {person.id}")
        return sign_in_address(link.id, link.nonce)


def set_password(person: Person, password: str, by: Person | None) -> None:
    """Set a person's password; every session of theirs ends."""
    kept = hash_password(password)  # slow on purpose, so not inside the transaction
    with transaction() as database:
        credential = db.session.get(Credential, person.id) or Credential(person_id=person.id)
        credential.password_hash = kept
        credential.changed_at = now_utc()
        database.add(credential)
        end_all_sessions(person.id)
        audit.record(actor(by), "password.set", f"person {person.id}")


def choose(person: Person, language: str, zone: str) -> None:
    """Keep the language and the zone a person chose for themselves; empty follows the list."""
    with transaction():
        person.chosen_language = language
        person.chosen_zone = zone
