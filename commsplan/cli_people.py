"""`commsplan people …`: who works here, who may do what, and how they sign in."""

from __future__ import annotations

import click
from flask import Flask

from commsplan.people.models import Person
from commsplan.people.queries import person_by_email


@click.group()
def people() -> None:
    """Who works here, who may do what, and how they sign in."""


def person_or_complain(email: str) -> Person:
    """Return the person of an address, or end the command with a sentence."""
    found = person_by_email(email)
    if found is None:
        raise click.ClickException(f"Nobody in the directory has the address {email}.")
    return found


@people.command()
@click.argument("email")
@click.pass_obj
def show(app: Flask, email: str) -> None:
    """Print what the directory knows about one person."""
    with app.app_context():
        person = person_or_complain(email)
        click.echo(f"{person.name} <{person.email}>, {person.title or 'no title'}")
