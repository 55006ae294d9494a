"""A person's secret calendar address: opened, replaced, switched off."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from commsplan.audiences.models import Audience
from commsplan.calendars.models import Feed
from commsplan.calendars.rules import Choice, FeedKind, subject_of
from commsplan.foundation.audit import record
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from commsplan.people.models import Person
from commsplan.plans.models import Plan


def open_feed(person: Person, plan: Plan) -> Feed:
    """Return a person's feed of a plan, made if there is none; a switched-off one gets a new
    address."""
    return _open(person, FeedKind.PLAN, plan=plan)


def open_own(person: Person, kind: FeedKind, choice: Choice | None = None) -> Feed:
    """The same of what concerns a person, or of a calendar of the whole organisation."""
    return _open(person, kind, choice=choice)


def open_audience_feed(person: Person, audience: Audience) -> Feed:
    """The same of everything that is for one audience."""
    return _open(person, FeedKind.AUDIENCE, audience=audience)


def _open(
    person: Person,
    kind: FeedKind,
    plan: Plan | None = None,
    audience: Audience | None = None,
    choice: Choice | None = None,
) -> Feed:
    plan_id, audience_id = plan.id if plan else None, audience.id if audience else None
    subject = subject_of(kind, plan_id, audience_id)
    wanted = select(Feed).where(Feed.person_id == person.id, Feed.subject == subject)
    with transaction() as database:
        feed = database.scalar(wanted)
        if feed is None:
            feed = Feed(
                person_id=person.id,
                kind=kind,
                plan_id=plan_id,
                audience_id=audience_id,
                choice=(choice or Choice()).as_json(),
                generation=1,
                created_at=now_utc(),
            )
            try:
                with database.begin_nested():
                    database.add(feed)
            except IntegrityError:  # a second click was faster
                return database.scalars(wanted).one()
        elif feed.revoked_at is None:
            return feed
        else:
            _renew(feed)
        _record(feed, "feed.opened")
    return feed


def choose_for(feed: Feed, choice: Choice) -> Feed:
    """Let a feed show what its person ticked; the address stays."""
    with transaction():
        feed.choice, feed.basis = choice.as_json(), ""
        _record(feed, "feed.chosen")
    return feed


def renew_feed(feed: Feed) -> Feed:
    """Give a feed a new address; the old one says so for a week and is then gone."""
    with transaction():
        _renew(feed)
        _record(feed, "feed.renewed")
    return feed


def revoke_feed(feed: Feed) -> Feed:
    """Switch a feed off; its address says so for a week and is then gone."""
    with transaction():
        feed.revoked_at, feed.quiet_until = feed.revoked_at or now_utc(), 0
        _record(feed, "feed.revoked")
    return feed


def restore_feed(feed: Feed) -> Feed:
    """Take the switching off back: the same address answers again."""
    with transaction():
        feed.revoked_at = None
        _record(feed, "feed.restored")
    return feed


def _renew(feed: Feed) -> None:
    feed.generation += 1
    feed.renewed_at = now_utc()
    feed.revoked_at, feed.basis = None, ""


def _record(feed: Feed, action: str) -> None:
    record(f"person {feed.person_id}", action, f"feed {feed.id}")


def publish(plan: Plan, slug: str, by: Person) -> Feed | None:
    """Let everybody have a plan's calendar under a name, which stays its own for ever.

    Returns:
        None when another plan's calendar has, or had, this name.
    """
    with transaction() as database:
        feed = Feed(kind=FeedKind.PUBLIC, plan_id=plan.id, slug=slug, created_at=now_utc())
        try:
            with database.begin_nested():
                database.add(feed)
        except IntegrityError:
            return None
        record(f"person {by.id}", "feed.published", f"plan {plan.id}", after={"name": slug})
    return feed


def unpublish(feed: Feed, by: Person) -> None:
    """Take a public calendar back; its address says so for a week and is then gone."""
    with transaction():
        feed.revoked_at = feed.revoked_at or now_utc()
        record(f"person {by.id}", "feed.unpublished", f"plan {feed.plan_id}")


def publish_again(feed: Feed, by: Person) -> None:
    """Let the same address answer again."""
    with transaction():
        feed.revoked_at = None
        record(f"person {by.id}", "feed.published", f"plan {feed.plan_id}")
