"""`commsplan demo`: everything on one machine, with the demo organisation."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from threading import Event

import click
from flask_migrate import upgrade
from werkzeug.serving import make_server

from commsplan.app import ROOT, create_app
from commsplan.demo import loader, supervisor
from commsplan.demo.mailbox import Mailbox, smtp_server
from commsplan.demo.mailbox_pages import create_inbox
from commsplan.demo.ports import HOST
from commsplan.foundation.errors import CommsplanError


@click.command()
@click.option("--reset", is_flag=True, help="Forget the demo's data instead of starting it.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=ROOT / ".demo",
    help="Where the demo keeps its data.",
)
@click.option("--people", default=loader.PEOPLE, help="How many people to invent on a first start.")
def demo(reset: bool, folder: Path, people: int) -> None:
    """Run web, workers, timetable, queue server and mail catcher with the demo organisation."""
    try:
        if reset:
            supervisor.forget(folder)
            click.echo("The demo's data is gone. `make demo` starts over.")
            return
        with supervisor.only_one(folder):
            sys.exit(_run(folder, people))
    except (supervisor.DemoError, CommsplanError) as error:
        raise click.ClickException(str(error)) from error


def _run(folder: Path, people: int) -> int:
    place = supervisor.settle(folder)
    settings = supervisor.environment(place)
    os.environ.update(settings)
    app = create_app()
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        loader.load_once(folder, people)
        links = loader.sign_in_links()
    os.chdir(ROOT)
    return supervisor.run(place, settings, links, Event())


@click.command("demo-inbox", hidden=True)
@click.option("--smtp-port", type=int, required=True)
@click.option("--http-port", type=int, required=True)
@click.option("--file", "path", type=click.Path(path_type=Path), required=True)
def demo_inbox(smtp_port: int, http_port: int, path: Path) -> None:
    """Catch mails and show them: the demo's mail server."""
    mailbox = Mailbox(path)
    smtp = smtp_server(mailbox, HOST, smtp_port)
    smtp.start()
    web = make_server(HOST, http_port, create_inbox(mailbox), threaded=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        web.serve_forever()
    finally:
        smtp.stop()
        mailbox.close()
