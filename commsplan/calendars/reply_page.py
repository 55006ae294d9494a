"""What the page behind an invitation says, put together before its template sees it."""

from __future__ import annotations

from dataclasses import dataclass

from commsplan.calendars.attending import is_open
from commsplan.calendars.invitation_mail import organiser_person
from commsplan.calendars.invitation_mail_words import when
from commsplan.calendars.invitation_models import Invitation
from commsplan.calendars.invitation_queries import day_answers, sessions_of
from commsplan.calendars.invitation_rules import Answer
from commsplan.calendars.meeting_times import (
    coming,
    conference_of,
    day_of_name,
    is_off,
    next_of,
    place_of,
    title_of,
)
from commsplan.calendars.seating import free_places, place_in_line
from commsplan.foundation.clock import now_utc
from commsplan.people.models import Person
from commsplan.people.queries import zone_of
from commsplan.plans.models import Activity
from commsplan.plans.recurrence_words import often
from commsplan.plans.series import Occurrence


@dataclass(frozen=True)
class DayChoice:
    """One day of a series, with what was said about it alone."""

    day: str
    when: str
    is_off: bool
    own: Invitation | None


@dataclass(frozen=True)
class SessionChoice:
    """One session that can be chosen."""

    activity: Activity
    when: str
    free: int | None
    """Places that are free; None where there is room for everybody."""
    is_mine: bool
    is_past: bool


@dataclass(frozen=True)
class ReplyPage:
    """One invitation, ready to be shown to whom it is for."""

    token: str
    row: Invitation
    activity: Activity
    """The session they come to, or the meeting while they have none."""
    zone: str
    """The reader's own."""
    title: str
    when: str
    often: str
    """How it repeats, in words."""
    place: str
    conference: str
    free: int | None
    number: int
    """Their number on the waiting list, 0 without one."""
    is_off: bool
    is_over: bool
    days: list[DayChoice]
    sessions: list[SessionChoice]
    suggested: str
    """The answer whose link in the mail was followed."""
    contact: Person | None
    shows_code: bool
    """The meeting takes place now, so its code can be entered."""

    @property
    def can_answer(self) -> bool:
        """Tell whether there is still something to say."""
        return not self.is_off and not self.is_over

    @property
    def has_answered(self) -> bool:
        """Tell whether they have said something."""
        return self.row.answer != Answer.NONE


def page_of(row: Invitation, token: str, suggested: str = "") -> ReplyPage:
    """Put the page of one invitation together."""
    zone = zone_of(row.person)
    activity = row.session or row.activity
    one = next_of(activity, row.occurrence, zone)
    sessions = _sessions(row, zone) if not row.occurrence else []
    days = _days(row, activity, zone) if activity.recurrence and not row.occurrence else []
    return ReplyPage(
        token=token,
        row=row,
        activity=activity,
        zone=zone,
        title=title_of(activity, one),
        when=when(one, zone),
        often="" if row.occurrence else often(activity.recurrence, activity.starts_local),
        place=place_of(activity, one),
        conference=conference_of(activity, one),
        free=free_places(activity, row.occurrence),
        number=place_in_line(row),
        is_off=is_off(activity) or bool(one and one.cancelled),
        is_over=_is_over(one, sessions),
        days=days,
        sessions=sessions,
        suggested=suggested,
        contact=organiser_person(row.activity),
        shows_code=row.session is not None and _takes_place_now(activity, one),
    )


def _is_over(one: Occurrence | None, sessions: list[SessionChoice]) -> bool:
    if sessions:
        return all(session.is_past for session in sessions)
    return one is None or one.ends_at <= now_utc()


def _takes_place_now(activity: Activity, one: Occurrence | None) -> bool:
    return not is_off(activity) and one is not None and is_open(one)


def _days(row: Invitation, activity: Activity, zone: str) -> list[DayChoice]:
    own = day_answers(row)
    return [
        DayChoice(day, when(one, zone), one.cancelled, own.get(day))
        for one in coming(activity, zone)
        if (day := day_of_name(one.name))
    ]


def _sessions(row: Invitation, zone: str) -> list[SessionChoice]:
    offered = sessions_of(row.activity)
    if len(offered) < 2:
        return []
    return [
        SessionChoice(
            one,
            when(next_of(one, "", zone), zone),
            free_places(one),
            one.id == row.session_id,
            one.ends_at <= now_utc(),
        )
        for one in offered
        if not is_off(one)
    ]
