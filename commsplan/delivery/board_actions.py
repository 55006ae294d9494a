"""A person's secret address of the notice board: made, replaced, switched off."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from commsplan.delivery.outlet_models import BoardFeed
from commsplan.foundation.audit import record
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import transaction
from commsplan.people.models import Person


def open_board_feed(person: Person) -> BoardFeed:
    """Return a person's feed, made if there is none; a switched-off one gets a new address."""
    with transaction() as database:
        feed = database.get(BoardFeed, person.id)
        if feed is None:
            feed = BoardFeed(person_id=person.id, generation=1, created_at=now_utc())
            try:
                with database.begin_nested():
                    database.add(feed)
            except IntegrityError:  # a second click was faster
                return database.get_one(BoardFeed, person.id)
        elif feed.revoked_at is None:
            return feed
        else:
            _renew(feed)
        _record(feed, "board_feed.opened")
    return feed


def renew_board_feed(feed: BoardFeed) -> None:
    """Give a feed a new address; the old one ends at once."""
    with transaction():
        _renew(feed)
        _record(feed, "board_feed.renewed")


def revoke_board_feed(feed: BoardFeed) -> None:
    """Switch a feed off."""
    with transaction():
        feed.revoked_at = feed.revoked_at or now_utc()
        _record(feed, "board_feed.revoked")


def restore_board_feed(feed: BoardFeed) -> None:
    """Take the switching off back: the same address answers again."""
    with transaction():
        feed.revoked_at = None
        _record(feed, "board_feed.restored")


def note_content(feed: BoardFeed, content_hash: str) -> datetime:
    """Remember what the feed shows; return when that last changed."""
    if feed.content_hash != content_hash or feed.content_changed_at is None:
        with transaction():
            feed.content_hash, feed.content_changed_at = content_hash, now_utc()
    return feed.content_changed_at or now_utc()


def _renew(feed: BoardFeed) -> None:
    feed.generation += 1
    feed.renewed_at = now_utc()
    feed.revoked_at = None


def _record(feed: BoardFeed, action: str) -> None:
    record(f"person {feed.person_id}", action, f"board feed {feed.person_id}")
