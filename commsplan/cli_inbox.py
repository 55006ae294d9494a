"""`commsplan inbox`: mail that comes in, from a pipe, over LMTP or from the mailbox."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from commsplan.app import create_app
from commsplan.delivery.imap import read_inbox
from commsplan.delivery.incoming import limit_bytes, take_in
from commsplan.delivery.lmtp import serve
from commsplan.foundation import logs


@click.group()
@click.pass_context
def inbox(context: click.Context) -> None:
    """Take in mail: bounces, complaints, automatic answers.

    Settings that cannot be used end with 75 (EX_TEMPFAIL of sysexits.h), so that a mail server
    keeps the mail until somebody has put them right.
    """
    if context.obj is not None:
        return
    try:
        context.obj = create_app()
    except (ValueError, OSError) as error:
        click.echo(f"commsplan cannot start: {type(error).__name__}", err=True)
        sys.exit(os.EX_TEMPFAIL)


@inbox.command()
@click.option("--recipient", help="The envelope's recipient; without it the headers are asked.")
@click.pass_obj
def deliver(app: Flask, recipient: str | None) -> None:
    """Take in one mail from standard input.

    Ends with 0 when it is recorded, 75 when the database is away (come again), 65 when there is
    nothing to take in.
    """
    with app.app_context():
        raw = sys.stdin.buffer.read(limit_bytes() + 1)  # one more shows that it is too large
        while sys.stdin.buffer.read(1024 * 1024):
            pass  # a mail server takes a broken pipe for a failure
        if not raw.strip():
            click.echo("There is no mail on standard input.", err=True)
            sys.exit(os.EX_DATAERR)
        try:
            take_in(raw, recipient, source="command")
        except SQLAlchemyError as error:
            logs.log().warning("inbox.later", why=type(error).__name__)
            sys.exit(os.EX_TEMPFAIL)


@inbox.command()
@click.pass_obj
def poll(app: Flask) -> None:
    """Read the mailbox of INBOX_IMAP_URL now; the timetable does so by itself every minute."""
    with app.app_context():
        click.echo(f"{read_inbox()} taken in.")


@inbox.command()
@click.option("--listen", default="127.0.0.1:2424", help="Where to listen, as HOST:PORT.")
@click.pass_obj
def lmtp(app: Flask, listen: str) -> None:
    """Serve LMTP to a mail server on this machine or network, until SIGINT or SIGTERM."""
    host, _, port = listen.rpartition(":")
    if not port.isdecimal():
        raise click.BadParameter("HOST:PORT is needed, such as 127.0.0.1:2424.")

    async def main() -> None:
        stop = asyncio.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
        await serve(app, host.strip("[]") or "127.0.0.1", int(port), stop)

    asyncio.run(main())
