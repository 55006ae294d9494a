"""The bytes of a feed, kept: whoever changes them sees every difference."""

from datetime import UTC, datetime

import pytest

from commsplan.app import ROOT
from commsplan.calendars.feeds import farewell_bytes, feed_bytes
from commsplan.calendars.rules import Standing
from commsplan.foundation.database import db
from commsplan.foundation.languages import speak
from tests.calendars.conftest import TODAY, WRITTEN, Scene
from tests.calendars.lint import complaints

GOLDEN = ROOT / "tests" / "calendars" / "golden"


def compare(name: str, raw: bytes) -> None:
    assert complaints(raw) == []
    assert raw.decode() == (GOLDEN / name).read_bytes().decode()


@pytest.fixture
def full(scene: Scene) -> Scene:
    scene.add(
        "Town hall, all stations",
        datetime(2026, 10, 24, 10),
        audience_id=scene.operations.id,
        key_message="Why now;\nwhat changes, and when \\ how",
        mechanism="Meeting",
        place="Hall 2, Berlin",
        conference="https://meet.northwind.example/th?a=1&b=ü",
        owner_id=scene.cast.lead.id,
        comments="Never shown to anybody",
        sequence=3,
    )
    scene.add(
        "After summer time 🚆", datetime(2026, 10, 26, 10), status="planned", kind="announcement"
    )
    scene.add(
        "Pilot week",
        datetime(2026, 11, 2),
        ends_local=datetime(2026, 11, 6),
        all_day=True,
        kind="training",
    )
    scene.add("Your own morning", datetime(2026, 11, 9, 9), zone="recipient", kind="chat")
    scene.add(
        "Moment", datetime(2026, 11, 10, 9), ends_local=datetime(2026, 11, 10, 9), kind="deadline"
    )
    gone = scene.add("Dropped", datetime(2026, 11, 12, 9), sequence=1)
    gone.removed_at = gone.revised_at = datetime(2026, 9, 20, tzinfo=UTC)
    old = scene.add("Dropped long ago", datetime(2026, 11, 13, 9))
    old.removed_at = datetime(2026, 7, 1, tzinfo=UTC)
    off = scene.add("Called off", datetime(2026, 11, 14, 9), status="cancelled", sequence=2)
    off.revised_at = datetime(2026, 9, 21, tzinfo=UTC)
    db.session.commit()
    return scene


def test_the_team_sees_the_whole_plan(full: Scene) -> None:
    compare("team.ics", feed_bytes(full.feed(full.cast.lead), TODAY))


def test_an_employee_sees_what_is_for_them(full: Scene) -> None:
    full.cast.employee.zone = "America/New_York"
    speak("en")
    compare("employee.ics", feed_bytes(full.feed(full.cast.employee), TODAY))


def test_a_calendar_is_never_empty(scene: Scene) -> None:
    compare("nothing.ics", feed_bytes(scene.feed(scene.cast.employee), TODAY))


def test_an_ended_address_says_so(scene: Scene) -> None:
    feed = scene.feed(scene.cast.employee)
    feed.revoked_at = WRITTEN
    compare("ended.ics", farewell_bytes(feed, Standing.REVOKED, 1))
