"""A feed shows what concerns its person: the whole plan to readers, their own part to others."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from commsplan.calendars.feeds import feed_bytes
from commsplan.foundation.database import db
from tests.calendars.conftest import TODAY, Scene

SOON = datetime(2026, 10, 6, 9)


def events(scene: Scene, person) -> dict[str, icalendar.Event]:
    raw = feed_bytes(scene.feed(person), TODAY)
    return {str(one["SUMMARY"]): one for one in icalendar.Calendar.from_ical(raw).walk("VEVENT")}


@pytest.mark.parametrize("who", ["lead", "teammate", "sponsor", "admin"])
def test_readers_see_everything(scene: Scene, who: str) -> None:
    scene.add("For nobody yet", SOON)
    assert set(events(scene, getattr(scene.cast, who))) == {"For nobody yet"}


def test_others_see_only_what_is_for_them(scene: Scene) -> None:
    scene.add("For operations", SOON, audience_id=scene.operations.id)
    scene.add("For nobody yet", SOON)
    assert set(events(scene, scene.cast.employee)) == {"For operations"}
    assert set(events(scene, scene.cast.outsider)) == {"Nothing scheduled"}


def test_whoever_sees_to_it_sees_it(scene: Scene) -> None:
    scene.add("Mine to do", SOON, owner_id=scene.cast.outsider.id)
    assert set(events(scene, scene.cast.outsider)) == {"Mine to do"}


def test_a_draft_is_not_shown_to_those_it_will_address(scene: Scene) -> None:
    scene.add("For operations", SOON, audience_id=scene.operations.id)
    scene.plan.status = "draft"
    db.session.commit()
    assert set(events(scene, scene.cast.employee)) == {"Nothing scheduled"}
    assert set(events(scene, scene.cast.lead)) == {"For operations"}


def test_ones_own_morning_is_in_ones_own_zone(scene: Scene) -> None:
    scene.add("Good morning", SOON, zone="recipient", audience_id=scene.operations.id)
    scene.cast.employee.zone = "America/New_York"
    db.session.commit()
    event = events(scene, scene.cast.employee)["Good morning"]
    assert event["DTSTART"].dt == datetime(2026, 10, 6, 13, tzinfo=UTC)


def test_summer_and_winter_time_are_kept_apart(scene: Scene) -> None:
    scene.add("Summer", datetime(2026, 10, 24, 10))
    scene.add("Winter", datetime(2026, 10, 26, 10))
    found = events(scene, scene.cast.lead)
    assert [found[name]["DTSTART"].dt.hour for name in ("Summer", "Winter")] == [8, 9]


def test_the_last_day_of_an_all_day_activity_is_included(scene: Scene) -> None:
    scene.add("Week", SOON, ends_local=SOON + timedelta(days=4), all_day=True)
    event = events(scene, scene.cast.lead)["Week"]
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (
        SOON.date(),
        SOON.date() + timedelta(days=5),
    )


def test_notes_of_the_team_stay_in_the_team(scene: Scene) -> None:
    scene.add("Talk", SOON, audience_id=scene.operations.id, comments="Careful with unions")
    assert b"unions" not in feed_bytes(scene.feed(scene.cast.lead), TODAY)


def test_what_is_cancelled_is_a_tombstone_and_then_gone(scene: Scene) -> None:
    activity = scene.add("Fair", SOON, status="cancelled", sequence=1, revised_at=TODAY)
    event = events(scene, scene.cast.lead)["CANCELLED: Fair"]
    assert (str(event["STATUS"]), str(event["TRANSP"])) == ("CANCELLED", "TRANSPARENT")
    assert str(event["UID"]) == activity.uid
    activity.revised_at = TODAY - timedelta(days=61)
    db.session.commit()
    assert set(events(scene, scene.cast.lead)) == {"Nothing scheduled"}
