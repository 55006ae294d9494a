"""The copies of a send person by person: as a page, and as a file that may have a million lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row, select
from sqlalchemy.orm import contains_eager

from commsplan.delivery.copies import message_id
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.progress import STATE_WORDS, say
from commsplan.delivery.queries import counts
from commsplan.delivery.ranges import ids_with, parts_of, ranges_with
from commsplan.delivery.rules import MISSED, State
from commsplan.delivery.tallies import of_chunk
from commsplan.foundation.database import db
from commsplan.foundation.sheets import neutralise
from commsplan.people.models import Person

PER_PAGE = 100
BY_NAME = 2000  # copies that are sorted by name; more stand in the order in which they go out
BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheets know UTF-8
CHOICES: dict[str, tuple[State, ...]] = {
    "missed": tuple(sorted(MISSED)),
    "all": tuple(State),
    **{state.value: (state,) for state in State},
}


@dataclass(frozen=True)
class CopyPage:
    """Some copies of a send."""

    rows: Sequence[Delivery]
    total: int
    page: int
    pages: int
    """By name: which page of how many. Of a long list there is one, and …"""
    next_after: int | None
    """… the id behind which the next ones stand."""


def copy_page(send: Send, states: Collection[State], page: int, after: int) -> CopyPage:
    """Return a page of copies in some states: by name, or of a long list those behind an id."""
    numbers = counts(send)
    total = sum(numbers[state] for state in states)
    if total <= BY_NAME:
        ids = ids_with(send.id, states, BY_NAME)
        rows = db.session.scalars(
            _with_people(ids)
            .order_by(Person.name, Delivery.id)
            .limit(PER_PAGE)
            .offset((page - 1) * PER_PAGE)
        ).all()
        return CopyPage(rows, total, page, -(-total // PER_PAGE), None)
    ids = ids_with(send.id, states, PER_PAGE, after)
    rows = db.session.scalars(_with_people(ids).order_by(Delivery.id)).all()
    return CopyPage(rows, total, 1, 1, ids[-1] if len(ids) == PER_PAGE else None)


def some_copies(send: Send, state: State, most: int) -> Sequence[Delivery]:
    """Return some copies of a send in a state, by the person's name."""
    ids = ids_with(send.id, [state], most)
    return db.session.scalars(_with_people(ids).order_by(Person.name, Delivery.id)).all()


def _with_people(ids: Collection[int]):  # type: ignore[no-untyped-def]  # a Select, typed by its table
    return (
        select(Delivery)
        .join(Delivery.person)
        .where(Delivery.id.in_(ids))
        .options(contains_eager(Delivery.person))
    )


def table_lines(send: Send, states: Collection[State]) -> Iterator[str]:
    """Write copies as lines of a table file; whatever their number, few are in memory at once."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_headings())
    state_words = {state.value: str(word) for state, word in STATE_WORDS.items()}
    for first, last in parts_of(ranges_with(send.id, states)):
        for row in db.session.execute(_rows(send.id, first, last, states)):
            writer.writerow([neutralise(value) for value in _values(row, state_words)])
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def _headings() -> list[str]:
    return [
        _("Name"),
        _("E-mail"),
        _("Department"),
        _("Where it stands"),
        _("Why"),
        _("Since"),
        _("Mail server"),
        _("Times on the wire"),
        _("Message-ID"),
    ]


def _rows(send_id: int, first: int, last: int, states: Collection[State]):  # type: ignore[no-untyped-def]  # a Select, typed by its columns
    return (
        select(
            Person.name,
            Delivery.address,
            Person.department,
            Delivery.state,
            Delivery.note,
            Delivery.settled_at,
            Delivery.relay,
            Delivery.attempts,
            Delivery.id,
        )
        .join(Person, Person.id == Delivery.person_id)
        .where(of_chunk(send_id, first, last), Delivery.state.in_(states))
        .order_by(Delivery.id)
    )


def _values(row: Row[Any], state_words: Mapping[str, str]) -> list[str]:
    name, address, department, state, note, settled_at, relay, attempts, delivery_id = tuple(row)
    return [
        name,
        address,
        department,
        state_words[state],
        say(note),
        settled_at.isoformat() if settled_at else "",
        relay,
        str(attempts),
        f"<{message_id(delivery_id)}>",
    ]
