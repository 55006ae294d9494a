"""Figures about an audience: how it is made up, who for example, whom two audiences share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, func, select

from commsplan.audiences.matching import attribute, folded
from commsplan.audiences.models import Audience
from commsplan.audiences.queries import members
from commsplan.audiences.rules import ATTRIBUTE, fold
from commsplan.audiences.words import say_value
from commsplan.foundation.database import db, is_sqlite
from commsplan.people.models import Person

SAMPLE = 20
BARS = 12
SUGGESTIONS = 100
SPREAD = 7919  # a prime: multiplying by it shuffles ids the same way every time


@dataclass(frozen=True)
class Bar:
    """One row of a breakdown."""

    label: str
    value: int


def sample(test: ColumnElement[bool], size: int = SAMPLE) -> list[Person]:
    """Return some people who pass, spread over the directory, the same ones every time."""
    shuffled = (Person.id * SPREAD) % 100_003
    found = db.session.scalars(select(Person).where(test).order_by(shuffled, Person.id).limit(size))
    return sorted(found, key=lambda person: (fold(person.name), person.id))


def breakdown(test: ColumnElement[bool], field: str, nothing: str, rest: str) -> list[Bar]:
    """Count the people who pass by a field, most first; what is many and small becomes `rest`."""
    column: ColumnElement[str] = getattr(Person, field)
    size = func.count()
    rows = db.session.execute(
        select(column, size).where(test).group_by(column).order_by(size.desc(), column)
    ).all()
    bars = [Bar(say_value(field, value) if value else nothing, n) for value, n in rows[:BARS]]
    if others := sum(n for _value, n in rows[BARS:]):
        bars.append(Bar(rest, others))
    return bars


def attribute_names() -> list[str]:
    """Return the custom attributes that somebody in the directory has."""
    keys = func.json_each if is_sqlite() else func.jsonb_each
    pairs = keys(Person.attributes).table_valued("key", "value", joins_implicitly=True)
    names = select(func.distinct(pairs.c.key, type_=String())).select_from(Person, pairs)
    return sorted(db.session.scalars(names.where(Person.left_on.is_(None))), key=fold)


def suggestions(field: str, typed: str = "") -> list[str]:
    """Return values that people in the directory have, most frequent first."""
    if field == "started_on":
        return []
    if field == "manager":
        return _managers(typed)
    if field.startswith(ATTRIBUTE):
        column = attribute(field.removeprefix(ATTRIBUTE))
    else:
        column = getattr(Person, field)
    value = column.label("value")
    wanted = select(value).where(Person.left_on.is_(None), column != "")
    if typed:
        wanted = wanted.where(folded(column).contains(fold(typed), autoescape=True))
    wanted = wanted.group_by(value).order_by(func.count().desc(), value).limit(SUGGESTIONS)
    found = list(db.session.scalars(wanted))
    return [say_value(field, one) for one in found] if field in ("country", "language") else found


def _managers(typed: str) -> list[str]:
    heads = select(Person.manager_id).where(Person.manager_id.is_not(None))
    wanted = select(Person.name, Person.email).where(Person.id.in_(heads))
    if typed:
        wanted = wanted.where(folded(Person.name).contains(fold(typed), autoescape=True))
    rows = db.session.execute(wanted.order_by(Person.name, Person.id).limit(SUGGESTIONS))
    return [f"{name} <{email}>" for name, email in rows]


@dataclass(frozen=True)
class Overlap:
    """How many people each two of several audiences share."""

    audiences: list[Audience]
    shared: list[list[int]]
    """shared[row][column]; on the diagonal the size of the audience itself."""

    def share(self, row: int, column: int) -> float:
        """Return which part of the row's audience is in the column's too, 0..1."""
        return self.shared[row][column] / (self.shared[row][row] or 1)


def overlap(audiences: Sequence[Audience]) -> Overlap:
    """Compare audiences with each other.

    Each is fetched once and kept as one long integer with a bit per person, so that any number of
    pairs costs next to nothing.
    """
    sets = [_bits(audience) for audience in audiences]
    shared = [[(one & other).bit_count() for other in sets] for one in sets]
    return Overlap(list(audiences), shared)


def _bits(audience: Audience) -> int:
    ids = db.session.scalars(members(audience)).all()
    row = bytearray(max(ids, default=0) // 8 + 1)
    for one in ids:
        row[one >> 3] |= 1 << (one & 7)
    return int.from_bytes(row, "little")
