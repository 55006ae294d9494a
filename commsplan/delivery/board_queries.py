"""The notice board: what concerns somebody, and whose secret feed address it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from commsplan.audiences.models import Audience
from commsplan.audiences.queries import contains
from commsplan.delivery.models import Send
from commsplan.delivery.outlet_models import BoardFeed, Outlet, Posting
from commsplan.delivery.posting_text import Words, words_of
from commsplan.delivery.rules import SendKind, State
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.foundation.tokens import read_signed
from commsplan.messages.models import Message
from commsplan.people.models import Person

KEPT = timedelta(days=365)
SHOWN = 100
FEED_PURPOSE = "board"


@dataclass(frozen=True)
class Notice:
    """A message on the board, as everybody it concerns reads it."""

    id: int
    words: Words
    plan: str
    colour: str
    at: datetime
    kind: SendKind
    action_what: str
    action_due_on: date | None
    action_otherwise: str
    is_recalled: bool
    """Whether a later notice takes it back."""


def notices_for(person: Person) -> list[Notice]:
    """Return the notices of the past year for audiences somebody belongs to today, newest first."""
    mine = [one.id for one in _audiences() if contains(one, person.id)]
    found = db.session.scalars(
        _posted().where(Send.audience_id.in_(mine)).order_by(*_NEWEST_FIRST).limit(SHOWN)
    )
    return list(_notices(found))


def notice_for(person: Person, notice_id: int) -> Notice:
    """Return one notice that concerns somebody.

    Raises:
        Absent: there is none, it is not on the board, or it is for others.
    """
    found = db.session.scalar(_posted().where(Posting.id == notice_id))
    if found is None or not contains(found.send.audience, person.id):
        raise Absent
    later = _posted().where(Posting.message_id == found.message_id, Posting.id > found.id)
    recalls = db.session.scalars(later.where(Send.kind == SendKind.RECALL)).all()
    return list(_notices([*recalls, found]))[-1]


def board_feed_of(person: Person) -> BoardFeed | None:
    """Return somebody's feed of the board, switched off or not."""
    return db.session.get(BoardFeed, person.id)


def board_feed_behind(token: str) -> BoardFeed:
    """Return the feed of a secret address.

    Raises:
        Absent: forged, replaced, switched off, or its owner has left; all look alike.
    """
    person_id, generation = read_signed(FEED_PURPOSE, token)
    feed = db.session.get(BoardFeed, person_id, options=[joinedload(BoardFeed.person)])
    if feed is None or feed.generation != generation or feed.revoked_at is not None:
        raise Absent
    if feed.person.left_on is not None and feed.person.left_on < now_utc().date():
        raise Absent
    return feed


_NEWEST_FIRST = (Posting.accepted_at.desc(), Posting.id.desc())


def _posted() -> Select[Posting]:
    return (
        select(Posting)
        .join(Posting.outlet)
        .join(Posting.send)
        .where(
            Outlet.kind == "board",
            Posting.state == State.ACCEPTED,
            Posting.accepted_at > now_utc() - KEPT,
        )
        .options(
            joinedload(Posting.send).joinedload(Send.version),
            joinedload(Posting.send).joinedload(Send.audience),
            joinedload(Posting.message).joinedload(Message.plan),
        )
    )


def _audiences() -> list[Audience]:
    """Return the audiences that anything on the board was for."""
    wanted = _posted().with_only_columns(Send.audience_id)
    return list(db.session.scalars(select(Audience).where(Audience.id.in_(wanted))))


def _notices(found: Iterator[Posting] | list[Posting]) -> Iterator[Notice]:
    """Read postings, the newest first, so that a recall is met before what it takes back."""
    recalled: set[int] = set()
    for posting in found:
        version, plan = posting.send.version, posting.message.plan
        yield Notice(
            id=posting.id,
            words=words_of(version, posting.message),
            plan=plan.title,
            colour=plan.colour,
            at=posting.accepted_at or posting.not_before,
            kind=SendKind(posting.send.kind),
            action_what=version.action_what,
            action_due_on=version.action_due_on,
            action_otherwise=version.action_otherwise,
            is_recalled=posting.message_id in recalled,
        )
        if posting.send.kind == SendKind.RECALL:
            recalled.add(posting.message_id)
