"""`commsplan calendars`: calendars held against their rules."""

from __future__ import annotations

import sys
from typing import BinaryIO

import click

from commsplan.calendars.linting import complaints


@click.group()
def calendars() -> None:
    """Calendars: what is wrong with one."""


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
