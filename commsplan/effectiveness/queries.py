"""Counting people: one statement for a page, whatever the size of the send.

Each copy, event, confirmation and response becomes a row of marks; the marks of one person are
put together by the highest, and people are added up by department and country.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import joinedload, selectinload

from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.rules import ARRIVED, OPEN
from commsplan.effectiveness.rules import COUNT_NAMES, Counts
from commsplan.foundation.database import db
from commsplan.messages.models import Message, Version
from commsplan.people.models import Person
from commsplan.plans.models import Plan
from commsplan.receipts.models import Confirmation, Event
from commsplan.receipts.rules import Judgement, Kind
from commsplan.surveys.models import Response, Survey

AnySelect = Select[*tuple[Any, ...]]
Cells = dict[tuple[str, str], Counts]
MARKS = ("arrival", "opening", "clicking", "word", "questions", "action")
"""What is known of one person, as levels, so that the highest of several copies counts.

arrival: 1 on its way, 2 taken by the mail server · opening and clicking: 1 perhaps, 2 surely a
person · word: 1 read, 2 cannot, 3 done · questions: 1 asked, 2 answered · action: 1 asked for one.
"""


def cells_of_message(message: Message) -> Cells:
    """Count a message's people by department and country."""
    return _cells(select(Message.id).where(Message.id == message.id))


def cells_of_plan(plan: Plan) -> Cells:
    """Count a plan's people by department and country; each once, whatever they were sent."""
    return _cells(select(Message.id).where(Message.plan_id == plan.id))


def counts_by_message(plan: Plan) -> dict[int, Counts]:
    """Count the people of each message of a plan."""
    marks = _marks(select(Message.id).where(Message.plan_id == plan.id))
    people = _people(marks, marks.c.message_id)
    rows = db.session.execute(
        select(people.c.message_id, *_sums(people)).group_by(people.c.message_id)
    )
    return {row[0]: Counts(*row[1:]) for row in rows}


def counts_by_plan(plans: Sequence[Plan]) -> dict[int, Counts]:
    """Count the people of each of these plans."""
    marks = _marks(select(Message.id).where(Message.plan_id.in_([plan.id for plan in plans])))
    joined = select(marks, Message.plan_id).join(Message, Message.id == marks.c.message_id)
    within = joined.subquery()
    people = _people(within, within.c.plan_id)
    rows = db.session.execute(select(people.c.plan_id, *_sums(people)).group_by(people.c.plan_id))
    return {row[0]: Counts(*row[1:]) for row in rows}


def count_sent_messages(plans: Sequence[Plan]) -> dict[int, int]:
    """Count the messages of each plan that have begun to go out."""
    rows = db.session.execute(
        select(Message.plan_id, func.count(Send.message_id.distinct()))
        .join(Send, Send.message_id == Message.id)
        .where(Message.plan_id.in_([plan.id for plan in plans]), Send.started_at.is_not(None))
        .group_by(Message.plan_id)
    )
    return dict(rows.all())


def sent_messages_of(plan: Plan) -> list[Message]:
    """Return a plan's messages that have begun to go out, the newest first, with their texts."""
    begun = select(Send.message_id).where(Send.started_at.is_not(None))
    return list(
        db.session.scalars(
            select(Message)
            .where(Message.plan_id == plan.id, Message.id.in_(begun))
            .options(selectinload(Message.versions))
            .order_by(Message.id.desc())
        )
    )


def cannot_of(message: Message, limit: int = 200) -> list[Confirmation]:
    """Return who said that they cannot, with their reasons, the latest first."""
    return list(
        db.session.scalars(
            select(Confirmation)
            .join(Delivery, Delivery.id == Confirmation.delivery_id)
            .where(Delivery.message_id == message.id, Confirmation.kind == "cannot")
            .options(joinedload(Confirmation.delivery).joinedload(Delivery.person))
            .order_by(Confirmation.at.desc())
            .limit(limit)
        )
    )


def verdicts_of(message: Message) -> list[tuple[str, str, str, int]]:
    """Return how many events of a message each rule judged: kind, verdict, rule, count."""
    rows = db.session.execute(
        select(Event.kind, Event.verdict, Event.rule, func.count())
        .join(Delivery, Delivery.id == Event.delivery_id)
        .where(Delivery.message_id == message.id)
        .group_by(Event.kind, Event.verdict, Event.rule)
        .order_by(Event.kind, func.count().desc())
    )
    return [(kind, verdict, rule, count) for kind, verdict, rule, count in rows]


def _cells(scope: Select[int]) -> Cells:
    marks = _marks(scope)
    people = _people(marks)
    rows = db.session.execute(
        select(Person.department, Person.country, *_sums(people))
        .join(Person, Person.id == people.c.person_id)
        .group_by(Person.department, Person.country)
    )
    return {(row[0], row[1]): Counts(*row[2:]) for row in rows}


def _people(marks: Subquery, *within: ColumnElement[int]) -> Subquery:
    """Put the marks of each person together, within a message or a plan if one is given."""
    highest = [func.max(marks.c[name]).label(name) for name in MARKS]
    return (
        select(marks.c.person_id, *within, *highest).group_by(*within, marks.c.person_id).subquery()
    )


def _sums(people: Subquery) -> list[ColumnElement[int]]:
    """Add people up, one sum for each field of Counts.

    Whoever clicked, answered or said something has opened it; whoever opened it was reached.
    """
    mark = people.c
    has_replied = or_(mark.word > 0, mark.questions == 2)
    has_opened = or_(mark.opening == 2, has_replied)
    is_reached = or_(mark.arrival == 2, has_opened)
    parts: dict[str, ColumnElement[bool]] = {
        "addressed": true(),
        "waiting": and_(mark.arrival == 1, not_(is_reached)),
        "accepted": is_reached,
        "opened": has_opened,
        "maybe_opened": and_(is_reached, or_(mark.opening > 0, has_opened)),
        "clicked": mark.clicking == 2,
        "maybe_clicked": and_(is_reached, mark.clicking > 0),
        "read": mark.word > 0,
        "surveyed": and_(mark.questions > 0, is_reached),
        "answered": mark.questions == 2,
        "asked": mark.action > 0,
        "acted": and_(mark.action > 0, mark.word == 3),
        "cannot": and_(mark.action > 0, mark.word == 2),
    }
    return [func.coalesce(func.sum(_level((parts[name], 1))), 0) for name in COUNT_NAMES]


def _level(*levels: tuple[ColumnElement[bool], int]) -> ColumnElement[int]:
    """Return the level of the first condition that holds, or 0."""
    return case(*levels, else_=0)


def _marks(scope: Select[int]) -> Subquery:
    """Return a row of marks for each copy and for each thing that came back from one."""
    parts = (_of_copies, _of_events, _of_confirmations, _of_responses)
    return union_all(*(part(scope) for part in parts)).subquery()


def _row(**marks: ColumnElement[int]) -> AnySelect:
    """Select one row of marks; those that are not named are 0."""
    nothing = literal(0, Integer)
    return select(
        Delivery.message_id.label("message_id"),
        Delivery.person_id.label("person_id"),
        *(marks.get(name, nothing).label(name) for name in MARKS),
    )


def _of_copies(scope: Select[int]) -> AnySelect:
    return (
        _row(
            arrival=_level((Delivery.state.in_(ARRIVED), 2), (Delivery.state.in_(OPEN), 1)),
            questions=_level((Delivery.message_id.in_(select(Survey.message_id)), 1)),
            action=_level((Version.action_what != "", 1)),
        )
        .join(Send, Send.id == Delivery.send_id)
        .join(Version, Version.id == Send.version_id)
        .where(Delivery.message_id.in_(scope))
    )


def _of_events(scope: Select[int]) -> AnySelect:
    human, click = Event.verdict == Judgement.HUMAN, Event.kind == Kind.CLICK
    return (
        _row(
            opening=_level((human, 2), (true(), 1)),
            clicking=_level((and_(human, click), 2), (click, 1)),
        )
        .join(Event, Event.delivery_id == Delivery.id)
        .where(Delivery.message_id.in_(scope), Event.verdict != Judgement.MACHINE)
    )


def _of_confirmations(scope: Select[int]) -> AnySelect:
    return (
        _row(
            word=_level(
                (Confirmation.kind == "done", 3), (Confirmation.kind == "cannot", 2), (true(), 1)
            )
        )
        .join(Confirmation, Confirmation.delivery_id == Delivery.id)
        .where(Delivery.message_id.in_(scope))
    )


def _of_responses(scope: Select[int]) -> AnySelect:
    return (
        _row(questions=literal(2, Integer))
        .join(Response, Response.delivery_id == Delivery.id)
        .where(Delivery.message_id.in_(scope))
    )
