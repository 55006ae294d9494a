"""Mail that comes in: read, matched with the copy it is about, recorded once, followed.

Which copy a mail is about is told by, in this order: the return path it came to (VERP), the
return path or the Message-ID it gives for the mail it speaks of. Both carry a MAC; one that does
not fit counts for nothing, so that nobody can make a colleague's address look dead.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask import current_app
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError

from commsplan.delivery.bounce_models import Bounce
from commsplan.delivery.bounce_rules import Fate, Kind, fate_of, kind_of, without_addresses
from commsplan.delivery.bouncing import Copy, follow, hash_of, lock_copy, move
from commsplan.delivery.copies import delivery_id_in
from commsplan.delivery.report_mail import Reading
from commsplan.delivery.reports import FIRST, READERS, read
from commsplan.delivery.rules import State
from commsplan.delivery.verp import delivery_id_of
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, is_sqlite, transaction
from commsplan.foundation.logs import log

MEGABYTE = 1024 * 1024
KINDS = {"complaint": Kind.COMPLAINT, "auto-reply": Kind.AUTO_REPLY}
BEFORE = {
    "challenge": "Asks whether a person sent this: ",
    "other": "Not understood: ",
}


@dataclass(frozen=True)
class Arrival:
    """What a mail that came in was, and what it changed."""

    kind: Kind
    delivery_id: int | None
    """Which copy it is about, if that is certain."""
    new: bool
    """False when the same report was taken in before: then nothing changed."""
    moved: State | None = None
    """Where it brought the copy."""


def limit_bytes() -> int:
    """Return how large a mail may be that is read."""
    return int(current_app.config["INBOX_LIMIT_MB"]) * MEGABYTE


def take_in(raw: bytes, recipient: str | None = None, source: str = "command") -> Arrival:
    """Take in one mail. Whatever it holds, it is recorded and raises nothing.

    Args:
        raw: the whole mail, as it came.
        recipient: to which address, from the envelope; without it the headers are asked.
        source: by what way: imap, lmtp, command.

    Raises:
        SQLAlchemyError: the database is away; nothing was recorded, the mail has to come again.
    """
    if len(raw) <= limit_bytes():
        reading = read(raw, [*FIRST, *READERS], recipient)
    else:
        reading = Reading("unreadable", words="Too large.")
    try:
        return _take_in(raw, reading, recipient, source)
    except DataError:  # it says what no column can hold: that must not keep the next mail away
        log().exception("inbox.unreadable", source=source)
        return _take_in(raw, Reading("unreadable", words="Unusable."), recipient, source)


def _take_in(raw: bytes, reading: Reading, recipient: str | None, source: str) -> Arrival:
    about = _copy_meant(reading, recipient)
    digest = _digest(raw, reading, about)
    with transaction():
        copy = lock_copy(about) if about is not None else None
        fate = fate_of(reading.fates, copy.address if copy else "")
        kind = kind_of(fate) if fate else KINDS.get(reading.what, Kind.OTHER)
        new = _record(reading, kind, fate, copy, source=source, digest=digest)
        moved = _act(reading, kind, fate, copy) if new else None
    arrival = Arrival(kind, copy.id if copy else None, new, moved)
    log().info(
        "inbox.taken",
        kind=kind.value,
        delivery=arrival.delivery_id,
        new=new,
        moved=moved.value if moved else None,
        source=source,
    )
    return arrival


def _act(reading: Reading, kind: Kind, fate: Fate | None, copy: Copy | None) -> State | None:
    if reading.effect is not None:
        reading.effect(copy.id if copy else None)
    if copy is None:
        return None
    moved = None if copy.state is State.SENDING else move(copy, fate)
    follow(copy, kind, fate, now_utc())
    return moved


def _copy_meant(reading: Reading, recipient: str | None) -> int | None:
    """Return the copy that a mail is about, by the first proof that holds."""
    for address in (recipient or "", *reading.recipients):
        found = delivery_id_of(address)
        if found is not None:
            return found
    for message_id in reading.mentions:
        found = delivery_id_in(message_id)
        if found is not None:
            return found
    return None


def _digest(raw: bytes, reading: Reading, about: int | None) -> str:
    """Return what a report is recognised by: its Message-ID and what it says, else its content.

    What it says is part of it, so that somebody who writes under a report's Message-ID first
    cannot keep the report itself out.
    """
    fates = [
        (fate.action, fate.status, fate.words, sorted(fate.addresses)) for fate in reading.fates
    ]
    said = repr((reading.own_id, about, reading.what, fates))
    known = said.encode("utf-8", "replace") if reading.own_id else raw
    return hashlib.sha256(known).hexdigest()


def _record(
    reading: Reading, kind: Kind, fate: Fate | None, copy: Copy | None, *, source: str, digest: str
) -> bool:
    """Write down what came in; return False when it was written down before."""
    words = without_addresses(fate.words if fate else BEFORE.get(reading.what, "") + reading.words)
    dialect = sqlite if is_sqlite() else postgresql
    new = db.session.scalar(
        dialect.insert(Bounce)
        .values(
            at=now_utc(),
            kind=kind,
            action=fate.action if fate else "",
            delivery_id=copy.id if copy else None,
            person_id=copy.person_id if copy else None,
            address_hash=hash_of(copy.address) if copy else "",
            status=fate.status if fate else "",
            words=words,
            source=source,
            early=fate is not None and copy is not None and copy.state is State.SENDING,
            digest=digest,
        )
        .on_conflict_do_nothing(index_elements=["digest"])
        .returning(Bounce.id)
    )
    return new is not None
