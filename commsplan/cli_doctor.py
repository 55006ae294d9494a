"""`commsplan doctor`: what is well and what is wrong with this installation, in plain words."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from flask import Flask
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commsplan.home.doctor import examine, verdict

COLOURS = {"good": "green", "warn": "yellow", "bad": "bold red"}
WORDS = {"good": "good", "warn": "look", "bad": "bad"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Say in plain words what is misconfigured; end with 1 if something is bad."""
    app: Flask = context.obj
    with app.app_context():
        findings = examine()
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        table = Table(box=None, show_header=False, pad_edge=False)
        for one in findings:
            sentence = Text(one.sentence)
            if one.remedy and one.kind != "good":
                sentence.append(f"\n→ {one.remedy}", style=COLOURS[one.kind])
            table.add_row(Text(WORDS[one.kind], style=COLOURS[one.kind]), one.name, sentence)
        Console().print(table)
    if verdict(findings) == "bad":
        context.exit(1)
