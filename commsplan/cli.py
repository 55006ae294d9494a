"""The command line: `commsplan …` or `python -m commsplan …`."""

from __future__ import annotations

import logging
import signal
import sys
from importlib import import_module
from threading import Event

import click
from flask import Flask
from flask_migrate import upgrade

from commsplan.app import ROOT, create_app
from commsplan.cli_calendars import calendars
from commsplan.cli_delivery import limits, relays
from commsplan.cli_dkim import dkim
from commsplan.cli_doctor import doctor
from commsplan.cli_inbox import inbox
from commsplan.cli_people import people
from commsplan.cli_sends import sends
from commsplan.cli_staff_list import import_staff_list
from commsplan.foundation import logs
from commsplan.foundation.dkim_keys import signing_keys
from commsplan.foundation.errors import Unreadable
from commsplan.timetable import keep_time
from commsplan.worker import work

OF_THE_DEMO = {"demo": "demo", "demo-inbox": "demo_inbox"}


class Commands(click.Group):
    """Our commands; those of the demo are loaded when asked for: they need the extra [local]."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command."""
        return sorted([*super().list_commands(ctx), *OF_THE_DEMO])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command by its name."""
        if cmd_name not in OF_THE_DEMO:
            return super().get_command(ctx, cmd_name)
        try:
            found: click.Command = getattr(
                import_module("commsplan.cli_demo"), OF_THE_DEMO[cmd_name]
            )
        except ModuleNotFoundError as error:
            raise click.ClickException(
                f"The demo needs {error.name}: install commsplan with its extra [local]."
            ) from error
        return found


@click.group(cls=Commands)
@click.pass_context
def main(context: click.Context) -> None:
    """Turn a communication and escalation procedure into running software."""
    quiet = context.invoked_subcommand in OF_THE_DEMO
    logs.configure(human=sys.stderr.isatty(), least=logging.WARNING if quiet else logging.INFO)
    if not quiet and context.invoked_subcommand not in (inbox.name, calendars.name):
        context.obj = create_app()


@main.command()
@click.pass_obj
def migrate(app: Flask) -> None:
    """Bring the database to the newest shape."""
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))


@main.command()
@click.option("--burst", is_flag=True, help="Stop when the queues are empty.")
@click.pass_obj
def worker(app: Flask, burst: bool) -> None:
    """Serve the queues: deliver messages, read lists."""
    with app.app_context():
        try:
            signing_keys()  # a worker that cannot sign would send what providers throw away
        except Unreadable as error:
            raise click.ClickException(str(error)) from error
    work(app, burst=burst)


@main.command()
@click.pass_obj
def timetable(app: Flask) -> None:
    """Look for due work every few seconds and ring the workers."""
    stop = Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    keep_time(app, stop)


main.add_command(people)
main.add_command(sends)
main.add_command(relays)
main.add_command(limits)
people.add_command(import_staff_list)
main.add_command(doctor)
main.add_command(dkim)
main.add_command(inbox)
main.add_command(calendars)
