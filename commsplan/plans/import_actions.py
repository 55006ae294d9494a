"""Bring a planning spreadsheet into a plan: keep the file, correct the reading, import it, undo."""

from __future__ import annotations

import secrets
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select, update

from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import Unreadable
from commsplan.people.models import Person, Team
from commsplan.plans import history
from commsplan.plans.actions import add_activities, create_plan, remove_activities
from commsplan.plans.grid import MAX_ACTIVITIES, Book, Choices
from commsplan.plans.grid_guess import guess, guess_title
from commsplan.plans.grid_rows import propose, weeks_to
from commsplan.plans.import_queries import book_of, choices_of, lines_of, wish_of
from commsplan.plans.import_words import too_many
from commsplan.plans.models import Activity, Plan, PlanImport
from commsplan.plans.rules import PlanWish
from commsplan.plans.spreadsheet import read_book

FOLDER = "plan-imports"
"""Below the data folder; names in it are random, what people call their files stays in the row."""


def bring(plan: Plan, path: Path, file_name: str, by: Person | None) -> PlanImport:
    """Keep a file and the first guess at how to read it; nothing enters the plan yet.

    Raises:
        Unreadable: not a spreadsheet, or more than a plan takes; nothing is kept.
    """
    book = read_book(path, file_name)
    choices = _guess(book, plan.starts_on, plan.zone)
    return _keep(plan, book.name, _store(path), choices.to_json(), by)


def bring_new_plan(
    team: Team, path: Path, file_name: str, by: Person, title: str = ""
) -> PlanImport:
    """Make a draft plan, called as the file says, and bring the file into it."""
    book = read_book(path, file_name)
    zone = by.zone or str(current_app.config["DEFAULT_ZONE"])
    choices = _guess(book, None, zone)
    stored_as = _store(path)
    wish = PlanWish(title=title or guess_title(book, choices) or file_name[:200], zone=zone)
    with transaction():
        plan = create_plan(team, wish, by)
        return _keep(plan, book.name, stored_as, {**choices.to_json(), "new_plan": True}, by)


def import_file(
    plan: Plan,
    path: Path,
    by: Person | None,
    *,
    shift_weeks: int = 0,
    to_start: date | None = None,
) -> PlanImport:
    """Import a file as guessed in one go, for the command line and the demo.

    All dates move by `shift_weeks`, or so that the first falls into the week of `to_start`;
    weekdays and times stay.

    Raises:
        Unreadable: not a spreadsheet, or none of its rows can be used.
    """
    brought = bring(plan, path, path.name, by)
    choices = choices_of(brought)
    starts = [one.starts_local for one in propose(book_of(brought), choices) if one.starts_local]
    if to_start and starts:
        shift_weeks = weeks_to(min(starts).date(), to_start)
    save_choices(brought, replace(choices, shift_weeks=shift_weeks))
    apply_import(brought, by)
    return brought


def save_choices(plan_import: PlanImport, choices: Choices, title: str = "") -> None:
    """Keep how a person wants the file to be read, and what a plan made for it is called."""
    with transaction():
        plan_import.mapping = {**plan_import.mapping, **choices.to_json()}
        if title and plan_import.mapping.get("new_plan"):
            plan_import.plan.title = title


def apply_import(plan_import: PlanImport, by: Person | None) -> int | None:
    """Make the ticked rows activities, all or none; None if somebody did so a moment ago.

    1. Read the file before the transaction begins.
    2. Claim the import: whoever sets `applied_at` does the work, a second click does not.
    3. Add the activities and note each with its fingerprint, so that undoing can tell whether
       somebody has worked on it since.

    Raises:
        Unreadable: nothing is ticked.
    """
    choices, import_id = choices_of(plan_import), plan_import.id
    lines = [
        line for line in lines_of(plan_import.plan, book_of(plan_import), choices) if line.include
    ]
    if not lines:
        raise Unreadable(_("Tick at least one row to import."))
    with transaction() as database:
        claimed = database.scalar(
            update(PlanImport)
            .where(PlanImport.id == import_id, PlanImport.applied_at.is_(None))
            .values(applied_at=now_utc(), activity_count=len(lines))
            .returning(PlanImport.id)
        )
        if claimed is None:
            return None
        database.refresh(plan_import)
        plan = plan_import.plan
        activities = add_activities(plan, [wish_of(line) for line in lines], by)
        made = {str(one.id): history.fingerprint(one) for one in activities}
        plan_import.mapping = {**plan_import.mapping, "made": made}
        _record(plan_import, by, "plan.imported", {"activities": len(lines)})
    return len(lines)


def undo_import(plan_import: PlanImport, by: Person) -> tuple[int, int]:
    """Take off the plan what an import made; what somebody has changed since stays.

    Returns how many went and how many stayed. The import can then be corrected and done again.
    """
    with transaction() as database:
        claimed = database.scalar(
            update(PlanImport)
            .where(PlanImport.id == plan_import.id, PlanImport.applied_at.is_not(None))
            .values(applied_at=None, activity_count=0)
            .returning(PlanImport.id)
        )
        if claimed is None:
            return 0, 0
        database.refresh(plan_import)
        made = plan_import.mapping.get("made", {})
        gone = _untouched({int(key): mark for key, mark in made.items()})  # type: ignore[attr-defined]  # our own JSON
        remove_activities(gone, by)
        plan_import.mapping = {**plan_import.mapping, "made": {}}
        _record(plan_import, by, "plan.import_undone", {"activities": len(gone)})
    return len(gone), len(made) - len(gone)  # type: ignore[arg-type]  # our own JSON


def _untouched(made: dict[int, str]) -> list[Activity]:
    """Lock what an import made and return what is still as it made it."""
    found = db.session.scalars(
        select(Activity)
        .where(Activity.id.in_(made))
        .order_by(Activity.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return [one for one in found if history.fingerprint(one) == made[one.id]]


def _guess(book: Book, starts_on: date | None, zone: str) -> Choices:
    choices = guess(book, (starts_on or now_utc().date()).year, zone)
    count = sum(one.problem is None for one in propose(book, choices))
    if count > MAX_ACTIVITIES:
        raise Unreadable(too_many(count, MAX_ACTIVITIES))
    return choices


def _store(path: Path) -> str:
    """Copy a file into the data folder and return its path there."""
    stored_as = f"{FOLDER}/{secrets.token_hex(16)}"
    target = Path(current_app.config["DATA_DIR"]) / stored_as
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    return stored_as


def _keep(
    plan: Plan, name: str, stored_as: str, mapping: dict[str, object], by: Person | None
) -> PlanImport:
    with transaction() as database:
        brought = PlanImport(
            plan_id=plan.id,
            file_name=name[-255:],
            stored_as=stored_as,
            mapping=mapping,
            by_id=by.id if by else None,
            created_at=now_utc(),
        )
        database.add(brought)
        database.flush()
        _record(brought, by, "plan.import_brought", {"import": brought.id})
    return brought


def _record(
    plan_import: PlanImport, by: Person | None, action: str, after: dict[str, object]
) -> None:
    actor = f"person {by.id}" if by else "command line"
    audit.record(actor, action, f"plan {plan_import.plan_id}", after=after)
