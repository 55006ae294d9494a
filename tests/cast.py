"""Who is who in the tests."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient

from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.tokens import hash_token, new_token
from commsplan.people.models import Grant, Person, SignInSession, Team
from commsplan.people.rules import Role


@dataclass
class Cast:
    """The people of the play. `as_(person)` is a browser in which that person is signed in."""

    app: Flask
    team: Team
    other_team: Team
    lead: Person
    """Leads `team`."""
    teammate: Person
    """Leads `team` too."""
    outsider: Person
    """Leads `other_team`."""
    sponsor: Person
    """Sponsors plans of `team` where a test says so."""
    employee: Person
    """Has no role; reports to `sponsor`."""
    admin: Person

    def as_(self, person: Person) -> FlaskClient:
        """Return a browser in which this person is signed in."""
        return signed_in(self.app, person)


def signed_in(app: Flask, person: Person) -> FlaskClient:
    """Return a browser in which a person is signed in."""
    browser = app.test_client()
    token = new_token()
    now = now_utc()
    db.session.add(
        SignInSession(
            person_id=person.id, token_hash=hash_token(token), started_at=now, seen_at=now
        )
    )
    db.session.commit()
    with browser.session_transaction() as session:
        session["token"] = token
    return browser


def make_person(name: str, **fields: object) -> Person:
    """Add somebody to the directory; anything may be set by name."""
    values: dict[str, object] = {
        "email": f"{name.lower().replace(' ', '.')}@northwind.example",
        "name": name,
        "department": "Operations",
        "country": "DE",
        "location": "Berlin",
        "zone": "Europe/Berlin",
        "language": "en",
        "updated_at": now_utc(),
        "attributes": {},
        **fields,
    }
    person = Person(**values)
    db.session.add(person)
    db.session.flush()
    return person


def make_cast(app: Flask) -> Cast:
    """Put the cast into the database."""
    from tests.conftest import Browser

    app.test_client_class = Browser
    team, other_team = Team(name="Internal communications"), Team(name="Safety communications")
    db.session.add_all([team, other_team])
    db.session.flush()
    sponsor = make_person("Sigrid Sponsor", title="Chief operating officer")
    cast = Cast(
        app=app,
        team=team,
        other_team=other_team,
        lead=make_person("Lena Lead", department="Communications"),
        teammate=make_person("Tom Teammate", department="Communications"),
        outsider=make_person("Otto Outsider", department="Safety"),
        sponsor=sponsor,
        employee=make_person("Emil Employee", manager_id=sponsor.id),
        admin=make_person("Ada Admin", department="IT"),
    )
    for person, role, of in (
        (cast.lead, Role.LEAD, team),
        (cast.teammate, Role.LEAD, team),
        (cast.outsider, Role.LEAD, other_team),
        (cast.sponsor, Role.SPONSOR, team),
        (cast.admin, Role.ADMIN, None),
    ):
        db.session.add(Grant(person_id=person.id, role=role, team_id=of.id if of else None))
    db.session.commit()
    return cast
