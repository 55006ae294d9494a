"""What a fetch writes down: bytes it had to write, the next revision, that a client came.

All of it can be reckoned again, so a fetch never waits long for a database in which somebody else
is writing: then it is not kept this time.
"""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, OperationalError

from commsplan.calendars.feeds import Made
from commsplan.calendars.models import EventBytes, Feed
from commsplan.calendars.queries import Glance
from commsplan.calendars.rules import NOTED_EVERY
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, is_sqlite, transaction
from commsplan.foundation.logs import log

PATIENCE_MS = 500  # a calendar programme asks again within the hour; nobody waits for these notes


def keep(glance: Glance, made: Made) -> Glance:
    """Keep what a feed has become; return how it stands.

    Of two who reckon the same feed at once, one writes: the revision is compared and set.
    """
    now = now_utc()
    changed = made.digest != glance.digest or glance.changed_at is None
    after = glance.at(
        glance.revision + changed,
        made.digest,
        now if changed or glance.changed_at is None else glance.changed_at,
        made.stale_at,
    )
    try:
        with transaction(PATIENCE_MS) as database:
            _keep_events(made)
            database.execute(
                update(Feed)
                .where(Feed.id == glance.feed_id, Feed.revision == glance.revision)
                .values(
                    revision=after.revision,
                    content_hash=after.digest,
                    content_changed_at=after.changed_at,
                    basis=glance.basis,
                    stale_at=made.stale_at,
                )
                .execution_options(synchronize_session=False)
            )
    except (IntegrityError, OperationalError) as error:  # an activity is gone; others are writing
        log().info("feed.not_kept", feed=glance.feed_id, reason=type(error).__name__)
    return after


def _keep_events(made: Made) -> None:
    if not made.fresh:
        return
    new = (sqlite if is_sqlite() else postgresql).insert(EventBytes)
    columns = ("version", "beside", "edition", "zones", "body")
    upsert = new.on_conflict_do_update(
        index_elements=[EventBytes.activity_id, EventBytes.view],
        set_={name: new.excluded[name] for name in columns},
        where=EventBytes.version <= new.excluded.version,
    )
    db.session.execute(upsert, sorted(made.fresh, key=lambda row: str(row["activity_id"])))


def note_fetch(glance: Glance, client: str) -> None:
    """Write down that a client came: at once with a new revision, else every few minutes."""
    now = now_utc()
    quiet_until = min(filter(None, (now + NOTED_EVERY, glance.stale_at)))
    due = glance.fetched_at is None or now - glance.fetched_at >= NOTED_EVERY
    if not due and glance.fetched_revision == glance.revision:
        return
    try:
        with transaction(PATIENCE_MS) as database:
            database.execute(
                update(Feed)
                .where(Feed.id == glance.feed_id, Feed.revoked_at.is_(None))
                .values(
                    fetched_at=now,
                    fetched_by=client,
                    fetched_revision=glance.revision,
                    quiet_until=int(quiet_until.timestamp()),
                )
                .execution_options(synchronize_session=False)
            )
    except OperationalError as error:
        log().info("feed.fetch_not_noted", feed=glance.feed_id, reason=type(error).__name__)
