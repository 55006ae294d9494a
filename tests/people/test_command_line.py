"""From the command line an administrator lets people in, before anybody can sign in."""

from datetime import date

from click.testing import CliRunner
from flask import Flask

from commsplan.cli_people import people
from commsplan.foundation.database import db, transaction
from commsplan.people.models import Credential, Grant, Team
from commsplan.people.passwords import fits
from tests.cast import Cast


def run(app: Flask, *words: str, typed: str = ""):
    db.session.commit()
    answer = CliRunner().invoke(people, list(words), obj=app, input=typed)
    db.session.rollback()
    return answer


def test_a_role_is_given_and_its_team_made(cast: Cast) -> None:
    answer = run(cast.app, "grant", cast.employee.email, "lead", "--team", "Change office")
    assert answer.output == "Emil Employee is lead in Change office now.\n"
    team = db.session.query(Team).filter_by(name="Change office").one()
    held = db.session.query(Grant).filter_by(person_id=cast.employee.id).one()
    assert (held.role, held.team_id) == ("lead", team.id)


def test_a_lead_without_a_team_is_refused(cast: Cast) -> None:
    answer = run(cast.app, "grant", cast.employee.email, "lead")
    assert answer.exit_code == 1
    assert "say which one" in answer.output


def test_an_unknown_address_is_named(cast: Cast) -> None:
    answer = run(cast.app, "grant", "nobody@northwind.example", "admin")
    assert answer.exit_code == 1
    assert "nobody@northwind.example" in answer.output


def test_a_link_is_printed_that_signs_in(client, cast: Cast) -> None:
    address = run(cast.app, "sign-in-link", cast.lead.email).output.strip()
    assert client.post("/" + address.split("/", 3)[3]).status_code == 303


def test_a_password_is_set(cast: Cast) -> None:
    typed = "two slow boats in the fog\n" * 2
    assert run(cast.app, "set-password", cast.lead.email, typed=typed).exit_code == 0
    kept = db.session.get_one(Credential, cast.lead.id)
    assert fits(kept.password_hash, "two slow boats in the fog")


def test_a_weak_password_is_refused(cast: Cast) -> None:
    assert run(cast.app, "set-password", cast.lead.email, typed="short\nshort\n").exit_code == 1


def test_no_link_is_made_for_somebody_who_left(cast: Cast) -> None:
    with transaction():
        cast.employee.left_on = date(2026, 1, 31)
    answer = run(cast.app, "sign-in-link", cast.employee.email)
    assert answer.exit_code == 1
    assert "Emil Employee left on 2026-01-31" in answer.output
