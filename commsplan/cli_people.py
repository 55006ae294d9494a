"""`commsplan people …`: who works here, who may do what, and how they sign in."""

from __future__ import annotations

import logging
import sys
from datetime import timedelta

import click
from flask import Flask

from commsplan.foundation import logs
from commsplan.foundation.database import transaction
from commsplan.foundation.errors import CommsplanError
from commsplan.people.actions import create_team, grant, make_sign_in_link, set_password
from commsplan.people.models import Person
from commsplan.people.passwords import SHORTEST, is_easy_to_guess
from commsplan.people.queries import person_by_email, team_named
from commsplan.people.rules import Role


@click.group()
@click.pass_context
def people(context: click.Context) -> None:
    """Who works here, who may do what, and how they sign in."""
    if context.invoked_subcommand == "import":  # it tells a person what it does
        logs.configure(human=sys.stderr.isatty(), least=logging.WARNING)


def person_or_complain(email: str) -> Person:
    """Return the person of an address, or end the command with a sentence."""
    found = person_by_email(email)
    if found is None:
        raise click.ClickException(f"Nobody in the directory has the address {email}.")
    return found


@people.command("sign-in-link")
@click.argument("email")
@click.option("--hours", default=24.0, help="How long it works.", show_default=True)
@click.pass_obj
def sign_in_link(app: Flask, email: str, hours: float) -> None:
    """Print a link that signs a person in, once."""
    with app.app_context():
        person = person_or_complain(email)
        if person.left_on:
            raise click.ClickException(
                f"{person.name} left on {person.left_on}; a link would not sign them in."
            )
        click.echo(make_sign_in_link(person, valid=timedelta(hours=hours)))


@people.command("set-password")
@click.argument("email")
@click.password_option(help="The new password; asked for when missing.")
@click.pass_obj
def give_password(app: Flask, email: str, password: str) -> None:
    """Set a person's password and sign them out everywhere."""
    with app.app_context():
        person = person_or_complain(email)
        if len(password) < SHORTEST or is_easy_to_guess(password, person.email, person.name):
            raise click.ClickException(
                f"Use at least {SHORTEST} characters that are not easy to guess."
            )
        set_password(person, password, by=None)
        click.echo(f"{person.name} has a new password.")


@people.command("grant")
@click.argument("email")
@click.argument("role", type=click.Choice(["admin", "lead", "sponsor"]))
@click.option("--team", "team_name", default="", help="In which team; made if it is new.")
@click.pass_obj
def give_role(app: Flask, email: str, role: str, team_name: str) -> None:
    """Give a person a role."""
    with app.app_context():
        person = person_or_complain(email)
        with transaction():
            team = (team_named(team_name) or create_team(team_name, None)) if team_name else None
            try:
                grant(person, Role(role), team, by=None)
            except CommsplanError as error:
                raise click.ClickException(str(error)) from error
        where = f" in {team_name}" if team_name and role != Role.ADMIN else ""
        click.echo(f"{person.name} is {role}{where} now.")
