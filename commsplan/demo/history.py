"""What happened before the demo began: messages that went out, and what their readers did.

Everybody's behaviour is drawn from a fixed seed, differently for each department, and written to
the ledger and the receipts as the real thing would have written it. Every figure on the pages is
then counted from these rows; none is written down anywhere.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from commsplan.audiences.models import Audience
from commsplan.audiences.queries import members
from commsplan.delivery.freezing import make_chunks
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.rules import SendState, State
from commsplan.demo.organisation import SEED
from commsplan.foundation.database import db
from commsplan.messages.models import Message
from commsplan.people.models import Person
from commsplan.receipts.models import Confirmation, Event
from commsplan.surveys.models import Answer, Question, Response, Survey

COPIES_PER_SECOND = 400
BATCH = 2_000
OPEN_BEFORE_CONFIRMING = 0.78  # of those who open, how many confirm in the end
EAGERNESS = {
    "Communications": 0.93, "Executive office": 0.85, "Safety": 0.9, "IT and support": 0.82,
    "Human resources": 0.86, "Train crew": 0.58, "Rolling stock": 0.55, "Infrastructure": 0.6,
}  # fmt: skip
"""How likely somebody of a department opens a mail; others 0.72. Crews read on the move."""
COMMENTS = (
    "Who do I call at night when my duty manager is on the train?",
    "Clear. Please tell the contractors too.",
    "I would like to see one example from a workshop.",
    "What happens if I was wrong?",
    "Thank you for saying that nobody is blamed.",
    "The guide should hang in the mess room.",
)


@dataclass(frozen=True)
class Deed:
    """What one reader did, and when."""

    delivery_id: int
    person_id: int
    opened: datetime | None
    by_machine: bool
    clicked: datetime | None
    read: datetime | None
    done: bool


def went_out(message: Message, audience: Audience, at: datetime, now: datetime, by: Person) -> None:
    """Write the ledger, the receipts and the answers of a message that was sent at that time."""
    chance = random.Random(f"{SEED} {message.id}")  # noqa: S311 – invented people, not secrets
    version = message.latest
    send = Send(
        message_id=message.id, version_id=version.id, audience_id=audience.id,
        state=SendState.FINISHED, due_at=at, scheduled_at=at - timedelta(days=1), started_at=at,
        scheduled_by_id=by.id,
    )  # fmt: skip
    db.session.add(send)
    db.session.flush()
    people = db.session.execute(
        select(Person.id, Person.email, Person.department)
        .where(Person.id.in_(members(audience)))
        .order_by(Person.id)
    ).all()
    rows = [
        _copy(
            send,
            person.id,
            person.email,
            at + timedelta(seconds=number / COPIES_PER_SECOND),
            chance,
        )
        for number, person in enumerate(people)
    ]
    _write(Delivery, rows)
    make_chunks(send)
    send.addressed = len(rows)
    send.finished_at = at + timedelta(seconds=len(rows) / COPIES_PER_SECOND)
    message.state = "sent"
    message.created_at = version.at = at - timedelta(days=3)
    departments = {person.id: person.department for person in people}
    deeds = list(_deeds(send, departments, bool(message.action_what), now, chance))
    link = version.links[0].id if version.links else None
    _write(Event, [event for deed in deeds for event in _events(deed, link)])
    _write(Confirmation, [word for deed in deeds for word in _words(deed)])
    survey = db.session.scalar(select(Survey).where(Survey.message_id == message.id))
    if survey:
        _answer(survey, deeds, chance)


def _copy(
    send: Send, person_id: int, address: str, at: datetime, chance: random.Random
) -> dict[str, Any]:
    accepted = chance.random() > 0.003
    return {
        "send_id": send.id,
        "message_id": send.message_id,
        "person_id": person_id,
        "address": address,
        "state": State.ACCEPTED if accepted else State.FAILED,
        "not_before": send.started_at,
        "fence": 1,
        "attempts": 1,
        "note": "" if accepted else "550 5.1.1 This mailbox does not exist",
        "settled_at": at,
        "accepted_at": at if accepted else None,
    }


def _deeds(
    send: Send, departments: Mapping[int, str], asks: bool, now: datetime, chance: random.Random
) -> Iterator[Deed]:
    accepted = db.session.execute(
        select(Delivery.id, Delivery.person_id, Delivery.accepted_at)
        .where(Delivery.send_id == send.id, Delivery.state == State.ACCEPTED)
        .order_by(Delivery.id)
    )
    for delivery_id, person_id, at in accepted:
        by_machine = chance.random() < 0.12
        hours = chance.expovariate(1 / 14)
        eager = EAGERNESS.get(departments[person_id], 0.72)
        opened = _perhaps(at, eager, timedelta(hours=hours), now, chance)
        clicked = _perhaps(opened, 0.45, timedelta(seconds=chance.uniform(8, 240)), now, chance)
        pause = timedelta(seconds=chance.uniform(40, 900))
        read = _perhaps(opened, OPEN_BEFORE_CONFIRMING, pause, now, chance)
        done = bool(asks and read and chance.random() < 0.7)
        yield Deed(delivery_id, person_id, opened, by_machine, clicked, read, done)


def _perhaps(
    after: datetime | None, likely: float, later: timedelta, now: datetime, chance: random.Random
) -> datetime | None:
    """Return when something happens after something else, if it does and has by now."""
    if chance.random() > likely or after is None or after + later >= now:
        return None
    return after + later


def _events(deed: Deed, link: int | None) -> Iterator[dict[str, Any]]:
    base = {"delivery_id": deed.delivery_id, "link_id": None, "rule_version": 1, "rule": ""}
    if deed.by_machine and deed.opened:
        early = deed.opened - timedelta(minutes=1)
        yield base | {"kind": "open", "at": early, "verdict": "machine", "rule": "prefetch"}
    if deed.opened:
        verdict = "human" if deed.clicked or deed.read else "unknown"
        yield base | {"kind": "open", "at": deed.opened, "verdict": verdict}
    if deed.clicked and link:
        yield base | {"kind": "click", "at": deed.clicked, "verdict": "human", "link_id": link}
    if deed.read:
        yield base | {"kind": "page", "at": deed.read - timedelta(seconds=30), "verdict": "human"}


def _words(deed: Deed) -> Iterator[dict[str, Any]]:
    if deed.read:
        yield {"delivery_id": deed.delivery_id, "kind": "read", "at": deed.read, "note": ""}
        if deed.done:
            later = deed.read + timedelta(minutes=3)
            yield {"delivery_id": deed.delivery_id, "kind": "done", "at": later, "note": ""}


def _answer(survey: Survey, deeds: list[Deed], chance: random.Random) -> None:
    readers = [deed for deed in deeds if deed.read and chance.random() < 0.46]
    _write(
        Response,
        [
            {
                "survey_id": survey.id,
                "person_id": deed.person_id,
                "delivery_id": deed.delivery_id,
                "at": deed.read,
                "changed_at": deed.read,
            }
            for deed in readers
        ],
    )
    ids = db.session.scalars(select(Response.id).where(Response.survey_id == survey.id))
    _write(
        Answer,
        [
            {"response_id": response_id, "question_id": question.id, **_said(question, chance)}
            for response_id in ids
            for question in survey.questions
            if question.kind != "text" or chance.random() < 0.12
        ],
    )


def _said(question: Question, chance: random.Random) -> dict[str, Any]:
    said: dict[str, Any] = {"rating": None, "choice_id": None, "text": ""}
    match question.kind:
        case "rating":
            said["rating"] = chance.choices((1, 2, 3, 4, 5), (3, 7, 18, 41, 31))[0]
        case "text":
            said["text"] = chance.choice(COMMENTS)
        case _:
            weights = [6 if choice.right else 1 for choice in question.choices]
            said["choice_id"] = chance.choices(question.choices, weights)[0].id
    return said


def _write(table: type[Any], rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), BATCH):
        db.session.execute(insert(table), rows[start : start + BATCH])
