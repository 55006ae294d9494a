"""What needs somebody who works on plans today: drafts, sends, copies in doubt, this week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from commsplan.delivery.models import Send
from commsplan.delivery.queries import counts
from commsplan.delivery.rules import SendState, State
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.dates import local_to_utc, show_moment, utc_to_local
from commsplan.home.closures import closures
from commsplan.home.meetings import meeting_matters
from commsplan.home.returns import returns
from commsplan.home.rules import Day, Happening, Matter
from commsplan.messages.models import Message
from commsplan.messages.showing import subject_words
from commsplan.people.models import Person, Team
from commsplan.people.queries import teams_of, zone_of
from commsplan.plans import happenings
from commsplan.plans.models import Activity, Plan
from commsplan.plans.queries import visible_happenings
from commsplan.plans.words import first_day, hour, last_day

SOON = timedelta(days=7)
FRESH = timedelta(days=14)  # failures older than this are history, to be seen on the send's page

ICONS = {
    "announcement": "mail",
    "meeting": "meeting",
    "chat": "chat",
    "training": "training",
    "survey": "survey",
    "deadline": "deadline",
}


def matters(person: Person) -> list[Matter]:
    """Return everything that wants a lead's attention, the most pressing first."""
    teams = teams_of(person)
    zone = zone_of(person)
    return [
        *_copies(teams),
        *returns(person),
        *meeting_matters(teams),
        *closures(person),
        *_drafts(teams, zone),
        *_sends(teams, zone),
    ]


def _of_teams(teams: Sequence[Team]) -> list[int]:
    return [team.id for team in teams]


def _drafts(teams: Sequence[Team], zone: str) -> list[Matter]:
    now = now_utc()
    drafts = db.session.scalars(
        select(Message)
        .join(Message.activity)
        .join(Message.plan)
        .where(
            Plan.team_id.in_(_of_teams(teams)),
            Plan.status.in_(("draft", "active")),
            Message.state == "draft",
            Activity.removed_at.is_(None),
            Activity.status.in_(("planned", "confirmed")),
            Activity.starts_at.between(now - FRESH, now + SOON),
        )
        .options(joinedload(Message.activity), joinedload(Message.plan))
        .order_by(Activity.starts_at)
    )
    return [_draft(message, zone, now) for message in drafts]


def _draft(message: Message, zone: str, now: datetime) -> Matter:
    activity = message.activity
    if activity is None:
        raise LookupError("Drafts were joined to their activities.")
    is_late = activity.starts_at <= now
    return Matter(
        kind="bad" if is_late else "warn",
        state=_("Overdue") if is_late else _("Not scheduled"),
        text=subject_words(message.latest.subject) or activity.title,
        href=f"/messages/{message.id}",
        plan=message.plan.title,
        colour=message.plan.colour,
        note=_(
            "for “%(activity)s”, %(when)s",
            activity=activity.title,
            when=show_moment(activity.starts_at, zone),
        ),
    )


def _sends(teams: Sequence[Team], zone: str) -> list[Matter]:
    sends = db.session.scalars(
        select(Send)
        .join(Send.message)
        .join(Message.plan)
        .where(
            Plan.team_id.in_(_of_teams(teams)),
            Send.state.in_((SendState.SCHEDULED, SendState.RUNNING)),
            Send.due_at < now_utc() + SOON,
        )
        .options(joinedload(Send.version), joinedload(Send.message).joinedload(Message.plan))
        .order_by(Send.due_at)
    )
    return [_send(send, zone) for send in sends]


def _send(send: Send, zone: str) -> Matter:
    runs = send.state == SendState.RUNNING
    kind, state = ("info", _("Being sent")) if runs else ("neutral", _("Scheduled"))
    if send.stalled_at:
        kind, state = "bad", _("Come to a halt")
    return Matter(
        kind=kind,
        state=state,
        text=subject_words(send.version.subject),
        href=f"/sends/{send.id}",
        plan=send.message.plan.title,
        colour=send.message.plan.colour,
        note=show_moment(send.due_at, zone),
    )


def _copies(teams: Sequence[Team]) -> list[Matter]:
    """Return the doubtful copies of recent sends, then those that could not be delivered."""
    recent = db.session.scalars(
        select(Send)
        .join(Send.message)
        .join(Message.plan)
        .where(Plan.team_id.in_(_of_teams(teams)), Send.started_at.is_not(None))
        .where(Send.due_at > now_utc() - FRESH)
        .order_by(Send.id.desc())
    ).all()
    found = [(send, counts(send)) for send in recent]
    return [
        _in_doubt(send, numbers[state], state)
        for state in (State.UNCERTAIN, State.FAILED, State.BOUNCED)
        for send, numbers in found
        if numbers[state]
    ]


def _in_doubt(send: Send, number: int, state: State) -> Matter:
    if state == State.UNCERTAIN:
        kind, word = "warn", _("In doubt")
        note = ngettext(
            "%(num)s copy may or may not have arrived: decide.",
            "%(num)s copies may or may not have arrived: decide.",
            number,
        )
    elif state == State.BOUNCED:
        kind, word = "bad", _("Came back")
        note = ngettext(
            "%(num)s copy came back after the mail server had taken it.",
            "%(num)s copies came back after the mail server had taken them.",
            number,
        )
    else:
        kind, word = "bad", _("Failed")
        note = ngettext(
            "%(num)s copy could not be delivered.", "%(num)s copies could not be delivered.", number
        )
    plan = send.message.plan
    href = f"/sends/{send.id}"
    return Matter(
        kind, word, subject_words(send.version.subject), href, plan.title, plan.colour, note
    )


def this_week(person: Person) -> list[Day]:
    """Return Monday to Sunday of this week in the person's zone, with what they may see."""
    zone = zone_of(person)
    today = utc_to_local(now_utc(), zone).date()
    monday = today - timedelta(days=today.weekday())
    start = local_to_utc(datetime.combine(monday, datetime.min.time()), zone)
    end = local_to_utc(datetime.combine(monday + timedelta(days=7), datetime.min.time()), zone)
    days = {monday + timedelta(days=n): [] for n in range(7)}  # type: dict[date, list[Happening]]
    for activity in visible_happenings(person, start, end):
        for day in _days_of(activity, zone):
            if day in days:
                days[day].append(happening(activity, zone))
    return [Day(day, day == today, found) for day, found in days.items()]


def _days_of(activity: happenings.Happening, zone: str) -> list[date]:
    first, last = first_day(activity, zone), last_day(activity, zone)
    return [first + timedelta(days=n) for n in range(min((last - first).days, 31) + 1)]


def happening(activity: happenings.Happening, zone: str) -> Happening:
    """Return an activity as the strip shows it."""
    return Happening(
        title=activity.title,
        time=hour(activity, zone),
        href=f"/plans/{activity.plan_id}/activities/{activity.id}",
        colour=activity.plan.colour,
        icon=ICONS[activity.kind],
        is_off=activity.status == "cancelled",
    )
