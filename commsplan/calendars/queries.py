"""Whose feed it is, whether it has changed, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload

from commsplan.audiences.models import Audience, AudienceException
from commsplan.calendars.edition import edition
from commsplan.calendars.models import Feed
from commsplan.calendars.rules import OPEN_PLANS, Standing, standing, subject_of
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.foundation.revisions import number_of, watch
from commsplan.foundation.tokens import read_signed
from commsplan.people.models import Grant, Person, Team
from commsplan.plans.models import Activity, ActivityException, Plan, PlanMember
from commsplan.plans.queries import plan_for_reader

SCOPE = "calendars"
watch(SCOPE, Activity, ActivityException, Plan, PlanMember, Audience, AudienceException)
watch(SCOPE, Person, Grant, Team)

LIVELY = timedelta(days=7)


def shows_dates(plan: Plan) -> bool:
    """Tell whether people who are addressed find a plan's dates in its calendar."""
    return plan.status in OPEN_PLANS


@dataclass(frozen=True)
class Subscribers:
    """How many people subscribe to a plan; never who."""

    addresses: int
    lively: int
    """Those whose client came within the last seven days."""


@dataclass(frozen=True)
class Glance:
    """What one row says of a feed: whose it is, and whether anything can have changed."""

    feed_id: int
    standing: Standing
    asked: int
    """The generation in the address."""
    basis: str
    """What its bytes depend on, as it stands now."""
    is_current: bool
    """Nothing has changed since its revision was reckoned."""
    revision: int
    digest: str
    changed_at: datetime | None
    fetched_at: datetime | None
    fetched_revision: int
    stale_at: datetime | None
    """When time alone changes it."""

    def at(
        self, revision: int, digest: str, changed_at: datetime, stale_at: datetime | None
    ) -> Glance:
        """Return the same feed at its next revision."""
        return replace(
            self,
            is_current=True,
            revision=revision,
            digest=digest,
            changed_at=changed_at,
            stale_at=stale_at,
        )


_ROW = select(
    Feed.id,
    Feed.generation,
    Feed.renewed_at,
    Feed.revoked_at,
    Person.left_on,
    Feed.basis,
    Feed.stale_at,
    Feed.revision,
    Feed.content_hash,
    Feed.content_changed_at,
    Feed.fetched_at,
    Feed.fetched_revision,
    number_of(SCOPE).label("number"),
).outerjoin(Person, Person.id == Feed.person_id)
_BY_ID = _ROW.where(Feed.id == bindparam("wanted"))
_BY_SLUG = _ROW.where(Feed.slug == bindparam("wanted"))


def glance_behind(token: str) -> Glance:
    """Look at the feed of a secret address.

    Raises:
        Absent: forged, unknown, or ended more than a week ago; all look alike.
    """
    feed_id, asked = read_signed("feed", token)
    return _glance(feed_id, asked)


def glance_at(slug: str) -> Glance:
    """Look at a plan's public feed, or raise Absent."""
    return _glance(slug, None)


def _glance(wanted: int | str, asked: int | None) -> Glance:
    query = _BY_ID if asked is not None else _BY_SLUG
    row = db.session.execute(query, {"wanted": wanted}).first()
    if row is None:
        raise Absent
    now = now_utc()
    answer = standing(
        asked=row.generation if asked is None else asked,
        generation=row.generation,
        renewed_at=row.renewed_at,
        revoked_at=row.revoked_at,
        left_on=row.left_on,
        now=now,
    )
    if answer is Standing.GONE:
        raise Absent
    basis = f"{row.number or 0}.{edition(now)}"
    return Glance(
        feed_id=row.id,
        standing=answer,
        asked=row.generation if asked is None else asked,
        basis=basis,
        is_current=row.basis == basis and (row.stale_at is None or now < row.stale_at),
        revision=row.revision,
        digest=row.content_hash,
        changed_at=row.content_changed_at,
        fetched_at=row.fetched_at,
        fetched_revision=row.fetched_revision,
        stale_at=row.stale_at,
    )


def feed_for_making(feed_id: int) -> Feed:
    """Return a feed with whose and what it is, or raise Absent."""
    whole = (joinedload(Feed.person), joinedload(Feed.plan), joinedload(Feed.audience))
    feed = db.session.get(Feed, feed_id, options=whole)
    if feed is None:
        raise Absent
    return feed


def feed_of(person: Person, plan: Plan) -> Feed | None:
    """Return a person's feed of a plan, switched off ones too."""
    return feed_about(person, subject_of("plan", plan.id, None))


def feed_about(person: Person, subject: str) -> Feed | None:
    """Return a person's feed about something, switched off ones too."""
    return db.session.scalar(
        select(Feed).where(Feed.person_id == person.id, Feed.subject == subject)
    )


def public_feed_of(plan: Plan) -> Feed | None:
    """Return a plan's public feed, a switched off one too."""
    return db.session.scalar(select(Feed).where(Feed.plan_id == plan.id, Feed.kind == "public"))


def may_read(person: Person, plan: Plan) -> bool:
    """Tell whether a person may read the whole plan."""
    try:
        plan_for_reader(person, plan.id)
    except Absent:
        return False
    return True


def subscribers(plan: Plan) -> Subscribers:
    """Count who subscribes to a plan."""
    lately = now_utc() - LIVELY
    row = db.session.execute(
        select(func.count(), func.count().filter(Feed.fetched_at > lately)).where(
            Feed.plan_id == plan.id, Feed.kind == "plan", Feed.revoked_at.is_(None)
        )
    ).one()
    return Subscribers(row[0], row[1])
