"""Each kind of feed shows what it says, to whom it may, in the detail that is theirs."""

from datetime import datetime, timedelta

import icalendar
import pytest
import time_machine

from commsplan.audiences.actions import create_audience
from commsplan.audiences.rules import EVERYONE
from commsplan.calendars.actions import choose_for, open_audience_feed, open_own
from commsplan.calendars.feeds import feed_bytes
from commsplan.calendars.models import Feed
from commsplan.calendars.rules import Choice, FeedKind
from commsplan.foundation.database import db
from commsplan.people.models import Grant
from commsplan.plans.models import Plan
from tests.calendars.conftest import TODAY, Scene
from tests.calendars.lint import complaints
from tests.calendars.test_http import path

SOON = datetime(2026, 10, 6, 9)


def events(feed: Feed) -> dict[str, icalendar.Event]:
    raw = feed_bytes(feed, TODAY)
    assert complaints(raw) == []
    return {str(one["SUMMARY"]): one for one in icalendar.Calendar.from_ical(raw).walk("VEVENT")}


def titles(feed: Feed) -> set[str]:
    return set(events(feed))


@pytest.fixture
def two_plans(scene: Scene) -> Scene:
    """Something of each kind for Operations on one plan, a meeting on another team's."""
    for kind in ("meeting", "training", "deadline", "survey", "announcement"):
        scene.add(f"A {kind}", SOON, kind=kind, audience_id=scene.operations.id)
    scene.add("For nobody yet", SOON)
    other = Plan(
        team_id=scene.cast.other_team.id,
        title="Safety week",
        status="active",
        zone="Europe/Berlin",
        created_at=TODAY,
    )
    db.session.add(other)
    db.session.flush()
    everyone = create_audience(scene.cast.other_team, "Everyone", EVERYONE)
    scene.add("Safety meeting", SOON, plan_id=other.id, audience_id=everyone.id)
    scene.other = other
    return scene


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (FeedKind.MEETINGS, {"A meeting", "A training", "Safety meeting"}),
        (FeedKind.DEADLINES, {"A deadline"}),
        (FeedKind.SURVEYS, {"A survey"}),
    ],
)
def test_my_own_calendars_show_one_thing_each_of_all_plans(two_plans, kind, wanted) -> None:
    assert titles(open_own(two_plans.cast.employee, kind)) == wanted


def test_what_concerns_me_is_what_is_for_me_and_what_is_mine_to_do(two_plans: Scene) -> None:
    two_plans.add("Mine to do", SOON, owner_id=two_plans.cast.outsider.id)
    assert titles(open_own(two_plans.cast.outsider, FeedKind.MINE)) == {
        "Mine to do",
        "Safety meeting",
    }
    assert "For nobody yet" not in titles(open_own(two_plans.cast.lead, FeedKind.MINE))


def test_what_is_not_ticked_is_not_there(two_plans: Scene) -> None:
    feed = open_own(two_plans.cast.employee, FeedKind.MINE)
    choose_for(feed, Choice(kinds=frozenset({"meeting"})))
    assert titles(feed) == {"A meeting", "Safety meeting"}
    choose_for(feed, Choice(without=frozenset({two_plans.other.id})))
    assert "Safety meeting" not in titles(feed)
    assert "A survey" in titles(feed)


def test_each_event_of_several_plans_says_to_which_it_belongs(two_plans: Scene) -> None:
    found = events(open_own(two_plans.cast.employee, FeedKind.MEETINGS))
    assert "Safety week" in found["Safety meeting"]["CATEGORIES"].cats


def test_a_calendar_of_several_plans_begins_with_last_year(two_plans: Scene) -> None:
    two_plans.add(
        "Long ago", datetime(2024, 12, 30, 9), kind="deadline", audience_id=two_plans.operations.id
    )
    assert titles(open_own(two_plans.cast.employee, FeedKind.DEADLINES)) == {"A deadline"}


def test_an_audience_is_for_those_who_work_with_it(two_plans: Scene) -> None:
    feed = open_audience_feed(two_plans.cast.lead, two_plans.operations)
    assert len(titles(feed)) == 5
    db.session.query(Grant).filter_by(person_id=two_plans.cast.lead.id).delete()
    db.session.commit()
    assert titles(feed) == {"Nothing scheduled"}


def test_another_teams_meeting_with_our_audience_is_only_busy(two_plans: Scene) -> None:
    two_plans.add(
        "Secret",
        SOON,
        plan_id=two_plans.other.id,
        audience_id=two_plans.operations.id,
        place="Hall",
    )
    feed = open_audience_feed(two_plans.cast.lead, two_plans.operations)
    assert "Busy" in titles(feed)
    assert b"Secret" not in feed_bytes(feed, TODAY)
    assert b"LOCATION" not in feed_bytes(feed, TODAY)


class TestChanges:
    """The change calendar of the whole organisation."""

    def test_everybody_sees_what_is_marked_as_a_change(self, two_plans: Scene) -> None:
        two_plans.add("VPN moves", SOON, is_change=True, owner_id=two_plans.cast.lead.id)
        feed = open_own(two_plans.cast.outsider, FeedKind.CHANGES)
        assert titles(feed) == {"VPN moves"}

    def test_without_the_way_in_and_without_names(self, two_plans: Scene) -> None:
        two_plans.add(
            "VPN moves",
            SOON,
            is_change=True,
            owner_id=two_plans.cast.lead.id,
            conference="https://meet.northwind.example/x",
            key_message="Sign in again",
        )
        raw = feed_bytes(open_own(two_plans.cast.outsider, FeedKind.CHANGES), TODAY)
        assert b"Sign in again" in raw
        assert b"meet.northwind" not in raw
        assert b"Lena" not in raw
        whole = feed_bytes(open_own(two_plans.cast.lead, FeedKind.CHANGES), TODAY)
        assert b"meet.northwind" in whole

    def test_a_draft_changes_nothing_yet(self, two_plans: Scene) -> None:
        two_plans.add("VPN moves", SOON, is_change=True)
        two_plans.plan.status = "draft"
        db.session.commit()
        feed = open_own(two_plans.cast.lead, FeedKind.CHANGES)
        assert titles(feed) == {"Nothing scheduled"}

    def test_whoever_wants_sees_when_others_are_busy(self, two_plans: Scene) -> None:
        feed = open_own(two_plans.cast.outsider, FeedKind.CHANGES)
        choose_for(feed, Choice(others_busy=True))
        found = events(feed)
        assert set(found) == {"Busy", "Safety meeting"}
        assert str(found["Busy"]["CLASS"]) == "PRIVATE"
        assert "DESCRIPTION" not in found["Busy"]


def test_every_kind_is_a_calendar_even_without_anything_in_it(scene: Scene) -> None:
    for kind in FeedKind:
        if kind not in (FeedKind.PLAN, FeedKind.PUBLIC, FeedKind.AUDIENCE):
            assert titles(open_own(scene.cast.employee, kind)) == {"Nothing scheduled"}


def test_a_new_year_drops_what_is_old_by_itself(client, two_plans: Scene) -> None:
    feed = open_own(two_plans.cast.employee, FeedKind.DEADLINES)
    address = path(feed)
    with time_machine.travel(TODAY):
        first = client.get(address)
    with time_machine.travel(TODAY + timedelta(days=2 * 366)):
        later = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert b"A deadline" in first.data
    assert b"Nothing scheduled" in later.data
