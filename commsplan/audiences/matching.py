"""A rule as SQL. Every value is a bound parameter; every comparison is true or false, never null.

Upper and lower case do not matter, in any alphabet: SQLite's own lower() knows ASCII only, so its
connections learn `fold`; PostgreSQL folds with the best collation it has (docs/decisions/0007).
"""

from __future__ import annotations

import sqlite3
from datetime import date
from functools import lru_cache

from flask import current_app
from sqlalchemy import (
    ColumnElement,
    Date,
    Engine,
    Select,
    String,
    Text,
    and_,
    bindparam,
    case,
    cast,
    collate,
    event,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from commsplan.audiences.rules import ATTRIBUTE, Condition, Match, Operator, Rule, fold
from commsplan.foundation.database import db, is_sqlite
from commsplan.people.models import Person

Test = ColumnElement[bool]
Textual = ColumnElement[str] | InstrumentedAttribute[str]

COLLATIONS = ("pg_unicode_fast", "und-x-icu", "pg_c_utf8")
"""PostgreSQL's ways to fold every alphabet, best first: 18 and later, with ICU, 17 and later."""


@event.listens_for(Engine, "connect")
def _teach_folding(connection: object, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.create_function("fold", 1, fold, deterministic=True)


def matches(rule: Rule) -> Test:
    """Return the test that a row of `Person` passes when the rule holds for that person."""
    parts = [matches(part) if isinstance(part, Rule) else _condition(part) for part in rule.parts]
    if rule.match is Match.ALL:
        return and_(true(), *parts)
    if rule.match is Match.ANY:
        return or_(false(), *parts)
    return not_(or_(false(), *parts))


def folded(column: Textual) -> ColumnElement[str]:
    """Return a text as it is compared."""
    if is_sqlite():
        return func.fold(column, type_=String())
    collation = _collation(str(db.engine.url))
    if collation:
        column = collate(column, collation)
    return func.replace(func.lower(column), "ς", "σ", type_=String())


@lru_cache
def _collation(_engine: str) -> str:
    found = set(db.session.scalars(text("select collname from pg_collation")))
    return next((name for name in COLLATIONS if name in found), "")


def _condition(condition: Condition) -> Test:
    if condition.field == "manager":
        return _manager(condition)
    if condition.field == "started_on":
        return _day(condition)
    return _text(_column(condition.field), condition)


def _column(field: str) -> ColumnElement[str]:
    if field.startswith(ATTRIBUTE):
        return attribute(field.removeprefix(ATTRIBUTE))
    column: ColumnElement[str] = getattr(Person, field)
    if field in ("zone", "language"):
        chosen: ColumnElement[str] = getattr(Person, f"chosen_{field}")
        default = str(current_app.config[f"DEFAULT_{field.upper()}"])
        return case((chosen != "", chosen), (column != "", column), else_=literal(default))
    return column


def attribute(name: str) -> ColumnElement[str]:
    """Return a custom attribute by its name; the empty text for who has none.

    On SQLite through json_each: a path such as '$."name"' misses keys that are stored escaped
    (before SQLite 3.45) and would have to be quoted.
    """
    key = bindparam(None, name, String, unique=True)
    if is_sqlite():
        pairs = func.json_each(Person.attributes).table_valued("key", "value")
        found = select(cast(pairs.c.value, Text)).where(pairs.c.key == key).scalar_subquery()
        return func.coalesce(found, "", type_=String())
    return func.coalesce(Person.attributes.op("->>", return_type=Text())(key), "", type_=String())


def _text(column: ColumnElement[str], condition: Condition) -> Test:
    values = [fold(value) for value in condition.values]
    match condition.operator:
        case Operator.IS_EMPTY:
            return func.trim(column) == ""
        case Operator.IS:
            return folded(column) == values[0]
        case Operator.IS_NOT:
            return folded(column) != values[0]
        case Operator.IS_ONE_OF:
            return folded(column).in_(values)
        case Operator.STARTS_WITH:
            return folded(column).startswith(values[0], autoescape=True)
        case Operator.CONTAINS:
            return folded(column).contains(values[0], autoescape=True)
        case _:
            raise ValueError(condition.operator)


def _day(condition: Condition) -> Test:
    known = Person.started_on.is_not(None)
    if condition.operator is Operator.IS_EMPTY:
        return not_(known)
    day = literal(date.fromisoformat(condition.values[0]), Date)
    match condition.operator:
        case Operator.IS:
            return and_(known, Person.started_on == day)
        case Operator.BEFORE:
            return and_(known, Person.started_on < day)
        case Operator.AFTER:
            return and_(known, Person.started_on > day)
        case _:
            raise ValueError(condition.operator)


def _manager(condition: Condition) -> Test:
    if condition.operator is Operator.IS_EMPTY:
        return Person.manager_id.is_(None)
    manager_id = int(condition.values[0])
    if condition.operator is Operator.REPORTS_TO:
        return and_(Person.manager_id.is_not(None), Person.manager_id == manager_id)
    return and_(Person.id.in_(_line(manager_id)), Person.id != manager_id)


def _line(manager_id: int) -> Select[int]:
    """Everybody below a manager; UNION drops whom it has met, so a loop ends."""
    first = aliased(Person)
    line = select(first.id).where(first.manager_id == manager_id).cte(recursive=True)
    below = aliased(Person)
    line = line.union(select(below.id).join(line, below.manager_id == line.c.id))
    return select(line.c.id)
