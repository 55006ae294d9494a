"""`commsplan dkim …`: the keys that sign mails."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask

from commsplan.foundation.dkim_keys import (
    SELECTOR,
    make_key_file,
    read_key,
    signing_domain,
    signing_keys,
    zone_line,
)
from commsplan.foundation.errors import Unreadable


@click.group()
def dkim() -> None:
    """Keys that sign mails, so that mailbox providers know they are yours."""


@dkim.command()
@click.argument("selector")
@click.option("--kind", type=click.Choice(["rsa", "ed25519"]), default="rsa", show_default=True)
@click.option("--file", "path", type=click.Path(path_type=Path), help="Where the key is kept.")
@click.pass_obj
def key(app: Flask, selector: str, kind: str, path: Path | None) -> None:
    """Make a key and say what belongs into the DNS and into DKIM_KEYS."""
    if not SELECTOR.fullmatch(selector):
        raise click.BadParameter(
            "letters, digits, hyphens and dots, at most 63", param_hint="SELECTOR"
        )
    path = (path or Path(app.config["DATA_DIR"]) / "dkim" / f"{selector}.pem").resolve()
    entry = f"{selector}:{path}"
    if any(char.isspace() for char in str(path)):
        raise click.ClickException(f"{path} holds a blank, which DKIM_KEYS cannot name.")
    try:
        make_key_file(path, kind)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}.") from error
    with app.app_context():
        made = read_key(signing_domain(), entry)
    click.echo(f"Put this into the DNS:\n\n{zone_line(made)}\n")
    click.echo(f"Once it can be looked up, add this to DKIM_KEYS and start anew:\n\n{entry}")


@dkim.command()
@click.pass_obj
def records(app: Flask) -> None:
    """Print what has to stand in the DNS for the keys in DKIM_KEYS."""
    with app.app_context():
        try:
            keys = signing_keys()
        except Unreadable as error:
            raise click.ClickException(str(error)) from error
    for one in keys:
        click.echo(zone_line(one))
    if not keys:
        click.echo("DKIM_KEYS names no key: mails are not signed.")
