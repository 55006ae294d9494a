"""Phase two of a staff list: everything in one transaction, in sets, or nothing at all."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, insert, literal, select, update
from sqlalchemy.orm import aliased

from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import Moment, db, is_sqlite, transaction
from commsplan.foundation.logs import log
from commsplan.people.import_columns import given_fields
from commsplan.people.import_matching import (
    PLAIN_FIELDS,
    compare,
    count,
    leaving,
    match,
    merged_attributes,
)
from commsplan.people.imports import actor_of, claim, forget_rows, ring_for, stored
from commsplan.people.models import Person, StaffImport, StaffImportRow

Row = StaffImportRow
CHOSEN = ("chosen_zone", "chosen_language")
"""What people set for themselves; no list touches it."""


def apply(import_id: int) -> bool:
    """Do what was agreed to; False when it is not ours to do.

    1. Claim it; whoever comes second waits for the row and finds it done.
    2. Compare again. If the directory changed meanwhile, so that something else would happen than
       what was agreed to, nothing happens: the list is checked and shown again.
    3. Change who is known, add who is new, connect managers, mark who is missing as left.
    """
    if claim(import_id, "", "applying") is None:
        return False
    with transaction() as database:
        brought = database.scalar(
            select(StaffImport)
            .where(StaffImport.id == import_id, StaffImport.state == "applying")
            .with_for_update()
        )
        if brought is None:
            return False
        if _still_as_agreed(brought):
            _write(brought)
            done = True
        else:
            brought.state, brought.beat_at, done = "waiting", None, False
            brought.why = _("The directory changed in the meantime; the list was checked again.")
    if done:
        stored(brought).unlink(missing_ok=True)
        log().info("staff_list.applied", staff_list=import_id, **brought.counts)
    else:
        ring_for(brought)
    return done


def _still_as_agreed(brought: StaffImport) -> bool:
    match(brought.id)
    compare(brought.id, _given(brought))
    return count(brought.id) == brought.counts


def _given(brought: StaffImport) -> frozenset[str]:
    return given_fields(column["field"] for column in brought.columns)


def _write(brought: StaffImport) -> None:
    _mark_as_left(brought.id)
    _change_known(brought.id, _given(brought))
    _add_new(brought.id)
    if "manager_email" in _given(brought):
        _connect_managers(brought.id)
    forget_rows(brought.id)
    brought.state, brought.open_slot, brought.finished_at = "done", None, now_utc()
    audit.record(
        actor_of(brought), "staff_list.imported", f"staff list {brought.id}",
        after=dict(brought.counts),
    )  # fmt: skip


def _mark_as_left(import_id: int) -> None:
    today = now_utc().astimezone(ZoneInfo(current_app.config["DEFAULT_ZONE"])).date()
    _set(Person.id.in_(leaving(import_id)), left_on=today, updated_at=now_utc())


def _change_known(import_id: int, given: frozenset[str]) -> None:
    values: dict[str, object] = {
        field: getattr(Row, field) for field in PLAIN_FIELDS if field in given
    }
    if "attributes" in given:
        values["attributes"] = merged_attributes()
    _set(
        and_(
            Row.import_id == import_id,
            Row.outcome.in_(("changed", "returning")),
            Row.problem == "",
            Row.person_id == Person.id,
        ),
        **values,
        email=Row.email,
        external_id=func.coalesce(Row.external_id, Person.external_id),
        left_on=None,
        updated_at=now_utc(),
    )


def _add_new(import_id: int) -> None:
    """Add who is new, each with an id given beforehand, so that managers are there at once."""
    columns = ("email", "external_id", *PLAIN_FIELDS)
    fresh = (
        select(
            _next_ids(import_id).label("id"),
            *(getattr(Row, column) for column in columns),
            _attributes_of_new().label("attributes"),
            Row.manager_email,
        )
        .where(Row.import_id == import_id, Row.outcome == "new", Row.problem == "")
        .cte("fresh")
        .prefix_with("NOT MATERIALIZED", dialect="sqlite")
    )
    boss, known = aliased(fresh), aliased(Person)
    new = (
        select(
            fresh.c.id,
            *(fresh.c[column] for column in columns),
            fresh.c.attributes,
            func.coalesce(boss.c.id, known.id),
            literal(now_utc(), Moment),
            *(literal("") for _column in CHOSEN),
        )
        .outerjoin(boss, boss.c.email == fresh.c.manager_email)
        .outerjoin(known, known.email == fresh.c.manager_email)
    )
    names = ["id", *columns, "attributes", "manager_id", "updated_at", *CHOSEN]
    db.session.execute(insert(Person).from_select(names, new, include_defaults=False))


def _next_ids(import_id: int) -> ColumnElement[int]:
    """An id for each row's person that nobody has.

    SQLite has no sequence and needs none, because nobody else writes now: its ids go on behind the
    last person's. That is plain arithmetic, so that it can look a manager's row up by index.
    """
    if not is_sqlite():
        return func.nextval(func.pg_get_serial_sequence("person", "id"))
    last = db.session.scalar(select(func.max(Person.id))) or 0
    first = db.session.scalar(select(func.min(Row.id)).where(Row.import_id == import_id)) or 1
    return Row.id + (last - first + 1)


def _attributes_of_new() -> ColumnElement[Any]:
    if is_sqlite():
        return func.json_patch("{}", Row.attributes)
    return func.jsonb_strip_nulls(Row.attributes)


def _connect_managers(import_id: int) -> None:
    """Connect who was known before and changed; their managers may be new."""
    boss = aliased(Person)
    whom = select(boss.id).where(boss.email == Row.manager_email).correlate(Row).scalar_subquery()
    _set(
        and_(
            Row.import_id == import_id,
            Row.outcome.in_(("changed", "returning")),
            Row.problem == "",
            Row.person_id == Person.id,
        ),
        manager_id=whom,
    )


def _set(which: ColumnElement[bool], **values: object) -> None:
    db.session.execute(
        update(Person).where(which).values(**values).execution_options(synchronize_session=False)
    )
