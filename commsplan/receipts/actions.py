"""Record what came back, and the reader's own word."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import request
from sqlalchemy import Select, delete, select, update
from sqlalchemy.exc import OperationalError

from commsplan.delivery.actions import resolve_doubt
from commsplan.delivery.models import Delivery
from commsplan.delivery.rules import State
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.foundation.logs import log
from commsplan.foundation.tokens import keyed_hash
from commsplan.people.models import Person
from commsplan.receipts.models import Confirmation, Event
from commsplan.receipts.queries import recent_events
from commsplan.receipts.rules import RULE_VERSION, Hit, Judgement, Kind, exposed, judge

TAKE_BACK_WITHIN = timedelta(minutes=10)
"""Long enough for a slip of the finger, too short to rewrite what was said."""
PATIENCE_MS = 1_000
"""A picture waits this long for a busy database; then the event is lost, and logged."""
OPPOSITE = {"done": "cannot", "cannot": "done"}


def notice(delivery: Delivery, kind: Kind, link_id: int | None = None, links: int = 0) -> None:
    """Judge and record one request; a busy database costs the event, never the reader's answer."""
    now = now_utc()
    hit = Hit(
        kind=kind,
        at=now,
        method=request.method,
        agent=request.headers.get("User-Agent", ""),
        source=_source(now),
        link_id=link_id,
        accepted_at=delivery.accepted_at,
        on_the_wire=delivery.state == State.SENDING,
        link_count=links,
    )
    delivery_id = delivery.id
    try:
        with transaction(patience_ms=PATIENCE_MS):
            _record(delivery_id, hit)
    except OperationalError as error:
        log().warning("receipt.lost", kind=kind, reason=type(error.orig).__name__)


def _record(delivery_id: int, hit: Hit) -> None:
    past = recent_events(delivery_id, hit.at)
    verdict = judge(hit, past)
    if same := exposed(hit, verdict, past):
        db.session.execute(
            update(Event)
            .where(Event.id.in_(same))
            .values(verdict=Judgement.MACHINE, rule=verdict.rule, rule_version=RULE_VERSION)
        )
    db.session.add(
        Event(
            delivery_id=delivery_id,
            kind=hit.kind,
            at=hit.at,
            link_id=hit.link_id,
            verdict=verdict.by,
            rule=verdict.rule,
            rule_version=RULE_VERSION,
            source=hit.source,
        )
    )


def _source(now: datetime) -> str:
    """Return where a request came from as a hash that nobody can compare tomorrow."""
    seen = f"{request.remote_addr}\n{request.headers.get('User-Agent', '')}"
    return keyed_hash(f"source {now.date().isoformat()}", seen)


def confirm(delivery: Delivery, kind: str, note: str = "") -> bool:
    """Take the reader's word; saying it again changes nothing.

    "done" and "cannot" replace each other: people who could not yesterday may have done it today.
    Whoever answers has the copy: a doubtful one has arrived.

    Returns:
        Whether this was new.
    """
    with transaction():
        _take_turns(delivery)
        if db.session.scalar(_word(delivery, kind)) is not None:
            return False
        if delivery.state == State.UNCERTAIN:
            resolve_doubt([delivery.id], arrived=True, by=None)
        if kind in OPPOSITE:
            db.session.execute(
                delete(Confirmation).where(
                    Confirmation.delivery_id == delivery.id, Confirmation.kind == OPPOSITE[kind]
                )
            )
        db.session.add(
            Confirmation(delivery_id=delivery.id, kind=kind, at=now_utc(), note=note.strip()[:1000])
        )
    return True


def take_back(delivery: Delivery, kind: str) -> None:
    """Undo a slip of the finger within ten minutes; undoing twice changes nothing.

    Raises:
        NotNow: it was said longer ago.
    """
    with transaction():
        _take_turns(delivery)
        word = db.session.scalar(_word(delivery, kind))
        if word is None:
            return
        if now_utc() - word.at > TAKE_BACK_WITHIN:
            raise NotNow
        db.session.delete(word)


def _word(delivery: Delivery, kind: str) -> Select[Confirmation]:
    return select(Confirmation).where(
        Confirmation.delivery_id == delivery.id, Confirmation.kind == kind
    )


def _take_turns(delivery: Delivery) -> None:
    """Let two requests of one reader follow each other (SQLite has one writer anyway)."""
    db.session.execute(
        select(Person.id).where(Person.id == delivery.person_id).with_for_update(key_share=True)
    )
