"""Feeds show what is no activity: blackouts, what is due, when questions close."""

from datetime import UTC, date, datetime, timedelta

import pytest

from commsplan.calendars.actions import choose_for, open_own
from commsplan.calendars.blackout_models import Blackout
from commsplan.calendars.feeds import feed_bytes, make_feed
from commsplan.calendars.rules import Choice, FeedKind
from commsplan.calendars.shared_models import ImportedEvent, SharedCalendar
from commsplan.foundation.database import db
from commsplan.messages.models import Message, Version
from commsplan.surveys.models import Survey
from tests.calendars.conftest import TODAY, WRITTEN, Scene
from tests.calendars.test_kinds import events, titles


def blackout(scene: Scene, **fields: object) -> Blackout:
    values = {
        "uid": "freeze@127.0.0.1",
        "team_id": scene.cast.team.id,
        "title": "Year-end freeze",
        "reason": "Books are closed; nothing moves.",
        "starts_local": datetime(2026, 12, 18),
        "ends_local": datetime(2026, 12, 31),
        "zone": "Europe/Berlin",
        "all_day": True,
        "starts_at": datetime(2026, 12, 17, 23, tzinfo=UTC),
        "ends_at": datetime(2026, 12, 31, 23, tzinfo=UTC),
        "created_at": WRITTEN,
        "revised_at": WRITTEN,
        **fields,
    }
    made = Blackout(**values)
    db.session.add(made)
    db.session.commit()
    return made


def message(scene: Scene, **fields: object) -> Message:
    values = {
        "plan_id": scene.plan.id,
        "audience_id": scene.operations.id,
        "state": "sent",
        "created_at": WRITTEN,
        **fields,
    }
    said = Message(**values)
    said.versions.append(
        Version(number=1, subject="Boxes, {{ first_name }}", body="x", content_hash="", at=WRITTEN)
    )
    db.session.add(said)
    db.session.commit()
    return said


def test_everybody_sees_when_nothing_is_changed(scene: Scene) -> None:
    blackout(scene)
    event = events(open_own(scene.cast.employee, FeedKind.BLACKOUTS))["Year-end freeze"]
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 12, 18), date(2027, 1, 1))
    assert str(event["TRANSP"]) == "TRANSPARENT"
    assert "Books are closed" in str(event["DESCRIPTION"])


def test_a_lifted_blackout_is_a_tombstone_and_then_gone(scene: Scene) -> None:
    lifted = blackout(scene, removed_at=TODAY, sequence=1)
    feed = open_own(scene.cast.employee, FeedKind.BLACKOUTS)
    assert titles(feed) == {"CANCELLED: Year-end freeze"}
    assert make_feed(feed, TODAY).stale_at == TODAY + timedelta(days=60)
    lifted.removed_at = TODAY - timedelta(days=61)
    db.session.commit()
    assert titles(feed) == {"Nothing scheduled"}


@pytest.mark.parametrize(("kind", "shown"), [("freeze", True), ("quiet", True), ("holiday", False)])
def test_freezes_read_from_elsewhere_are_shown_too(scene: Scene, kind: str, shown: bool) -> None:
    calendar = SharedCalendar(
        slug="it",
        name="IT",
        kind=kind,
        source="file",
        team_id=scene.cast.team.id,
        zone="Europe/Berlin",
        created_at=WRITTEN,
    )
    db.session.add(calendar)
    db.session.flush()
    begins = datetime(2026, 11, 1, 23, tzinfo=UTC)
    db.session.add(
        ImportedEvent(
            calendar_id=calendar.id,
            uid="a@b",
            title="Release stop",
            starts_at=begins,
            ends_at=begins + timedelta(days=2),
            all_day=True,
        )
    )
    db.session.commit()
    found = events(open_own(scene.cast.employee, FeedKind.BLACKOUTS))
    assert ("Release stop" in found) is shown
    if shown:
        assert found["Release stop"]["DTEND"].dt == date(2026, 11, 4)


def test_what_i_was_asked_to_do_is_a_day_in_my_calendar(scene: Scene) -> None:
    message(scene, action_what="Pack your boxes", action_due_on=date(2026, 10, 9))
    event = events(open_own(scene.cast.employee, FeedKind.DEADLINES))["Pack your boxes"]
    assert event["DTSTART"].dt == date(2026, 10, 9)
    assert "{{" not in str(event["DESCRIPTION"])
    assert "Pack your boxes" in titles(open_own(scene.cast.employee, FeedKind.MINE))
    assert titles(open_own(scene.cast.outsider, FeedKind.DEADLINES)) == {"Nothing scheduled"}


@pytest.mark.parametrize("state", ["draft", "scheduled", "cancelled"])
def test_what_was_not_sent_is_asked_of_nobody(scene: Scene, state: str) -> None:
    message(scene, action_what="Pack", action_due_on=date(2026, 10, 9), state=state)
    assert titles(open_own(scene.cast.employee, FeedKind.DEADLINES)) == {"Nothing scheduled"}


def test_when_questions_close_is_in_my_calendar(scene: Scene) -> None:
    asked = message(scene)
    closes = datetime(2026, 10, 9, 16, tzinfo=UTC)
    db.session.add(
        Survey(message_id=asked.id, closes_at=closes, reply_by=closes.date(), created_at=WRITTEN)
    )
    db.session.commit()
    (event,) = events(open_own(scene.cast.employee, FeedKind.SURVEYS)).values()
    assert event["DTEND"].dt == closes
    assert str(event["SUMMARY"]).startswith("Questions close: Boxes")
    feed = open_own(scene.cast.employee, FeedKind.MINE)
    choose_for(feed, Choice(kinds=frozenset({"meeting"})))
    assert titles(feed) == {"Nothing scheduled"}


def test_a_plan_that_is_not_ticked_asks_nothing(scene: Scene) -> None:
    message(scene, action_what="Pack", action_due_on=date(2026, 10, 9))
    feed = open_own(scene.cast.employee, FeedKind.MINE)
    choose_for(feed, Choice(without=frozenset({scene.plan.id})))
    assert b"Pack" not in feed_bytes(feed, TODAY)
