"""Which calendars somebody may subscribe to, and which of them they have an address of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from commsplan.audiences.models import Audience
from commsplan.audiences.queries import audiences_for, audiences_with
from commsplan.calendars.models import Feed
from commsplan.calendars.offers import Offer, offer
from commsplan.calendars.rules import OPEN_PLANS, Choice, FeedKind, subject_of
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.people.models import Person
from commsplan.plans.models import Activity, Plan
from commsplan.plans.queries import readable_by


@dataclass(frozen=True)
class Entry:
    """One calendar on the page: what it is, and its feed if there is one."""

    kind: FeedKind
    of: str
    """The plan or the audience it is about; empty for those that need no name."""
    plan_id: int | None = None
    audience_id: int | None = None
    colour: str = ""
    feed: Feed | None = None

    @property
    def anchor(self) -> str:
        """Where on the page it stands."""
        return subject_of(self.kind, self.plan_id, self.audience_id).replace(" ", "-")

    @property
    def choice(self) -> Choice:
        """What is ticked."""
        return Choice.from_json(self.feed.choice if self.feed else {})

    @property
    def is_live(self) -> bool:
        """There is an address, and it works."""
        return self.feed is not None and self.feed.revoked_at is None

    @property
    def offer(self) -> Offer | None:
        """The ways to subscribe."""
        return offer(self.feed) if self.feed and self.is_live else None


@dataclass(frozen=True)
class MyFeeds:
    """All calendars that somebody may subscribe to."""

    personal: list[Entry]
    """What concerns them, and what concerns everybody."""
    audiences: list[Entry]
    plans: list[Entry]
    concerning: list[Plan]
    """Plans with something for them: what they may tick."""

    @property
    def live(self) -> list[Entry]:
        """Those with an address that works."""
        return [one for one in (*self.personal, *self.audiences, *self.plans) if one.is_live]

    @property
    def last_fetched(self) -> Feed | None:
        """The feed that a client fetched last."""
        feeds = [one.feed for one in self.live if one.feed and one.feed.fetched_at]
        return max(feeds, key=_fetched_at, default=None)


def _fetched_at(feed: Feed) -> datetime:
    return feed.fetched_at or feed.created_at


def my_feeds(person: Person, kinds: tuple[FeedKind, ...]) -> MyFeeds:
    """Return what a person may subscribe to.

    Args:
        kinds: of those without a name of their own.
    """
    found = db.session.scalars(
        select(Feed)
        .where(Feed.person_id == person.id)
        .options(joinedload(Feed.person), joinedload(Feed.plan), joinedload(Feed.audience))
    )
    feeds = {feed.subject: feed for feed in found}
    concerning = plans_concerning(person)
    return MyFeeds(
        personal=[Entry(kind, "", feed=feeds.get(str(kind))) for kind in kinds],
        audiences=[_of_audience(one, feeds) for one in audiences_for(person)],
        plans=[_of_plan(one, feeds) for one in subscribable_plans(person, concerning, feeds)],
        concerning=concerning,
    )


def _of_audience(audience: Audience, feeds: dict[str, Feed]) -> Entry:
    feed = feeds.get(subject_of(FeedKind.AUDIENCE, None, audience.id))
    return Entry(FeedKind.AUDIENCE, audience.name, audience_id=audience.id, feed=feed)


def _of_plan(plan: Plan, feeds: dict[str, Feed]) -> Entry:
    feed = feeds.get(subject_of(FeedKind.PLAN, plan.id, None))
    return Entry(FeedKind.PLAN, plan.title, plan_id=plan.id, colour=plan.colour, feed=feed)


def plans_concerning(person: Person) -> list[Plan]:
    """Return the open plans in which something is for a person, or theirs to see to, by title."""
    used = select(Activity.audience_id).where(
        Activity.audience_id.is_not(None), Activity.removed_at.is_(None)
    )
    audiences = db.session.scalars(select(Audience).where(Audience.id.in_(used))).all()
    mine = audiences_with(person.id, audiences)
    theirs = select(Activity.plan_id).where(
        Activity.removed_at.is_(None),
        or_(Activity.audience_id.in_(mine), Activity.owner_id == person.id),
    )
    return list(
        db.session.scalars(
            select(Plan)
            .where(Plan.status.in_(OPEN_PLANS), Plan.id.in_(theirs))
            .order_by(Plan.title, Plan.id)
        )
    )


def subscribable_plans(
    person: Person, concerning: list[Plan], feeds: dict[str, Feed]
) -> list[Plan]:
    """Return the plans that may be subscribed to: those that concern somebody, those they may
    read, and those they had an address of."""
    ids = [plan.id for plan in concerning]
    ids += [feed.plan_id for feed in feeds.values() if feed.plan_id is not None]
    return list(
        db.session.scalars(
            select(Plan)
            .where(or_(Plan.id.in_(ids), and_(readable_by(person), Plan.status != "archived")))
            .order_by(Plan.title, Plan.id)
        )
    )


def my_feed(person: Person, feed_id: int) -> Feed:
    """Return one of a person's own feeds, or raise Absent."""
    feed = db.session.get(Feed, feed_id)
    if feed is None or feed.person_id != person.id:
        raise Absent
    return feed
