"""What a team sees of a meeting's invitations, put together before the template sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import format_decimal, lazy_gettext, ngettext
from flask_babel import gettext as _

from commsplan.calendars.guest_list import PAGE, Guest, GuestList, came_in, guest_list
from commsplan.calendars.invitation_mail_words import when
from commsplan.calendars.invitation_models import InvitationMail, InvitationReply
from commsplan.calendars.invitation_queries import (
    mails_waiting,
    mails_wrong,
    not_invited_yet,
    sessions_of,
)
from commsplan.calendars.invitation_rules import MailState, Verdict
from commsplan.calendars.inviting import may_be_reminded
from commsplan.calendars.meeting_changes import is_waiting_to_be_told, what_is_to_say
from commsplan.calendars.meeting_times import coming, day_of_name, ends_at, found, is_off
from commsplan.calendars.reply_address import is_signed
from commsplan.calendars.seating import count_seated
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.plans.models import Activity

VERDICTS = {
    Verdict.UNREADABLE: lazy_gettext("An answer that cannot be read"),
    Verdict.NO_ANSWER: lazy_gettext("A calendar that answers nothing"),
    Verdict.UNKNOWN: lazy_gettext("An answer about a day that there is not"),
    Verdict.UNPROVEN: lazy_gettext("An answer that did not come to the invitation’s own address"),
    Verdict.STRANGER: lazy_gettext("An answer from somebody else’s address"),
    Verdict.GONE: lazy_gettext("An answer from somebody who is no longer invited"),
    Verdict.OVER: lazy_gettext("An answer after the meeting"),
    Verdict.OLD: lazy_gettext("An answer to an older version; they were asked again"),
    Verdict.REPEATED: lazy_gettext("An answer older than one that is known"),
    Verdict.COUNTER: lazy_gettext("Another time proposed; declined politely"),
    Verdict.WORDS: lazy_gettext("Somebody wrote"),
    Verdict.AWAY: lazy_gettext("An automatic answer"),
    Verdict.BOUNCED: lazy_gettext("An invitation came back"),
}
MAIL_STATES = {
    MailState.BOUNCED: lazy_gettext("came back"),
    MailState.FAILED: lazy_gettext("was refused"),
    MailState.UNCERTAIN: lazy_gettext("may have arrived, nobody can know"),
    MailState.SUPPRESSED: lazy_gettext("held back: nothing is sent to this address"),
}


@dataclass(frozen=True)
class DayLink:
    """One day of a series that can be looked at."""

    day: str
    when: str
    is_off: bool


@dataclass(frozen=True)
class SessionLine:
    """One session with who comes to it."""

    activity: Activity
    when: str
    seated: int


@dataclass(frozen=True)
class InvitationPage:
    """A meeting's invitations."""

    activity: Activity
    day: str
    when: str
    guests: GuestList
    shown: Sequence[Guest]
    show: str
    page: int
    pages: int
    answer: str
    """The page's one sentence."""
    newcomers: int
    """How many of the audience are not invited."""
    silent: int
    """How many a reminder would go to."""
    untold: int | None
    """How many people a change concerns that has not been mailed yet; None without one."""
    days: list[DayLink]
    sessions: list[SessionLine]
    wrong: list[InvitationMail]
    waiting_mails: int
    replies: list[InvitationReply]
    is_off: bool
    is_over: bool
    has_mailbox: bool
    """Answers by mail can be told to be genuine."""

    @property
    def doubtful(self) -> int:
        """How many mails may have arrived and may not have."""
        return sum(mail.state == MailState.UNCERTAIN for mail in self.wrong)

    @property
    def can_invite(self) -> bool:
        """Tell whether there is still something to invite to."""
        return not self.is_off and not self.is_over


def page_of(activity: Activity, day: str, show: str, page: int, zone: str) -> InvitationPage:
    """Put the page of a meeting's invitations together.

    Args:
        day: which day of a series; empty for the whole.
        show: which part of the guest list.
        page: which page of it, from 1.
        zone: of whoever looks.
    """
    guests = guest_list(activity, day)
    listed = guests.part(show)
    pages = max(1, -(-len(listed) // PAGE))
    page = min(max(page, 1), pages)
    ids = [one.id for one in sessions_of(activity)]
    one = found(activity, day, zone) if day or not activity.recurrence else None
    return InvitationPage(
        activity=activity,
        day=day,
        when=when(one, zone),
        guests=guests,
        shown=listed[(page - 1) * PAGE : page * PAGE],
        show=show,
        page=page,
        pages=pages,
        answer=sentence(guests),
        newcomers=len(db.session.scalars(not_invited_yet(activity, day)).all()),
        silent=may_be_reminded(activity),
        untold=_untold(activity),
        days=_days(activity, zone),
        sessions=_sessions(activity, zone),
        wrong=mails_wrong(ids),
        waiting_mails=mails_waiting(ids),
        replies=came_in(activity),
        is_off=is_off(activity) or bool(one and one.cancelled),
        is_over=ends_at(activity, day) <= now_utc(),
        has_mailbox=is_signed(),
    )


def sentence(guests: GuestList) -> str:
    """Say in a sentence how the answers stand."""
    if not guests.total:
        return str(_("Nobody is invited yet."))
    parts = [
        ngettext(
            "%(answered)s of %(num)s person has answered",
            "%(answered)s of %(all)s people have answered",
            guests.total,
            answered=format_decimal(guests.answered),
            all=format_decimal(guests.total),
        )
    ]
    if guests.counts["yes"]:
        parts.append(_("%(number)s say yes", number=format_decimal(guests.counts["yes"])))
    if guests.counts["waiting"]:
        waiting = format_decimal(guests.counts["waiting"])
        parts.append(_("%(number)s wait for a place", number=waiting))
    if guests.capacity is not None:
        taken = {"seated": format_decimal(guests.seated), "all": format_decimal(guests.capacity)}
        parts.append(_("%(seated)s of %(all)s places are taken", **taken))
    return "; ".join(map(str, parts)) + "."


def _untold(activity: Activity) -> int | None:
    if not is_waiting_to_be_told(activity):
        return None
    concerned = what_is_to_say(activity)
    people = {row.person_id for rows in concerned.values() for row in rows}
    return len(people) or None


def _days(activity: Activity, zone: str) -> list[DayLink]:
    if not activity.recurrence:
        return []
    return [
        DayLink(day_of_name(one.name), when(one, zone), one.cancelled)
        for one in coming(activity, zone)
    ]


def _sessions(activity: Activity, zone: str) -> list[SessionLine]:
    offered = sessions_of(activity)
    if len(offered) < 2:
        return []
    return [
        SessionLine(one, when(found(one, "", zone), zone), count_seated(one.id)) for one in offered
    ]
