"""What a team does with invitations: invite, take back, remind, send the newest version."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from commsplan.calendars.announcing import is_told, tell_day, tell_off, tell_whole
from commsplan.calendars.answering import let_go
from commsplan.calendars.invitation_models import Invitation, Meeting
from commsplan.calendars.invitation_queries import (
    coming_to,
    count_silent,
    everybody_invited,
    has_not_answered,
    sessions_of,
)
from commsplan.calendars.invitation_rules import REMIND_AGAIN_AFTER, Answer, MailKind
from commsplan.calendars.meeting_times import WITHDRAWN, ends_at, found, is_off
from commsplan.calendars.outbox import Wish, put
from commsplan.calendars.seating import lock_meeting
from commsplan.foundation import audit
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.people.models import Person
from commsplan.plans.models import Activity

AT_ONCE = 500  # ids in one statement


def invite(activity: Activity, people: Collection[int], by: Person | None, day: str = "") -> int:
    """Invite people to a meeting, or to one day of a series; return how many were not invited yet.

    Raises:
        NotNow: the meeting is cancelled or over, or has nothing on that day.
    """
    with transaction() as database:
        fresh = database.get_one(Activity, activity.id, populate_existing=True)
        _check(fresh, day)
        _begin(fresh, by)
        new = _invited_anew(fresh, people, day)
        several = len(sessions_of(fresh)) > 1
        if several:
            wishes = [Wish(one.id, one.person_id) for one in new]
            put(MailKind.CHOICE, fresh.id, "", wishes)
        elif day:
            tell_day(MailKind.INVITATION, fresh, day, new)
        else:
            tell_whole(MailKind.INVITATION, fresh, new)
        _record(by, "invitation.sent", fresh, people=len(new), day=day)
    return len(new)


def _check(activity: Activity, day: str) -> None:
    one = found(activity, day) if day else None
    if is_off(activity) or (day and (one is None or one.cancelled)):
        raise NotNow(_("This does not take place, so there is nothing to invite to."))
    if ends_at(activity, day) <= now_utc():
        raise NotNow(_("This is over, so there is nothing to invite to."))


def _begin(activity: Activity, by: Person | None) -> None:
    if lock_meeting(activity.id) is None:
        db.session.add(
            Meeting(
                activity_id=activity.id,
                by_id=by.id if by else None,
                created_at=now_utc(),
                seen_sequence=activity.sequence,
            )
        )
        db.session.flush()


def _invited_anew(activity: Activity, people: Collection[int], day: str) -> list[Invitation]:
    """Return the rows of those who were not invited, made or taken up again."""
    wanted, known = sorted(set(people)), dict[int, Invitation]()
    for start in range(0, len(wanted), AT_ONCE):
        rows = db.session.scalars(
            select(Invitation).where(
                Invitation.activity_id == activity.id,
                Invitation.occurrence == day,
                Invitation.person_id.in_(wanted[start : start + AT_ONCE]),
            )
        )
        known |= {row.person_id: row for row in rows}
    session_id = activity.id if len(sessions_of(activity)) == 1 else None
    new = [
        _row(activity, one, day, known.get(one), session_id)
        for one in wanted
        if _is_new(known.get(one))
    ]
    db.session.add_all(new)
    db.session.flush()
    return new


def _is_new(row: Invitation | None) -> bool:
    return row is None or row.withdrawn_at is not None or not row.invited


def _row(
    activity: Activity, person_id: int, day: str, known: Invitation | None, session_id: int | None
) -> Invitation:
    row = known or Invitation(
        activity_id=activity.id, person_id=person_id, occurrence=day, created_at=now_utc(), told={}
    )
    row.invited, row.withdrawn_at, row.session_id = True, None, session_id
    row.answer, row.answered_at, row.answered_via, row.note = Answer.NONE, None, "", ""
    return row


def withdraw(invitation: Invitation, by: Person | None) -> None:
    """Take an invitation back: the place is free, and the meeting leaves their calendar."""
    with transaction() as database:
        lock_meeting(invitation.activity_id)  # before it is read: places are given out in turn
        row = database.get_one(Invitation, invitation.id, populate_existing=True)
        if row.withdrawn_at is not None:
            return
        session = row.session
        if session is not None:
            tell_off(session, row.occurrence, [row], WITHDRAWN)
        let_go(row)
        row.withdrawn_at = now_utc()
        _record(by, "invitation.withdrawn", row.activity, person=row.person_id, day=row.occurrence)


def remind(activity: Activity, by: Person | None) -> int:
    """Remind those who have not answered; return how many. Nobody hears of it twice on one day."""
    with transaction():
        lock_meeting(activity.id)
        earlier = now_utc() - REMIND_AGAIN_AFTER
        silent = [
            row
            for row in db.session.scalars(has_not_answered(activity)).all()
            if row.reminded_at is None or row.reminded_at < earlier
        ]
        for row in silent:
            row.reminded_at = now_utc()
        told = [row for row in silent if row.session is not None]
        tell_whole(MailKind.REMINDER, activity, [row for row in told if not row.occurrence])
        for day in sorted({row.occurrence for row in told} - {""}):
            that_day = [row for row in told if row.occurrence == day]
            tell_day(MailKind.REMINDER, activity, day, that_day)
        choosing = [Wish(row.id, row.person_id) for row in silent if row.session is None]
        put(MailKind.REMINDER, activity.id, "", choosing)
        _record(by, "invitation.reminded", activity, people=len(silent))
    return len(silent)


def may_be_reminded(activity: Activity) -> int:
    """Return how many a reminder would go to."""
    return count_silent(activity, now_utc() - REMIND_AGAIN_AFTER)


def send_newest(activity: Activity, by: Person | None) -> int:
    """Send everybody the newest version, though nothing changed that goes out by itself."""
    with transaction() as database:
        lock_meeting(activity.id)
        fresh = database.get_one(Activity, activity.id, populate_existing=True)
        if is_off(fresh):
            raise NotNow(_("This does not take place, so there is nothing to invite to."))
        rows = [row for row in database.scalars(coming_to(fresh)) if is_told(row, fresh.id)]
        tell_whole(MailKind.UPDATE, fresh, [row for row in rows if not row.occurrence])
        _record(by, "invitation.newest", fresh, people=len(rows))
    return len(rows)


def who_is_invited(activity: Activity) -> Sequence[Invitation]:
    """Return everybody who is invited in any way, by name."""
    return db.session.scalars(everybody_invited(activity)).all()


def _record(by: Person | None, action: str, activity: Activity, **after: object) -> None:
    who = f"person {by.id}" if by else "timetable"
    audit.record(who, action, f"activity {activity.id}", after=after)
