"""Mail about an invitation: held against what is known, taken or not, and written down either way.

Called inside the transaction that records the mail, so that taking it in twice changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from commsplan.calendars.announcing import sequence_told
from commsplan.calendars.answering import answer
from commsplan.calendars.ics import clean
from commsplan.calendars.invitation_mail import organiser_person
from commsplan.calendars.invitation_models import Invitation, InvitationMail, InvitationReply
from commsplan.calendars.invitation_queries import JOINED, WITH_ALL, invitation_for
from commsplan.calendars.invitation_rules import (
    GIVEN,
    NOTE_LENGTH,
    MailKind,
    MailState,
    Standing,
    Verdict,
    Via,
    judge,
    stamp_of,
)
from commsplan.calendars.meeting_times import ends_at, found, is_off
from commsplan.calendars.outbox import Wish, put
from commsplan.calendars.replies import Said, Unreadable, read_reply
from commsplan.calendars.reply_address import is_signed
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.dates import RECIPIENTS_ZONE, show_wall
from commsplan.people.models import Person
from commsplan.people.queries import zone_of
from commsplan.people.rules import normalise_email
from commsplan.plans.models import Activity

ANSWERS = {one.upper(): one for one in GIVEN}
"""PARTSTAT → what was said; DELEGATED and whatever is not in it says nothing to us."""


@dataclass(frozen=True)
class Sender:
    """Who a mail claims to be from, and to whose address it came."""

    address: str
    """The From header's, lower case."""
    invitation_id: int | None
    """Whose invitation the address it came to belongs to; None where that proves nothing."""


@dataclass(frozen=True)
class Known:
    """What a reply says, for the record."""

    answer: str = ""
    sequence: int | None = None


def take_reply(raw: bytes, sender: Sender) -> Verdict:
    """Take in the calendar of a mail; return what became of its first event."""
    with transaction():
        try:
            said = read_reply(raw)
        except Unreadable as error:
            return _record(Verdict.UNREADABLE, sender.invitation_id, words=str(error))
        verdicts = [_take(one, sender) for one in said]
        return verdicts[0]


def take_words(invitation_id: int, words: str) -> Verdict:
    """Keep what a person wrote instead of answering with the calendar: for the team to read."""
    return _record(Verdict.WORDS, invitation_id, words=words)


def take_automatic(invitation_id: int, words: str) -> Verdict:
    """Note that a mailbox answered by itself: that is no answer of its owner."""
    return _record(Verdict.AWAY, invitation_id, words=words)


def take_bounce(invitation_id: int, words: str) -> Verdict:
    """Note that a mail came back: the last one that a mail server took did not arrive."""
    with transaction() as database:
        last = database.scalars(
            select(InvitationMail)
            .where(
                InvitationMail.invitation_id == invitation_id,
                InvitationMail.state.in_((MailState.ACCEPTED, MailState.UNCERTAIN)),
            )
            .order_by(InvitationMail.settled_at.desc(), InvitationMail.id.desc())
            .limit(1)
            .with_for_update()
        ).first()
        if last is not None:
            last.state, last.note = MailState.BOUNCED, words[:NOTE_LENGTH]
    return _record(Verdict.BOUNCED, invitation_id, words=words)


def _take(said: Said, sender: Sender) -> Verdict:
    """Hold one event of a reply against what is known.

    1. It is a kind of answer at all.
    2. It is about an event of ours, and came to the address of one of its invitations.
    3. The rules of `judge` hold.
    """
    partstat = said.answer_of(sender.address) or next(iter(said.partstats), "")
    known = Known(ANSWERS.get(partstat, ""), said.sequence)
    if said.method not in ("REPLY", "COUNTER"):
        words = f"METHOD:{said.method}"
        return _record(Verdict.NO_ANSWER, sender.invitation_id, words=words, known=known)
    activity = db.session.scalar(select(Activity).where(Activity.uid == said.uid))
    if activity is None:
        return _record(Verdict.UNKNOWN, sender.invitation_id, known=known)
    row = _invitation(activity, said, sender)
    if row is None:
        verdict = Verdict.UNPROVEN if is_signed() else Verdict.STRANGER
        return _record(verdict, None, activity, known=known)
    day = _day(activity, said, row)
    if day is None:
        return _record(Verdict.UNKNOWN, row.id, activity, words="No such day.", known=known)
    return _judged(said, sender, activity, row, day)


def _judged(said: Said, sender: Sender, activity: Activity, row: Invitation, day: str) -> Verdict:
    now, theirs = now_utc(), row.person.email.lower()
    stamp = stamp_of(said.stamp, now)
    verdict = judge(
        _standing(activity, row, day),
        said.sequence,
        stamp,
        sender_fits=sender.address == theirs and said.answer_of(theirs) is not None,
        now=now,
    )
    given = ANSWERS.get(said.answer_of(theirs) or "")
    words = said.comment
    if verdict is Verdict.TAKEN and said.method == "COUNTER":
        verdict, words = Verdict.COUNTER, _decline(said, activity, row, day)
    elif verdict is Verdict.TAKEN and (given is None or said.this_and_future):
        verdict = Verdict.NO_ANSWER
    elif verdict is Verdict.TAKEN and given is not None:
        answer(row, given, Via.MAIL, day=day, note=said.comment, at=stamp)
    return _record(
        verdict,
        row.id,
        activity,
        day=day,
        words=words,
        known=Known(given or "", said.sequence),
    )


def _invitation(activity: Activity, said: Said, sender: Sender) -> Invitation | None:
    """Return the invitation that a reply is about: by the address it came to, else by its words.

    Without addresses of their own in the settings there is no better proof than UID and sender.
    """
    if sender.invitation_id is not None:
        row = db.session.get(Invitation, sender.invitation_id, options=WITH_ALL)
        return row if row is not None and activity.id in _events_of(row) else None
    if is_signed():
        return None
    return db.session.scalars(
        select(Invitation)
        .join(Invitation.person)
        .where(
            Invitation.session_id == activity.id,
            Invitation.invited,
            Person.email == normalise_email(sender.address),
        )
        .order_by(Invitation.occurrence)
        .options(*JOINED)
        .limit(1)
    ).first()


def _events_of(row: Invitation) -> set[int]:
    """Return the activities of which an invitation may have spoken."""
    told = {int(key.partition("/")[0]) for key in row.told}
    return {row.activity_id, *told, *([row.session_id] if row.session_id else [])}


def _standing(activity: Activity, row: Invitation, day: str) -> Standing:
    own = invitation_for(row.activity_id, row.person_id, day) if day else row
    gone = row.session_id != activity.id or row.person.left_on is not None or is_off(activity)
    one = found(activity, day) if day else None
    return Standing(
        sequence=sequence_told(row.told, activity.id, day),
        stamp=own.answered_at if own else None,
        withdrawn=row.withdrawn_at is not None or gone or bool(one and one.cancelled),
        ends_at=ends_at(activity, day),
    )


def _day(activity: Activity, said: Said, row: Invitation) -> str | None:
    """Return the day of a series that a reply is about; None for one that there is not."""
    about = said.recurrence_id
    if about is None or not activity.recurrence:
        return row.occurrence
    zone = zone_of(row.person) if activity.zone == RECIPIENTS_ZONE else activity.zone
    if isinstance(about, datetime) and about.tzinfo is not None:
        about = about.astimezone(ZoneInfo(zone))
    day = f"{about:%Y%m%d}"
    return day if found(activity, day, zone) is not None else None


def _decline(said: Said, activity: Activity, row: Invitation, day: str) -> str:
    """Decline a proposal politely, and pass it on to the organiser; return it in words."""
    words = f"{_proposed(said, row)} {said.comment}".strip()
    sequence = sequence_told(row.told, activity.id, day)
    wish = Wish(row.id, row.person_id, sequence, words)
    put(MailKind.COUNTER, activity.id, day, [wish])
    organiser = organiser_person(activity)
    if organiser is not None:
        put(MailKind.NOTE, activity.id, day, [Wish(row.id, organiser.id, sequence, words)])
    return words


def _proposed(said: Said, row: Invitation) -> str:
    starts = said.starts
    if not isinstance(starts, datetime):
        return starts.isoformat() if isinstance(starts, date) else ""
    if starts.tzinfo is None:
        return show_wall(starts)
    zone = zone_of(row.person)
    return f"{show_wall(starts.astimezone(ZoneInfo(zone)).replace(tzinfo=None))} ({zone})"


def _record(
    verdict: Verdict,
    invitation_id: int | None,
    activity: Activity | None = None,
    *,
    day: str = "",
    words: str = "",
    known: Known = Known(),
) -> Verdict:
    row = db.session.get(Invitation, invitation_id) if invitation_id else None
    with transaction() as database:
        database.add(
            InvitationReply(
                at=now_utc(),
                invitation_id=row.id if row else None,
                activity_id=activity.id if activity else (row.activity_id if row else None),
                verdict=verdict,
                answer=known.answer,
                occurrence=day,
                sequence=known.sequence,
                words=clean(words)[:NOTE_LENGTH],
            )
        )
        database.flush()
    return verdict
