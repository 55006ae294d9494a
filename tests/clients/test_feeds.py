"""Every kind of feed is read without a complaint, and alike, by all the programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from commsplan.calendars.actions import (
    open_audience_feed,
    open_feed,
    open_own,
    publish,
    revoke_feed,
)
from commsplan.calendars.feeds import farewell_bytes, feed_bytes
from commsplan.calendars.models import Feed
from commsplan.calendars.rules import ABOUT_ME, OF_ALL, Standing
from commsplan.foundation.database import db
from commsplan.plans import actions
from commsplan.plans.rules import KINDS, ActivityWish, OccurrenceWish
from commsplan.plans.series_actions import cancel_occurrence, move_occurrence
from tests.calendars.conftest import TODAY, Scene
from tests.calendars.lint import complaints
from tests.clients.readers import READERS
from tests.clients.seen import Window

pytestmark = pytest.mark.clients

WINDOW: Window = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
NASTY = "👩‍👩‍👧‍👦 \x07a;b,c\\n\r\nBEGIN:VEVENT"
RULES = ("", "FREQ=WEEKLY;COUNT=5", "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20270601")
ZONES = ("Europe/Berlin", "America/New_York", "Africa/Casablanca", "recipient")


def fill(scene: Scene) -> None:
    """Put something of every kind, rule and zone on the plan, one occurrence off and one moved."""
    for number, kind in enumerate(KINDS * 4):
        starts = datetime(2026, 10, 5 + number, 9 + number % 6)
        wish = ActivityWish(
            kind,
            f"{NASTY} {number}",
            starts,
            zone=ZONES[number % 4],
            all_day=number % 5 == 0,
            audience_id=scene.operations.id,
            owner_id=scene.cast.employee.id,
            key_message=NASTY * 5,
            place=NASTY,
            conference="https://meet.northwind.example/a?b=1;2,3" if number % 2 else "",
            recurrence=RULES[number % 3],
            status="cancelled" if number == 7 else "planned",
        )
        activity = actions.add_activity(scene.plan, wish, scene.cast.lead)
        if wish.recurrence.startswith("FREQ=WEEKLY"):
            later = OccurrenceWish(starts.replace(month=11), title="Moved")
            move_occurrence(activity, f"{starts:%Y%m%d}", later, scene.cast.lead)
            second = starts + timedelta(days=7)
            cancel_occurrence(activity, f"{second:%Y%m%d}", scene.cast.lead)


def published(scene: Scene) -> Feed:
    feed = publish(scene.plan, "new-ticketing", scene.cast.lead)
    assert feed
    return feed


FEEDS: dict[str, Callable[[Scene], Feed]] = {
    "the whole plan": lambda scene: open_feed(scene.cast.lead, scene.plan),
    "what I am addressed by": lambda scene: open_feed(scene.cast.employee, scene.plan),
    "nothing at all": lambda scene: open_feed(scene.cast.outsider, scene.plan),
    "public": published,
    "one audience": lambda scene: open_audience_feed(scene.cast.lead, scene.operations),
    **{
        str(kind): lambda scene, kind=kind: open_own(scene.cast.employee, kind)
        for kind in (*ABOUT_ME, *OF_ALL)
    },
}


@pytest.mark.parametrize("name", FEEDS)
def test_all_programs_read_it_alike(name: str, scene: Scene) -> None:
    fill(scene)
    raw = feed_bytes(FEEDS[name](scene), TODAY)
    assert complaints(raw) == []
    shown = {reader: {*READERS[reader](raw, WINDOW)} for reader in READERS}
    assert shown["icalendar"]
    assert shown["icalendar"] == shown["ical.js"] == shown["libical"]


def test_an_ended_feed_is_read_too(scene: Scene) -> None:
    feed = revoke_feed(open_feed(scene.cast.lead, scene.plan))
    feed.revoked_at = TODAY
    db.session.commit()
    raw = farewell_bytes(feed, Standing.REVOKED, 1)
    assert complaints(raw) == []
    for reader in READERS.values():
        (one,) = reader(raw, WINDOW)
        assert one.title == "This calendar feed was switched off"
