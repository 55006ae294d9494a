"""The outbox of invitations: rows written with what they tell of, claimed one after another.

A row is written in the transaction of the change it tells of, and is `sending` in a committed
transaction before anything of it is on the wire. A repeat has the same Message-ID, UID, SEQUENCE
and DTSTAMP, so that a calendar that has it already changes nothing (RFC 5546 §2.1.5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, literal, select, update

from commsplan.calendars.invitation_models import InvitationMail
from commsplan.calendars.invitation_rules import (
    NOTE_LENGTH,
    SAYS_WHAT_IT_IS,
    MailKind,
    MailState,
)
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.people.models import Person

LEASE = timedelta(minutes=15)
"""Longer than a mail server may think over one mail: ten minutes behind the final dot (RFC 5321
§4.5.3.2.6), and the steps before."""
OVERTAKEN = (
    MailState.PLANNED,
    MailState.UNCERTAIN,
    MailState.FAILED,
    MailState.BOUNCED,
)
"""States in which a mail is of no more use once there is a newer one about the same event."""
AGAIN = (MailState.UNCERTAIN, MailState.FAILED, MailState.BOUNCED)
"""States out of which the team may send a mail once more."""
AT_ONCE = 500  # ids in one statement
QUIET = {"synchronize_session": False}


@dataclass(frozen=True)
class Wish:
    """One mail that shall go out."""

    invitation_id: int
    person_id: int
    sequence: int = 0
    words: str = ""


@dataclass(frozen=True)
class Claim:
    """One mail that is this worker's until its lease ends."""

    mail_id: int
    fence: int
    attempts: int


def put(kind: MailKind, activity_id: int, day: str, wishes: Sequence[Wish]) -> list[int]:
    """Write mails about one event into the outbox; return whose invitations have nothing to hear.

    A newer word about an event takes the place of an older one that still waits. Somebody whose
    invitation has not left yet is then simply invited to what it is now; or, where it is called
    off, hears nothing at all.
    """
    waiting = _take_back(kind, activity_id, day, wishes)
    now, unheard = now_utc(), []
    for wish in wishes:
        own, first = kind, wish.invitation_id in waiting
        if first and kind is MailKind.CANCELLATION:
            unheard.append(wish.invitation_id)
            continue
        if first and kind is MailKind.UPDATE and not day:
            own = MailKind.INVITATION
        db.session.add(
            InvitationMail(
                invitation_id=wish.invitation_id,
                person_id=wish.person_id,
                activity_id=activity_id,
                occurrence=day,
                kind=own,
                sequence=wish.sequence,
                words=wish.words[:NOTE_LENGTH],
                due_at=now,
                created_at=now,
            )
        )
    db.session.flush()
    return unheard


def _take_back(
    kind: MailKind, activity_id: int, day: str, wishes: Sequence[Wish]
) -> frozenset[int]:
    """Cancel what is overtaken; return whose invitation certainly never arrived."""
    if kind not in SAYS_WHAT_IT_IS:
        return frozenset()
    unheard: set[int] = set()
    for ids in _portions([wish.invitation_id for wish in wishes]):
        about = [
            InvitationMail.invitation_id.in_(ids),
            InvitationMail.activity_id == activity_id,
            InvitationMail.kind.in_(SAYS_WHAT_IT_IS),
            InvitationMail.state.in_(OVERTAKEN),
        ]
        if day:
            about.append(InvitationMail.occurrence == day)
        old = db.session.scalars(select(InvitationMail).where(*about).with_for_update()).all()
        for mail in old:
            if mail.kind == MailKind.INVITATION and _never_arrived(mail):
                unheard.add(mail.invitation_id)
            mail.state, mail.settled_at = MailState.CANCELLED, now_utc()
    return frozenset(unheard)


def _never_arrived(mail: InvitationMail) -> bool:
    untried = mail.state == MailState.PLANNED and mail.attempts == 0
    return untried or mail.state in (MailState.FAILED, MailState.BOUNCED)


def _portions(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def is_anything_due() -> bool:
    """Tell whether a mail could go out now."""
    return bool(db.session.scalar(select(literal(1)).where(exists().where(*_due()))))


def _due() -> tuple[ColumnElement[bool], ...]:
    return InvitationMail.state == MailState.PLANNED, InvitationMail.due_at <= now_utc()


def claim(worker: str, most: int) -> list[Claim]:
    """Take mails that are due, and commit that they go on the wire now."""
    ready = (
        select(InvitationMail.id)
        .where(*_due())
        .order_by(InvitationMail.due_at, InvitationMail.id)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("ready")  # evaluated once
    )
    with transaction() as database:
        rows = database.execute(
            update(InvitationMail)
            .where(
                InvitationMail.id.in_(select(ready.c.id)),
                InvitationMail.state == MailState.PLANNED,
            )
            .values(
                state=MailState.SENDING,
                fence=InvitationMail.fence + 1,
                attempts=InvitationMail.attempts + 1,
                leased_by=worker[:80],
                lease_until=now_utc() + LEASE,
            )
            .returning(InvitationMail.id, InvitationMail.fence, InvitationMail.attempts)
            .execution_options(**QUIET)
        ).all()
    return sorted((Claim(*row) for row in rows), key=lambda one: one.mail_id)


def settle(
    mail_id: int,
    fence: int,
    state: MailState,
    *,
    note: str = "",
    relay: str = "",
    due_at: datetime | None = None,
    tried: bool = True,
) -> bool:
    """Write down what became of a mail, if its fence still holds; return whether it did.

    Args:
        due_at: when it is tried again, for one that is planned once more.
        tried: whether it counts as an attempt.
    """
    now = now_utc()
    values: dict[str, object] = {
        "state": state,
        "note": note[:NOTE_LENGTH],
        "relay": relay[:80],
        "leased_by": "",
        "lease_until": None,
        "settled_at": None if state is MailState.PLANNED else now,
        "due_at": due_at or now,
    }
    if not tried:
        values["attempts"] = InvitationMail.attempts - 1
    with transaction() as database:
        kept = database.scalar(
            update(InvitationMail)
            .where(
                InvitationMail.id == mail_id,
                InvitationMail.fence == fence,
                InvitationMail.state == MailState.SENDING,
            )
            .values(**values)
            .returning(InvitationMail.id)
            .execution_options(**QUIET)
        )
    return kept is not None


def on_the_wire() -> list[InvitationMail]:
    """Return the mails that some worker has."""
    return list(
        db.session.scalars(select(InvitationMail).where(InvitationMail.state == MailState.SENDING))
    )


def resolve(activity_ids: Collection[int], again: bool, by: Person | None) -> int:
    """Send a meeting's mails that went wrong once more, or take the doubtful ones as arrived.

    Raises:
        NotNow: there is none any more.
    """
    state = MailState.PLANNED if again else MailState.ACCEPTED
    with transaction() as database:
        rows = database.execute(
            update(InvitationMail)
            .where(
                InvitationMail.activity_id.in_(activity_ids),
                InvitationMail.state.in_(AGAIN if again else (MailState.UNCERTAIN,)),
            )
            .values(state=state, due_at=now_utc(), settled_at=None if again else now_utc())
            .returning(InvitationMail.id)
            .execution_options(**QUIET)
        ).all()
        if not rows:
            raise NotNow
        who = f"person {by.id}" if by else "command line"
        after: dict[str, object] = {"mails": len(rows), "again": again}
        audit.record(who, "invitation.doubt_resolved", f"activity {min(activity_ids)}", after=after)
    return len(rows)
