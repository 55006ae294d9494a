"""A person's secret calendar address: opened, replaced, switched off, and fetched."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from commsplan.calendars.models import Feed
from commsplan.calendars.rules import NOTED_EVERY
from commsplan.foundation.audit import record
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from commsplan.people.models import Person
from commsplan.plans.models import Plan


def open_feed(person: Person, plan: Plan) -> Feed:
    """Return a person's feed of a plan, made if there is none; a switched-off one gets a new
    address."""
    with transaction() as database:
        wanted = select(Feed).where(Feed.person_id == person.id, Feed.plan_id == plan.id)
        feed = database.scalar(wanted)
        if feed is None:
            feed = Feed(person_id=person.id, plan_id=plan.id, generation=1, created_at=now_utc())
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


def renew_feed(feed: Feed) -> Feed:
    """Give a feed a new address; the old one says so for a week and is then gone."""
    with transaction():
        _renew(feed)
        _record(feed, "feed.renewed")
    return feed


def revoke_feed(feed: Feed) -> Feed:
    """Switch a feed off; its address says so for a week and is then gone."""
    with transaction():
        feed.revoked_at = feed.revoked_at or now_utc()
        _record(feed, "feed.revoked")
    return feed


def restore_feed(feed: Feed) -> Feed:
    """Take the switching off back: the same address answers again."""
    with transaction():
        feed.revoked_at = None
        _record(feed, "feed.restored")
    return feed


def note_fetch(feed: Feed, content_hash: str, client: str) -> datetime:
    """Write down that a client came, at most every few minutes, and return when the content last
    changed."""
    now = now_utc()
    changed = feed.content_hash != content_hash or feed.content_changed_at is None
    due = feed.fetched_at is None or now - feed.fetched_at >= NOTED_EVERY
    if changed or due:
        with transaction():
            feed.fetched_at, feed.fetched_by = now, client
            if feed.content_hash != content_hash or feed.content_changed_at is None:
                feed.content_hash, feed.content_changed_at = content_hash, now
    return feed.content_changed_at or now


def _renew(feed: Feed) -> None:
    feed.generation += 1
    feed.renewed_at = now_utc()
    feed.revoked_at = None


def _record(feed: Feed, action: str) -> None:
    record(f"person {feed.person_id}", action, f"feed {feed.id}")
