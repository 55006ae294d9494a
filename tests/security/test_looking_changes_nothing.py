"""GET and HEAD change no business state: the whole database is compared before and after."""

import pytest
from sqlalchemy import select

from commsplan.foundation.database import db
from tests.security.world import World, rules_of

LOGGED = {"event", "event_bytes"}
"""Opening and following a link is written down, append-only: the one exception; and the bytes of
calendars' events are kept, to be reckoned only once.
"""

SEEN = {
    ("feed", "fetched_at"),
    ("feed", "fetched_by"),
    ("feed", "fetched_revision"),
    ("feed", "revision"),
    ("feed", "basis"),
    ("feed", "stale_at"),
    ("feed", "quiet_until"),
    ("feed", "content_hash"),
    ("feed", "content_changed_at"),
    ("board_feed", "content_hash"),
    ("board_feed", "content_changed_at"),
    ("sign_in_session", "seen_at"),
    ("api_token", "used_at"),
}
"""When something was last seen is no business state."""


def everything() -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table."""
    kept = {}
    for table in db.metadata.sorted_tables:
        if table.name not in LOGGED:
            columns = [one for one in table.columns if (table.name, one.name) not in SEEN]
            rows = db.session.execute(select(*columns).order_by(*table.primary_key.columns))
            kept[table.name] = [tuple(map(repr, row)) for row in rows]
    db.session.rollback()
    return kept


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("who", ["lead", "admin", "employee", ""])
def test_nothing_changes(world: World, who: str, method: str) -> None:
    browser = world.cast.as_(getattr(world.cast, who)) if who else world.app.test_client()
    before = everything()
    for rule in rules_of(world.app, method):
        browser.open(world.address(rule), method=method)
        after = everything()
        assert after == before, f"{method} {rule} changed the database"
