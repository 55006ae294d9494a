"""`commsplan calendars`: calendars held against their rules, and whether they are open."""

from __future__ import annotations

import json
import sys
from typing import BinaryIO

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from commsplan.app import create_app
from commsplan.calendars.linting import complaints
from commsplan.calendars.state import Verdict, asked_for, state_of
from commsplan.calendars.state_json import as_json, read_moment
from commsplan.calendars.state_rules import State
from commsplan.calendars.state_words import sentence_of
from commsplan.foundation.clock import now_utc
from commsplan.foundation.errors import CommsplanError

OPEN, CLOSED, CANNOT_TELL = 0, 1, 2
"""How `commsplan calendars state` ends; anything but 0 must stop a pipeline."""


@click.group()
def calendars() -> None:
    """Calendars: what is wrong with one, and whether things may change now."""


@calendars.command()
@click.argument("file", type=click.File("rb"))
def lint(file: BinaryIO) -> None:
    """Say what is wrong with an iCalendar FILE, or with standard input for “-”.

    Ends with 0 where nothing is wrong, 1 where something is.
    """
    found = complaints(file.read())
    for one in found:
        click.echo(str(one))
    sys.exit(1 if found else 0)


@calendars.command()
@click.option("--calendar", "slugs", multiple=True, help="Which one; several times for several.")
@click.option("--at", "moment", default="", help="Any moment, as 2026-12-24T10:00:00+01:00.")
@click.option("--json", "as_data", is_flag=True, help="Print what the REST API answers.")
@click.pass_obj
def state(app: Flask | None, slugs: tuple[str, ...], moment: str, as_data: bool) -> None:
    """Say whether things may change: open only if every calendar is open.

    Ends with 0 when open, 1 when closed, 2 when nobody can tell: a calendar that could not be read,
    a name that there is not, a database that is away.
    """
    try:
        app = app or create_app()
        with app.test_request_context():  # words need a language
            now = now_utc()
            asked = asked_for(slugs, str(app.config["ORGANISATION"]))
            verdict = state_of(asked, read_moment(moment, now), now)
            click.echo(json.dumps(as_json(verdict)) if as_data else _in_words(verdict, app))
    except (CommsplanError, SQLAlchemyError, ValueError, OSError) as error:
        said = str(error) if isinstance(error, CommsplanError) else type(error).__name__
        click.echo(f"Nobody can tell: {said}", err=True)
        sys.exit(CANNOT_TELL)
    ends = {State.OPEN: OPEN, State.CLOSED: CLOSED, State.UNKNOWN: CANNOT_TELL}
    sys.exit(ends[verdict.answer.state])


def _in_words(verdict: Verdict, app: Flask) -> str:
    zone = str(app.config["DEFAULT_ZONE"])
    return "\n".join(f"{said.asked.slug}: {sentence_of(said, zone)}" for said in verdict.said)
