"""Reads around an import: the one guard, and what each row would become in this plan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from commsplan.audiences.models import Audience
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.people.models import Person
from commsplan.plans.grid import Book, Choices, Proposal
from commsplan.plans.grid_rows import propose
from commsplan.plans.models import Activity, Plan, PlanImport
from commsplan.plans.queries import plan_for_editor
from commsplan.plans.rules import ActivityWish
from commsplan.plans.spreadsheet import read_book

_ADDRESS = re.compile(r"[^\s<>(),;]+@[^\s<>(),;]+")


@dataclass(frozen=True)
class Line:
    """One row as the page shows it: what it becomes, for whom, by whom, and whether it is taken."""

    proposal: Proposal
    audience: Audience | None
    owner: Person | None
    known: bool
    """The plan has an activity of this title on this day already."""
    include: bool


def import_for_editor(person: Person, import_id: int) -> PlanImport:
    """Return an import into a plan that this person may change, or raise Absent."""
    found = db.session.get(PlanImport, import_id, options=[joinedload(PlanImport.plan)])
    if found is None:
        raise Absent
    plan_for_editor(person, found.plan_id)
    return found


def book_of(plan_import: PlanImport) -> Book:
    """Read the file of an import again."""
    path = Path(current_app.config["DATA_DIR"]) / plan_import.stored_as
    if not path.exists():
        raise Absent
    return read_book(path, plan_import.file_name)


def choices_of(plan_import: PlanImport) -> Choices:
    """Return how the file is to be read."""
    return Choices.from_json(plan_import.mapping)


def lines_of(plan: Plan, book: Book, choices: Choices) -> list[Line]:
    """Return every row with the audience and the owner it names; rows we know are not taken."""
    proposals = propose(book, choices)
    audiences = _audiences(plan, {one.audience_text for one in proposals})
    owners = people_named({one.owner_text for one in proposals})
    known = _known(plan)
    lines = []
    for one in proposals:
        twin = one.starts_local is not None and (
            (one.title.casefold(), one.starts_local.date().isoformat()) in known
        )
        correction = choices.rows.get(one.key)
        wanted = correction.include if correction else None
        include = one.problem is None and (not twin if wanted is None else wanted)
        audience = audiences.get(one.audience_text.casefold())
        lines.append(Line(one, audience, owners.get(one.owner_text), twin, include))
    return lines


def wish_of(line: Line) -> ActivityWish:
    """Return a row without a problem as an activity."""
    row = line.proposal
    if row.starts_local is None:
        raise ValueError("A row without a date is no activity.")
    return ActivityWish(
        kind=row.kind,
        title=row.title,
        starts_local=row.starts_local,
        ends_local=row.ends_local,
        zone=row.zone,
        all_day=row.all_day,
        audience_id=line.audience.id if line.audience else None,
        audience_text="" if line.audience else row.audience_text,
        owner_id=line.owner.id if line.owner else None,
        owner_text="" if line.owner else row.owner_text,
        mechanism=row.mechanism,
        key_message=row.key_message,
        comments=row.comments,
        frequency=row.frequency,
        place=row.place,
        conference=row.conference,
        status=row.status,
    )


def people_named(texts: set[str]) -> dict[str, Person]:
    """Return who is meant by each text: one person here by this e-mail or exactly this name."""
    keys = {text: _key(text) for text in texts if text.strip()}
    if not keys:
        return {}
    wanted = {*keys.values()}
    people = db.session.scalars(
        select(Person).where(
            Person.left_on.is_(None),
            or_(
                Person.email.in_(wanted),
                func.lower(Person.name).in_(wanted),
                Person.name.in_(set(keys)),  # SQLite makes only A to Z small
            ),
        )
    ).all()
    by_email = {person.email: person for person in people}
    by_name: dict[str, list[Person]] = {}
    for person in people:
        by_name.setdefault(person.name.casefold(), []).append(person)
    found = {}
    for text, key in keys.items():
        namesakes = by_name.get(key, [])
        if key in by_email:
            found[text] = by_email[key]
        elif len(namesakes) == 1:
            found[text] = namesakes[0]
    return found


def _key(text: str) -> str:
    address = _ADDRESS.search(text)
    return address[0].lower() if address else " ".join(text.casefold().split())


def owner_words(activities: list[Activity]) -> dict[int, str]:
    """Return how to name each activity's owner so that the name leads back to them."""
    people = {one.owner.id: one.owner for one in activities if one.owner}
    unique = people_named({person.name for person in people.values()})
    names = {
        key: person.name if unique.get(person.name) is person else f"{person.name} <{person.email}>"
        for key, person in people.items()
    }
    return {one.id: names.get(one.owner_id or 0, one.owner_text) for one in activities}


def _audiences(plan: Plan, texts: set[str]) -> dict[str, Audience]:
    if not texts:
        return {}
    mine = db.session.scalars(
        select(Audience).where(Audience.team_id == plan.team_id, Audience.archived_at.is_(None))
    )
    return {audience.name.casefold(): audience for audience in mine}


def _known(plan: Plan) -> set[tuple[str, str]]:
    rows = db.session.execute(
        select(Activity.title, Activity.starts_local).where(
            Activity.plan_id == plan.id, Activity.removed_at.is_(None)
        )
    )
    return {(title.casefold(), start.date().isoformat()) for title, start in rows}
