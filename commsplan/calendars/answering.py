"""What people say to an invitation, by whatever way, and what follows for places."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from flask_babel import gettext as _

from commsplan.calendars.announcing import tell_day, tell_off, tell_whole
from commsplan.calendars.invitation_models import Invitation
from commsplan.calendars.invitation_queries import invitation_for, sessions_of
from commsplan.calendars.invitation_rules import NOTE_LENGTH, Answer, MailKind, Via
from commsplan.calendars.meeting_times import WITHDRAWN, ends_at, found, is_off
from commsplan.calendars.outbox import Wish, put
from commsplan.calendars.seating import leave_place, lock_meeting, next_in_line, take_place
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.plans.models import Activity


def answer(
    invitation: Invitation,
    said: Answer,
    via: Via,
    *,
    day: str = "",
    note: str = "",
    at: datetime | None = None,
    by: str = "",
) -> Invitation:
    """Write down an answer; return the row that holds it.

    Args:
        invitation: to what they were invited.
        said: yes, no or maybe.
        via: by what way.
        day: of which day of a series, where it is about that alone.
        note: what they wrote beside it.
        at: when they said it; now without it.
        by: who wrote it down, as the audit trail names them; empty for themselves.

    Raises:
        NotNow: the meeting is over or cancelled, or they have not chosen a session.
    """
    with transaction() as database:
        lock_meeting(invitation.activity_id)  # before it is read: a second click sees the first
        main = database.get_one(Invitation, invitation.id, populate_existing=True)
        session = main.session
        if session is None and said is not Answer.NO:
            raise NotNow(_("Choose one of the sessions."))
        if session is not None:
            _check(session, day or main.occurrence)
        row = _row_for(main, day)
        _write(row, said, via, note, at)
        if session is not None:
            _place(row, session, said, via)
        who = by or f"person {row.person_id}"
        audit.record(who, f"invitation.{said}", f"invitation {row.id}", after={"via": via.value})
    return row


def choose(invitation: Invitation, session_id: int, via: Via) -> Invitation:
    """Choose one of several sessions, in place of another one if there was one.

    Raises:
        NotNow: there is no such session any more, or it is over.
    """
    with transaction() as database:
        lock_meeting(invitation.activity_id)  # before it is read: a second click sees the first
        row = database.get_one(Invitation, invitation.id, populate_existing=True)
        offered = {one.id: one for one in sessions_of(row.activity)}
        session = offered.get(session_id)
        if session is None:
            raise NotNow(_("This session is not offered any more."))
        _check(session, "")
        for one in sorted({row.activity_id, session_id, row.session_id or session_id}):
            lock_meeting(one)
        if row.session_id != session_id:
            _move_over(row, session)
        _write(row, Answer.YES, via, "", None)
        if take_place(row, session):
            tell_whole(MailKind.SEAT, session, [row])
        audit.record(
            f"person {row.person_id}",
            "invitation.session_chosen",
            f"invitation {row.id}",
            after={"session": session_id, "waiting": row.seated_at is None},
        )
    return row


def let_go(row: Invitation) -> None:
    """Free what a person holds of a meeting, on every day of it, for whoever waits."""
    session = row.session
    mine = [row, *_days_of(row)]
    for one in mine:
        one.answer = Answer.NO if one.answer == Answer.YES else one.answer
        leave_place(one)
    if session is not None and not is_off(session):
        for one in mine:
            move_up(session, one.occurrence)


def move_up(session: Activity, day: str = "") -> int:
    """Give free places to those who wait, and tell them; return how many moved up."""
    lucky = next_in_line(session, day)
    heads = [_told_row(one) for one in lucky]
    if day:
        tell_day(MailKind.SEAT, session, day, heads)
    else:
        tell_whole(MailKind.SEAT, session, heads)
    return len(lucky)


def ask_again(rows: Collection[Invitation]) -> None:
    """Take back what people said to a time that is not the time any more; places are kept."""
    for row in rows:
        if row.waiting_since is None:
            row.answer, row.answered_at = Answer.NONE, None


def _check(activity: Activity, day: str) -> None:
    one = found(activity, day) if day else None
    if is_off(activity) or (day and (one is None or one.cancelled)):
        raise NotNow(_("This does not take place any more."))
    if ends_at(activity, day) <= now_utc():
        raise NotNow(_("This is over."))


def _row_for(main: Invitation, day: str) -> Invitation:
    """Return the row that holds the answer for a day, made if need be.

    Who is invited to one day answers for that day, whatever day they name.
    """
    if main.occurrence or not day:
        return main
    row = invitation_for(main.activity_id, main.person_id, day)
    if row is None:
        row = Invitation(
            activity_id=main.activity_id,
            person_id=main.person_id,
            occurrence=day,
            invited=False,
            session_id=main.session_id,
            answer=Answer.NONE,
            told={},
            created_at=now_utc(),
        )
        db.session.add(row)
        db.session.flush()
    return row


def _write(row: Invitation, said: Answer, via: Via, note: str, at: datetime | None) -> None:
    if said is not Answer.YES:
        row.waiting_since = None  # only who accepts waits
    row.answer, row.answered_via, row.note = said, via, note.strip()[:NOTE_LENGTH]
    row.answered_at = at or now_utc()


def _place(row: Invitation, session: Activity, said: Answer, via: Via) -> None:
    """Let places follow an answer."""
    if said is Answer.YES:
        if not take_place(row, session) and via is Via.MAIL:
            head = _told_row(row)
            wish = Wish(head.id, head.person_id)
            put(MailKind.WAITING, session.id, row.occurrence, [wish])
        return
    leave_place(row)
    move_up(session, row.occurrence)


def _move_over(row: Invitation, session: Activity) -> None:
    """Leave one session for another: it goes out of their calendar, and its place to the next."""
    old = row.session
    if old is not None:
        tell_off(old, "", [row], WITHDRAWN)
        leave_place(row)
        row.session_id = None
        move_up(old)
    row.session_id = session.id
    db.session.flush()


def _days_of(row: Invitation) -> list[Invitation]:
    if row.occurrence:
        return []
    found_rows = db.session.query(Invitation).filter(
        Invitation.activity_id == row.activity_id,
        Invitation.person_id == row.person_id,
        Invitation.occurrence != "",
        Invitation.invited.is_(False),
    )
    return list(found_rows)


def _told_row(row: Invitation) -> Invitation:
    """Return the row that remembers what was mailed: whoever is invited to a whole series gets the
    mails about its days there."""
    if row.invited:
        return row
    return invitation_for(row.activity_id, row.person_id) or row
