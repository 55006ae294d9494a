"""What a mail about a meeting says, put together before its template sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from flask_babel import gettext as _

from commsplan.calendars.ics import clean
from commsplan.calendars.invitation_models import InvitationMail
from commsplan.calendars.invitation_queries import sessions_of
from commsplan.calendars.invitation_rules import MailKind
from commsplan.calendars.meeting_times import (
    conference_of,
    is_off,
    next_of,
    place_of,
    title_of,
)
from commsplan.calendars.seating import place_in_line
from commsplan.foundation.addresses import absolute, invitation_address
from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import city, show_day, show_wall, utc_to_local
from commsplan.people.queries import zone_of
from commsplan.plans.models import Activity
from commsplan.plans.recurrence_words import often
from commsplan.plans.series import Occurrence


@dataclass(frozen=True)
class Session:
    """One session that can be chosen."""

    when: str
    place: str


def words_of(mail: InvitationMail) -> dict[str, object]:
    """Return what the templates of a mail need; times on the reader's own clock."""
    activity, invitation, person = mail.activity, mail.invitation, mail.person
    zone = zone_of(person)
    one = next_of(activity, mail.occurrence, zone)
    address = invitation_address(mail.invitation_id)
    if mail.kind == MailKind.NOTE:
        address = absolute(f"/plans/{activity.plan_id}/activities/{activity.id}/invitations")
    words: dict[str, object] = {
        "kind": mail.kind,
        "name": person.greeting_name,
        "guest": invitation.person.name,
        "title": title_of(activity, one),
        "when": when(one, zone),
        "repeats": _repeats(mail),
        "place": place_of(activity, one),
        "conference": conference_of(activity, one),
        "key_message": activity.key_message,
        "address": address,
        "yes": f"{address}?say=accepted",
        "maybe": f"{address}?say=tentative",
        "no": f"{address}?say=declined",
        "answer": invitation.answer,
        "is_off": is_off(activity),
        "is_one_day": bool(mail.occurrence),
        "choosing": invitation.session_id is None,
        "sessions": _sessions(invitation.activity, zone),
        "number": place_in_line(invitation),
        "said": mail.words,
        "organisation": str(current_app.config["ORGANISATION"]),
    }
    return {key: clean(one) if isinstance(one, str) else one for key, one in words.items()}


def when(one: Occurrence | None, zone: str) -> str:
    """Return when something is: "Tue 6 Oct, 09:00 to 10:00 (Berlin)", on a reader's own clock."""
    if one is None:
        return ""
    if one.all_day:
        first, last = one.starts_local.date(), one.ends_local.date()
        if first == last:
            return show_day(first)
        return str(_("%(first)s to %(last)s", first=show_day(first), last=show_day(last)))
    starts, ends = utc_to_local(one.starts_at, zone), utc_to_local(one.ends_at, zone)
    if ends - starts <= timedelta():
        return f"{show_wall(starts)} ({city(zone)})"
    until = f"{ends:%H:%M}" if ends.date() == starts.date() else show_wall(ends)
    return str(
        _("%(start)s to %(end)s (%(city)s)", start=show_wall(starts), end=until, city=city(zone))
    )


def _repeats(mail: InvitationMail) -> str:
    """Say how often, where a mail is about a whole series."""
    activity = mail.activity
    if mail.occurrence or not activity.recurrence:
        return ""
    return often(activity.recurrence, activity.starts_local)


def _sessions(activity: Activity, zone: str) -> list[Session]:
    offered = sessions_of(activity)
    if len(offered) < 2:
        return []
    now = now_utc()
    return [
        Session(when(next_of(one, "", zone), zone), clean(one.place))
        for one in offered
        if not is_off(one) and one.ends_at > now
    ]
