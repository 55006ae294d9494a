"""`commsplan sends`: what goes out and how far it is; pausing, stopping, settling doubt."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

import click
from flask import Flask
from sqlalchemy import select

from commsplan.delivery.actions import resolve_doubt
from commsplan.delivery.copies import delivery_id_in
from commsplan.delivery.copy_lists import CHOICES, table_lines
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.queries import counts, failures
from commsplan.delivery.rules import SendState, State
from commsplan.delivery.stopping import cancel_send, pause_send, resume_send
from commsplan.foundation.database import db
from commsplan.foundation.errors import NotNow

MESSAGE_ID = re.compile(r"<?(d\d+\.[0-9a-f]{16}@[^\s<>]+)>?")
SHOWN = 50
Found = TypeVar("Found")


@click.group()
def sends() -> None:
    """Look at sends, pause, resume and stop them, and settle copies in doubt."""


@sends.command("list")
@click.pass_obj
def list_sends(app: Flask) -> None:
    """List the newest sends."""
    with app.app_context():
        newest = select(Send).order_by(Send.id.desc()).limit(SHOWN)
        for send in db.session.scalars(newest):
            due = send.due_at.isoformat(timespec="minutes")
            state = "paused" if send.paused_at and send.state == SendState.RUNNING else send.state
            click.echo(f"{send.id:>6}  {state:<10} {due}  {send.version.subject}")


@sends.command()
@click.argument("send_id", type=int)
@click.pass_obj
def show(app: Flask, send_id: int) -> None:
    """Say how far a send is and why copies failed."""
    with app.app_context():
        send = _send(send_id)
        click.echo(f"{send.version.subject}: {send.state}, {send.addressed} people")
        if send.paused_at and send.state == SendState.RUNNING:
            who = send.paused_by.name if send.paused_by else send.paused_why or "command line"
            click.echo(f"paused since {send.paused_at.isoformat(timespec='minutes')} by: {who}")
        for state, number in counts(send).items():
            if number:
                click.echo(f"{number:>8}  {state}")
        for note, number in failures(send):
            click.echo(f"{number:>8}  failed: {note}")


@sends.command()
@click.argument("send_id", type=int)
@click.option(
    "--accepted",
    "log",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="A file that holds the Message-IDs the relay accepted, such as its log.",
)
@click.option(
    "--resend-rest", is_flag=True, help="Send the other doubtful copies again: they never arrived."
)
@click.pass_obj
def reconcile(app: Flask, send_id: int, log: Path, resend_rest: bool) -> None:
    """Settle doubtful copies: those in the relay's log arrived."""
    with app.app_context():
        send = _send(send_id)
        doubtful = set(
            db.session.scalars(
                select(Delivery.id).where(
                    Delivery.send_id == send.id, Delivery.state == State.UNCERTAIN
                )
            )
        )
        arrived = doubtful & _accepted(log)
        rest = doubtful - arrived
        click.echo(f"{resolve_doubt(sorted(arrived), arrived=True, by=None)} arrived.")
        if resend_rest:
            click.echo(f"{resolve_doubt(sorted(rest), arrived=False, by=None)} go out again.")
        elif rest:
            click.echo(f"{len(rest)} stay in doubt; --resend-rest sends them again.")


@sends.command()
@click.argument("send_id", type=int)
@click.pass_obj
def pause(app: Flask, send_id: int) -> None:
    """Let nothing more of a send leave until it is resumed."""
    with app.app_context():
        _do(lambda: pause_send(_send(send_id), None))
        click.echo("Paused. What was on the wire at that moment finishes.")


@sends.command()
@click.argument("send_id", type=int)
@click.pass_obj
def resume(app: Flask, send_id: int) -> None:
    """Let a paused send go on."""
    with app.app_context():
        limit = _do(lambda: resume_send(_send(send_id), None))
        click.echo("It goes on.")
        if limit is not None:
            click.echo(f"It pauses again when more than {limit} % fail.")


@sends.command()
@click.argument("send_id", type=int)
@click.pass_obj
def cancel(app: Flask, send_id: int) -> None:
    """Stop a send for good; what is on the wire finishes."""
    with app.app_context():
        before = _do(lambda: cancel_send(_send(send_id), None))
        taken_back = before is SendState.SCHEDULED
        click.echo("Taken back before it went out." if taken_back else "Stopped.")


def _do(act: Callable[[], Found]) -> Found:
    """Do something to a send; that it has moved on is an answer, not a fault."""
    try:
        return act()
    except NotNow as refused:
        raise click.ClickException(str(refused)) from refused


@sends.command()
@click.argument("send_id", type=int)
@click.option("--csv", "as_csv", is_flag=True, help="As the table file that the page offers.")
@click.pass_obj
def missing(app: Flask, send_id: int, as_csv: bool) -> None:
    """Print who did not get it, as far as is known, and why."""
    with app.test_request_context():
        lines = table_lines(_send(send_id), CHOICES["missed"])
        if as_csv:
            for part in lines:
                click.echo(part, nl=False)
            return
        rows = csv.reader(chain.from_iterable(part.splitlines(keepends=True) for part in lines))
        for name, address, _department, state, why, *_rest in islice(rows, 1, None):
            click.echo(f"{name} <{address}>: {state}{', ' if why else ''}{why}")


def _send(send_id: int) -> Send:
    send = db.session.get(Send, send_id)
    if send is None:
        raise click.ClickException(f"There is no send {send_id}.")
    return send


def _accepted(log: Path) -> set[int]:
    """Return the copies whose Message-ID stands in a file; foreign and forged ones do not count."""
    found = set()
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            found |= {delivery_id_in(written) for written in MESSAGE_ID.findall(line)}
    return {one for one in found if one is not None}
