"""Who is invited to what, and what they said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from commsplan.audiences.queries import members
from commsplan.calendars.invitation_models import Invitation, InvitationMail, Meeting
from commsplan.calendars.invitation_rules import GIVEN, WRONG, Answer, MailState
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.foundation.tokens import read_signed
from commsplan.people.models import Person
from commsplan.plans.models import Activity

EVENTS = (
    joinedload(Invitation.activity).joinedload(Activity.plan),
    joinedload(Invitation.session),
)
WITH_ALL = (joinedload(Invitation.person), *EVENTS)
JOINED = (contains_eager(Invitation.person), *EVENTS)
"""The same for statements that join the person anyway."""


def invitation_behind(token: str) -> Invitation:
    """Return the invitation of a personal address.

    Raises:
        Absent: forged, unknown, taken back, or its person no longer works here; all look alike.
    """
    invitation_id, _extra = read_signed("invitation", token)
    found = db.session.get(Invitation, invitation_id, options=WITH_ALL)
    if found is None or found.withdrawn_at is not None or found.person.left_on is not None:
        raise Absent
    return found


def sessions_of(activity: Activity) -> list[Activity]:
    """Return the sessions of a meeting, itself first among equals, in order of time.

    A meeting without further sessions is its only one. Removed ones are left out.
    """
    more = select(Meeting.activity_id).where(Meeting.head_id == activity.id)
    found = db.session.scalars(
        select(Activity)
        .where(or_(Activity.id == activity.id, Activity.id.in_(more)))
        .order_by(Activity.starts_at, Activity.id)
    ).all()
    return [one for one in found if one.removed_at is None or one.id == activity.id]


def head_of(activity: Activity) -> Activity:
    """Return the meeting to which people were invited: of a further session its first."""
    meeting = db.session.get(Meeting, activity.id)
    if meeting is None or meeting.head_id is None:
        return activity
    return db.session.get_one(Activity, meeting.head_id)


def meeting_of(activity: Activity) -> Meeting | None:
    """Return the row of an activity to which people are or were invited."""
    return db.session.get(Meeting, activity.id)


def invited(activity: Activity, day: str = "") -> Select[Invitation]:
    """Select whom a meeting invites, by name: those who still work here.

    Args:
        day: with a day of a series, those who are invited to that day alone join.
    """
    return (
        select(Invitation)
        .join(Invitation.person)
        .where(*_is_invited(activity, day))
        .options(*JOINED)
        .order_by(Person.name, Person.id)
    )


def _is_invited(activity: Activity, day: str = "") -> tuple[ColumnElement[bool], ...]:
    days = ("",) if not day else ("", day)
    return (
        Invitation.activity_id == activity.id,
        Invitation.invited.is_(True),
        Invitation.occurrence.in_(days),
        Invitation.withdrawn_at.is_(None),
        Person.left_on.is_(None),
    )


def count_silent(activity: Activity, reminded_before: datetime) -> int:
    """Count whom a meeting still waits for and who was not reminded lately."""
    waits = or_(Invitation.reminded_at.is_(None), Invitation.reminded_at < reminded_before)
    return (
        db.session.scalar(
            select(func.count(Invitation.id))
            .join(Invitation.person)
            .where(*_is_invited(activity), Invitation.answer == Answer.NONE, waits)
        )
        or 0
    )


def everybody_invited(activity: Activity) -> Select[Invitation]:
    """Select whom a meeting invites in any way: to the whole or to some day of it."""
    return (
        select(Invitation)
        .join(Invitation.person)
        .where(
            Invitation.activity_id == activity.id,
            Invitation.invited,
            Invitation.withdrawn_at.is_(None),
            Person.left_on.is_(None),
        )
        .options(*JOINED)
        .order_by(Person.name, Person.id, Invitation.occurrence)
    )


def coming_to(activity: Activity) -> Select[Invitation]:
    """Select whose calendar may hold an activity: invited to it, or in it as their session."""
    return (
        select(Invitation)
        .join(Invitation.person)
        .where(
            Invitation.session_id == activity.id,
            Invitation.invited,
            Invitation.withdrawn_at.is_(None),
            Person.left_on.is_(None),
        )
        .options(*JOINED)
        .order_by(Invitation.id)
    )


def own_answers(activity: Activity, day: str) -> dict[int, Invitation]:
    """Return what people said about one day of a series alone, by person."""
    rows = db.session.scalars(
        select(Invitation).where(
            Invitation.activity_id == activity.id, Invitation.occurrence == day
        )
    )
    return {row.person_id: row for row in rows} if day else {}


def day_answers(invitation: Invitation) -> dict[str, Invitation]:
    """Return what somebody said about single days of a series, by day."""
    rows = db.session.scalars(
        select(Invitation).where(
            Invitation.activity_id == invitation.activity_id,
            Invitation.person_id == invitation.person_id,
            Invitation.occurrence != "",
        )
    )
    return {row.occurrence: row for row in rows}


def invitation_for(activity_id: int, person_id: int, day: str = "") -> Invitation | None:
    """Return somebody's row for a meeting or for one day of it."""
    return db.session.scalar(
        select(Invitation).where(
            Invitation.activity_id == activity_id,
            Invitation.person_id == person_id,
            Invitation.occurrence == day,
        )
    )


def invitation_in(activity: Activity, invitation_id: int) -> Invitation:
    """Return an invitation to a meeting, for a team that may edit it.

    Raises:
        Absent: there is none, or it is to another meeting.
    """
    found = db.session.get(Invitation, invitation_id, options=WITH_ALL)
    if found is None or found.activity_id != activity.id or not found.invited:
        raise Absent
    return found


def not_invited_yet(activity: Activity, day: str = "") -> Select[int]:
    """Select the ids of the audience's people who are not invited, today."""
    if activity.audience is None:
        return select(Person.id).where(Person.id.is_(None))
    days = ("", day)
    there = select(Invitation.person_id).where(
        Invitation.activity_id == activity.id,
        Invitation.occurrence.in_(days),
        Invitation.invited,
        Invitation.withdrawn_at.is_(None),
    )
    return members(activity.audience).where(Person.id.not_in(there))


def has_not_answered(activity: Activity) -> Select[Invitation]:
    """Select whom a meeting still waits for, and who can be told so."""
    return invited(activity).where(Invitation.answer == Answer.NONE)


def answer_counts(rows: Sequence[Answer]) -> dict[Answer, int]:
    """Count answers; every one that can be given is there."""
    return {one: sum(row == one for row in rows) for one in (*GIVEN, Answer.NONE)}


def mails_wrong(activity_ids: Sequence[int]) -> list[InvitationMail]:
    """Return the mails of a meeting that failed, came back, were held back or are in doubt."""
    return list(
        db.session.scalars(
            select(InvitationMail)
            .where(InvitationMail.activity_id.in_(activity_ids), InvitationMail.state.in_(WRONG))
            .options(joinedload(InvitationMail.person))
            .order_by(InvitationMail.id)
        )
    )


def mails_waiting(activity_ids: Sequence[int]) -> int:
    """Count the mails of a meeting that are on their way."""
    return _count(
        InvitationMail.activity_id.in_(activity_ids),
        InvitationMail.state.in_((MailState.PLANNED, MailState.SENDING)),
    )


def _count(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count(InvitationMail.id)).where(*conditions)) or 0
