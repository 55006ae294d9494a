"""Whose feed it is, what it shows, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from commsplan.audiences.queries import contains
from commsplan.calendars.models import Feed
from commsplan.calendars.rules import TOMBSTONE, Standing, standing
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.foundation.tokens import read_signed
from commsplan.people.models import Person
from commsplan.plans.models import Activity, Plan
from commsplan.plans.queries import plan_for_reader

LIVELY = timedelta(days=7)
OPEN_PLANS = frozenset({"active", "done"})
"""States in which people who are addressed see a plan's activities; a draft is still changing."""


def shows_dates(plan: Plan) -> bool:
    """Tell whether people who are addressed find a plan's dates in its calendar."""
    return plan.status in OPEN_PLANS


@dataclass(frozen=True)
class Subscribers:
    """How many people subscribe to a plan; never who."""

    addresses: int
    lively: int
    """Those whose client came within the last seven days."""


def feed_of(person: Person, plan: Plan) -> Feed | None:
    """Return a person's feed of a plan, switched off ones too."""
    return db.session.scalar(
        select(Feed).where(Feed.person_id == person.id, Feed.plan_id == plan.id)
    )


def feed_behind(token: str) -> tuple[Feed, Standing, int]:
    """Return the feed of a secret address, what it answers, and the generation it was made for.

    Raises:
        Absent: forged, unknown, or ended more than a week ago; all look alike.
    """
    feed_id, asked = read_signed("feed", token)
    feed = db.session.get(Feed, feed_id, options=[joinedload(Feed.person), joinedload(Feed.plan)])
    if feed is None:
        raise Absent
    answer = standing(
        asked=asked,
        generation=feed.generation,
        renewed_at=feed.renewed_at,
        revoked_at=feed.revoked_at,
        left_on=feed.person.left_on,
        now=now_utc(),
    )
    if answer is Standing.GONE:
        raise Absent
    return feed, answer, asked


def may_read(person: Person, plan: Plan) -> bool:
    """Tell whether a person may read the whole plan."""
    try:
        plan_for_reader(person, plan.id)
    except Absent:
        return False
    return True


def activities_for(feed: Feed, whole: bool, now: datetime) -> list[Activity]:
    """Return what a feed shows, in order of time: tombstones of 60 days included.

    Args:
        whole: the person may read the plan; otherwise only what concerns them.
    """
    since = now - TOMBSTONE
    activities = db.session.scalars(
        select(Activity)
        .where(
            Activity.plan_id == feed.plan_id,
            or_(Activity.removed_at.is_(None), Activity.removed_at > since),
            or_(Activity.status != "cancelled", Activity.revised_at > since),
        )
        .options(
            joinedload(Activity.audience),
            joinedload(Activity.owner),
            joinedload(Activity.plan),
            selectinload(Activity.exceptions),
        )
        .order_by(Activity.starts_at, Activity.id)
    ).all()
    if whole:
        return list(activities)
    if feed.plan.status not in OPEN_PLANS:
        return []
    audiences = {one.audience_id: one.audience for one in activities if one.audience}
    mine = {key for key, audience in audiences.items() if contains(audience, feed.person_id)}
    return [one for one in activities if one.audience_id in mine or one.owner_id == feed.person_id]


def subscribers(plan: Plan) -> Subscribers:
    """Count who subscribes to a plan."""
    lately = now_utc() - LIVELY
    row = db.session.execute(
        select(func.count(), func.count().filter(Feed.fetched_at > lately)).where(
            Feed.plan_id == plan.id, Feed.revoked_at.is_(None)
        )
    ).one()
    return Subscribers(row[0], row[1])
