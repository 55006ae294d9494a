"""`commsplan people import …`: a staff list from the command line.

Exit codes: 0 imported, 1 refused or called off (nothing was written), 2 the file is unusable.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path
from typing import cast

import click
from flask import Flask
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from commsplan.foundation.database import db
from commsplan.foundation.errors import NotNow
from commsplan.people.directory import names_leaving
from commsplan.people.import_applying import apply
from commsplan.people.import_checking import check_claimed
from commsplan.people.imports import (
    Claim,
    agree,
    call_off,
    leaves_too_many,
    problem_file,
    receive,
    staff_import,
)
from commsplan.people.models import StaffImport

REFUSED, UNUSABLE = 1, 2
LABELS = {
    "rows": "rows read",
    "new": "new people",
    "changed": "changed",
    "returning": "coming back",
    "same": "as before",
    "leaving": "will be marked as left",
    "bad": "rows that cannot be imported",
    "remarks": "people imported without a value that cannot be used",
}


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@click.option(
    "--confirm-leaving", is_flag=True, help="Accept that unusually many are marked as left."
)
@click.pass_obj
def import_staff_list(app: Flask, file: Path, yes: bool, confirm_leaving: bool) -> None:
    """Import a staff list (CSV or .xlsx): shows what it would change, asks, writes all at once."""
    console = Console(soft_wrap=True)
    with app.app_context():
        brought = _bring(file, console)
        try:
            _agree(brought, console, yes, confirm_leaving)
        except (click.Abort, KeyboardInterrupt):
            call_off(staff_import(brought.id), by=None)
            raise
        _apply(brought.id)
        console.print("Done: the directory is up to date.")


def _bring(file: Path, console: Console) -> StaffImport:
    with file.open("rb") as source:
        try:
            brought = receive(source, file.name, by=None, start=True)
        except NotNow as error:
            raise click.ClickException(str(error)) from error
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn(),
        TextColumn("{task.fields[rows]:,} rows"), console=console,
    )  # fmt: skip
    try:
        with bar:
            task = bar.add_task("Checking", total=max(brought.bytes_total, 1), rows=0)
            mine = Claim(brought.id, cast(datetime, brought.beat_at))
            check_claimed(mine, lambda done, rows: bar.update(task, completed=done, rows=rows))
    except KeyboardInterrupt:
        call_off(staff_import(brought.id), by=None)
        raise
    brought = staff_import(brought.id)
    if brought.state == "refused":
        click.echo(brought.why, err=True)
        sys.exit(UNUSABLE)
    if brought.state != "ready":
        raise click.ClickException("The list was called off in the meantime.")
    return brought


def _agree(brought: StaffImport, console: Console, yes: bool, confirm_leaving: bool) -> None:
    _show(brought, console)
    counts = brought.counts
    if leaves_too_many(counts) and not confirm_leaving:
        click.echo(
            f"{counts['leaving']:,} of {counts['staff']:,} people would be marked as left. Check "
            "that the list is complete, then run this again with --confirm-leaving. "
            "Nothing was imported.",
            err=True,
        )
        call_off(brought, by=None)
        sys.exit(REFUSED)
    going = f" and mark {counts['leaving']:,} as left" if counts["leaving"] else ""
    people = counts["rows"] - counts["bad"]
    if not yes:
        click.confirm(f"Import {people:,} people{going}?", abort=True)
    agree(brought, confirm_leaving, by=None)


def _show(brought: StaffImport, console: Console) -> None:
    table = Table(box=None, show_header=False)
    table.add_column(justify="right")
    for key, label in LABELS.items():
        table.add_row(f"{brought.counts.get(key, 0):,}", label)
    console.print(table)
    if names := names_leaving(brought.id):
        more = brought.counts["leaving"] - len(names)
        tail = f" and {more:,} more" if more else ""
        console.print(f"Would be marked as left: {', '.join(names)}{tail}", markup=False)
    if brought.counts["bad"] or brought.counts["remarks"]:
        console.print(f"Lines and reasons: {problem_file(brought)}", markup=False)


def _apply(import_id: int) -> None:
    """Apply the list here, or wait for the worker that was quicker."""
    apply(import_id)
    while staff_import(import_id).state == "applying":
        time.sleep(1)
        db.session.rollback()
    if staff_import(import_id).state != "done":
        call_off(staff_import(import_id), by=None)
        raise click.ClickException(
            "The directory changed in the meantime. Nothing was imported; run this again."
        )
