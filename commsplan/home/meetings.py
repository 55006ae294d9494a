"""Meetings on the first pages: what somebody is invited to, and what of them needs a team's eye."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from commsplan.calendars.invitation_mail_words import when
from commsplan.calendars.invitation_models import Invitation, InvitationMail, InvitationReply
from commsplan.calendars.invitation_queries import EVENTS, head_of
from commsplan.calendars.invitation_rules import WRONG, Answer, Verdict
from commsplan.calendars.meeting_times import is_off, next_of
from commsplan.foundation.addresses import invitation_address
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.home.rules import Matter
from commsplan.people.models import Person, Team
from commsplan.people.queries import zone_of
from commsplan.plans.models import Activity, Plan

FRESH = timedelta(days=14)  # older ones are history, to be seen on the meeting's page
WANT_AN_EYE = (Verdict.COUNTER, Verdict.WORDS)
"""What came in besides answers and is written for a person."""


@dataclass(frozen=True)
class MyInvitation:
    """One meeting that somebody is invited to."""

    title: str
    when: str
    href: str
    answer: Answer
    is_waiting: bool
    """On the waiting list."""
    plan: Plan


def my_invitations(person: Person) -> list[MyInvitation]:
    """Return what a person is invited to and is not over, the soonest first."""
    rows = db.session.scalars(
        select(Invitation)
        .join(Activity, Activity.id == Invitation.activity_id)
        .where(
            Invitation.person_id == person.id,
            Invitation.invited,
            Invitation.withdrawn_at.is_(None),
            Activity.ends_at > now_utc(),
        )
        .options(*EVENTS)
        .order_by(Activity.starts_at, Invitation.id)
    )
    return [one for row in rows if (one := _mine(row, zone_of(person)))]


def _mine(row: Invitation, zone: str) -> MyInvitation | None:
    activity = row.session or row.activity
    one = next_of(activity, row.occurrence, zone)
    if is_off(activity) or one is None or one.ends_at <= now_utc():
        return None
    return MyInvitation(
        title=activity.title,
        when=when(one, zone) if row.session else str(_("several sessions to choose from")),
        href=invitation_address(row.id),
        answer=Answer(row.answer),
        is_waiting=row.waiting_since is not None,
        plan=activity.plan,
    )


def meeting_matters(teams: Sequence[Team]) -> list[Matter]:
    """Return what a lead has to hear of: mails that went wrong, and what people wrote."""
    ids = [team.id for team in teams]
    return [*_wrong(ids), *_written(ids)]


def _wrong(team_ids: Sequence[int]) -> list[Matter]:
    rows = db.session.execute(
        select(InvitationMail.activity_id, func.count(InvitationMail.id))
        .join(Activity, Activity.id == InvitationMail.activity_id)
        .join(Plan, Plan.id == Activity.plan_id)
        .where(
            Plan.team_id.in_(team_ids),
            InvitationMail.state.in_(WRONG),
            InvitationMail.created_at > now_utc() - FRESH,
            Activity.ends_at > now_utc(),
        )
        .group_by(InvitationMail.activity_id)
    ).all()
    return [
        _matter(
            db.session.get_one(Activity, activity_id, options=[joinedload(Activity.plan)]),
            "bad",
            _("Invitations"),
            ngettext("%(num)s mail went wrong", "%(num)s mails went wrong", number),
        )
        for activity_id, number in rows
    ]


def _written(team_ids: Sequence[int]) -> list[Matter]:
    found = db.session.scalars(
        select(InvitationReply.activity_id)
        .join(Activity, Activity.id == InvitationReply.activity_id)
        .join(Plan, Plan.id == Activity.plan_id)
        .where(
            Plan.team_id.in_(team_ids),
            InvitationReply.verdict.in_(WANT_AN_EYE),
            InvitationReply.at > now_utc() - FRESH,
            Activity.ends_at > now_utc(),
        )
    )
    counted = Counter(one for one in found if one is not None)
    return [
        _matter(
            db.session.get_one(Activity, activity_id, options=[joinedload(Activity.plan)]),
            "info",
            _("Written"),
            ngettext(
                "%(num)s invited person wrote to you", "%(num)s invited people wrote to you", number
            ),
        )
        for activity_id, number in counted.items()
    ]


def _matter(activity: Activity, kind: str, state: str, text: str) -> Matter:
    head = head_of(activity)
    return Matter(
        kind=kind,
        state=state,
        text=text,
        href=f"/plans/{head.plan_id}/activities/{head.id}/invitations",
        plan=activity.plan.title,
        colour=activity.plan.colour,
        note=_("for “%(activity)s”", activity=activity.title),
    )
