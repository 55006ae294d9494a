"""Who has seen a change in their calendar: subscribers whose programme has come since.

A feed's first fetch after a change is always written down, so "since" is exact; that a programme
has come does not say that somebody has looked, and it is not claimed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, and_, false, or_, select, union

from commsplan.audiences.queries import members
from commsplan.calendars.models import Feed
from commsplan.calendars.rules import (
    ABOUT_ME,
    KINDS_SHOWN,
    Choice,
    FeedKind,
    subject_of,
)
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.people.models import Person
from commsplan.plans.models import Activity, Plan
from commsplan.plans.queries import readers_of

LATELY = timedelta(days=14)
"""For how long a change is followed: after that, every programme that still runs has come."""


@dataclass(frozen=True)
class Freshness:
    """How far one change of an activity has got."""

    activity: Activity
    changed_at: datetime
    fetched: frozenset[int]
    """Persons of whose calendars at least one has been fetched since."""
    waiting: frozenset[int]
    """Persons who subscribe, and none of whose calendars has been."""

    @property
    def subscribers(self) -> int:
        """How many people have the activity in a calendar they subscribe to."""
        return len(self.fetched) + len(self.waiting)


Panel = Callable[[Freshness, bool], Markup | None]

panels: list[Panel] = []
"""What later steps say beside a change; told whether who looks may change the plan."""


def recent_changes(plan: Plan) -> list[Freshness]:
    """Return the late changes of what is still to come on a plan, the newest first."""
    now = now_utc()
    changed = db.session.scalars(
        select(Activity)
        .where(
            Activity.plan_id == plan.id,
            Activity.sequence > 0,
            Activity.revised_at > now - LATELY,
            Activity.ends_at > now,
        )
        .order_by(Activity.revised_at.desc(), Activity.id)
    )
    found = [freshness_of(activity) for activity in changed]
    return [one for one in found if one.subscribers]


def freshness_of(activity: Activity) -> Freshness:
    """Return how far the last visible change of an activity has got."""
    latest: dict[int, datetime | None] = {}
    for feed in db.session.scalars(_feeds_with(activity)):
        if feed.person_id is None or not _is_ticked(feed, activity):
            continue
        moments = [latest.get(feed.person_id), feed.fetched_at]
        latest[feed.person_id] = max(filter(None, moments), default=None)
    changed = activity.revised_at
    fetched = {person for person, moment in latest.items() if moment and moment >= changed}
    return Freshness(activity, changed, frozenset(fetched), frozenset(latest.keys() - fetched))


def _is_ticked(feed: Feed, activity: Activity) -> bool:
    choice = Choice.from_json(feed.choice)
    return feed.kind != FeedKind.MINE or (
        activity.kind in choice.kinds and activity.plan_id not in choice.without
    )


def _feeds_with(activity: Activity) -> Select[Feed]:
    """Select the addresses that work and show an activity."""
    concerned = Feed.person_id.in_(_concerned(activity))
    plans = and_(
        Feed.subject == subject_of(FeedKind.PLAN, activity.plan_id, None),
        or_(concerned, Feed.person_id.in_(readers_of(activity.plan))),
    )
    about_me = [kind for kind in ABOUT_ME if activity.kind in KINDS_SHOWN.get(kind, ())]
    mine = and_(Feed.kind.in_([FeedKind.MINE, *about_me]), concerned)
    return (
        select(Feed)
        .join(Feed.person)
        .where(
            Feed.revoked_at.is_(None),
            Person.left_on.is_(None),
            or_(plans, mine, _of_audience(activity), _of_changes(activity)),
        )
    )


def _concerned(activity: Activity) -> Select[int]:
    """Select whom an activity is for, and who sees to it."""
    owner = select(Person.id).where(Person.id == activity.owner_id)
    if activity.audience is None:
        return owner
    both = union(owner, members(activity.audience)).subquery()
    return select(both.c.id)


def _of_audience(activity: Activity) -> ColumnElement[bool]:
    if activity.audience_id is None:
        return false()
    return Feed.subject == subject_of(FeedKind.AUDIENCE, None, activity.audience_id)


def _of_changes(activity: Activity) -> ColumnElement[bool]:
    return Feed.kind == FeedKind.CHANGES if activity.is_change else false()


def render_panels(freshness: Freshness, may_edit: bool) -> list[Markup]:
    """Return what later steps have to say beside a change."""
    return [html for panel in panels if (html := panel(freshness, may_edit))]
