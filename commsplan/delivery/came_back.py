"""What came back for a send, counted; and complaints, which a lead has to hear of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from commsplan.delivery.bounce_models import Bounce
from commsplan.delivery.bounce_rules import Kind
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.rules import State
from commsplan.delivery.tallies import standings
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.messages.models import Message
from commsplan.people.models import Person
from commsplan.plans.queries import plans_for

RECENT = timedelta(days=30)
COMPLAINTS_SHOWN = 20
DOMAINS_SHOWN = 10
REASONS_SHOWN = 20


@dataclass(frozen=True)
class CameBack:
    """What came back for one send."""

    copies: int
    reasons: Sequence[tuple[Kind, str, int]]
    """Kind, status code and how many, the most first."""
    domains: Sequence[tuple[str, int]]
    """Domain ("" for many small ones) and how many, the most first."""
    complaints: int
    answers: int
    """Automatic answers."""


def came_back(send: Send) -> CameBack | None:
    """Return what came back for a send; None when nothing did."""
    kinds = Counter[Kind]()
    reasons = []
    for kind, status, number in _reports(send.id):
        kinds[Kind(kind)] += number
        if kind in (Kind.HARD, Kind.SOFT):
            reasons.append((Kind(kind), status, number))
    domains = Counter[str]()
    for one in standings(send.id) if reasons else ():
        if one.state is State.BOUNCED:
            domains[one.domain] += one.copies
    found = CameBack(
        copies=domains.total(),
        reasons=reasons[:REASONS_SHOWN],
        domains=domains.most_common(DOMAINS_SHOWN),
        complaints=kinds[Kind.COMPLAINT],
        answers=kinds[Kind.AUTO_REPLY],
    )
    return found if found.copies or found.complaints or found.answers else None


def _reports(send_id: int) -> Sequence[tuple[str, str, int]]:
    """Count the reports of a send; its chunks say among which ids its copies are."""
    first, last = db.session.execute(
        select(func.min(Chunk.first_id), func.max(Chunk.last_id)).where(Chunk.send_id == send_id)
    ).one()
    if first is None:
        return []
    rows = db.session.execute(
        select(Bounce.kind, Bounce.status, func.count())
        .join(Delivery, Delivery.id == Bounce.delivery_id)
        .where(Bounce.delivery_id.between(first, last), Delivery.send_id == send_id)
        .group_by(Bounce.kind, Bounce.status)
        .order_by(func.count().desc(), Bounce.kind, Bounce.status)
    )
    return [(kind, status, number) for kind, status, number in rows]


def complaints_for(reader: Person, within: timedelta = RECENT) -> Sequence[Bounce]:
    """Return the newest complaints about messages of plans that somebody may see."""
    plans = [plan.id for plan in plans_for(reader)]
    return db.session.scalars(
        select(Bounce)
        .join(Bounce.delivery)
        .join(Message, Message.id == Delivery.message_id)
        .where(
            Bounce.kind == Kind.COMPLAINT,
            Bounce.at > now_utc() - within,
            Message.plan_id.in_(plans),
        )
        .options(
            contains_eager(Bounce.delivery).joinedload(Delivery.message).joinedload(Message.plan),
            joinedload(Bounce.person),
        )
        .order_by(Bounce.id.desc())
        .limit(COMPLAINTS_SHOWN)
    ).all()
