"""The command line: `commsplan …` or `python -m commsplan …`."""

from __future__ import annotations

import signal
import sys
from threading import Event

import click
from flask import Flask
from flask_migrate import upgrade

from commsplan.app import ROOT, create_app
from commsplan.cli_demo import demo, demo_inbox
from commsplan.cli_people import people
from commsplan.foundation import logs
from commsplan.timetable import keep_time
from commsplan.worker import work

BRINGS_ITS_OWN_SETTINGS = frozenset({"demo", "demo-inbox"})


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Turn a communication and escalation procedure into running software."""
    logs.configure(human=sys.stderr.isatty())
    if context.invoked_subcommand not in BRINGS_ITS_OWN_SETTINGS:
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


main.add_command(demo)
main.add_command(demo_inbox)
