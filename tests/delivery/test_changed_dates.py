"""After a change a plan shows whose calendars have come since, and mails the others, once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine

from commsplan.calendars.actions import choose_for, open_feed, open_own, revoke_feed
from commsplan.calendars.freshness import freshness_of, recent_changes
from commsplan.calendars.models import Feed
from commsplan.calendars.rules import Choice, FeedKind
from commsplan.delivery.bounce_models import SuppressedAddress
from commsplan.delivery.moved_actions import counts_of, tell_the_others
from commsplan.delivery.moved_mail import mail_changes
from commsplan.delivery.moved_models import MovedMail
from commsplan.foundation.addresses import feed_address
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.people.models import Person
from commsplan.plans.actions import change_activity, set_activity_status
from commsplan.plans.models import Activity
from commsplan.plans.rules import ActivityWish
from commsplan.plans.series_actions import cancel_occurrence
from tests.calendars.conftest import Scene
from tests.cast import Cast
from tests.delivery.conftest import NOBODY_LISTENS
from tests.delivery.sink import Sink

NEXT_WEEK = (now_utc() + timedelta(days=7)).replace(tzinfo=None, microsecond=0, second=0, minute=0)
LATER = timedelta(hours=1)


@pytest.fixture
def scene(cast: Cast) -> Scene:
    return Scene(cast)


@pytest.fixture
def talk(scene: Scene) -> Activity:
    return scene.add("Town hall", NEXT_WEEK, audience_id=scene.operations.id, zone="UTC")


def move(activity: Activity, by: timedelta = LATER) -> None:
    wish = ActivityWish(
        kind=activity.kind,
        title=activity.title,
        starts_local=activity.starts_local + by,
        ends_local=activity.ends_local + by,
        zone=activity.zone,
        audience_id=activity.audience_id,
        status=activity.status,
    )
    change_activity(activity, wish, None)


def fetch(client, feed: Feed) -> None:
    address = feed_address(feed.id, feed.generation).removeprefix("http://127.0.0.1:8000")
    assert client.get(address).status_code == 200


def seen(activity: Activity) -> tuple[int, int]:
    db.session.expire_all()
    found = freshness_of(activity)
    return len(found.fetched), len(found.waiting)


def test_who_fetched_since_is_told_apart_from_who_did_not(client, scene, talk) -> None:
    first, second = (
        open_feed(scene.cast.employee, scene.plan),
        open_feed(scene.cast.sponsor, scene.plan),
    )
    fetch(client, first)
    fetch(client, second)
    with time_machine.travel(now_utc() + LATER):
        move(talk)
        assert seen(talk) == (0, 2)
        fetch(client, first)
        assert seen(talk) == (1, 1)


def test_a_fetch_just_before_the_change_does_not_count(client, scene, talk) -> None:
    feed = open_feed(scene.cast.employee, scene.plan)
    fetch(client, feed)
    move(talk)
    assert seen(talk) == (0, 1)
    fetch(client, feed)  # within the five minutes in which an unchanged calendar is not noted
    assert seen(talk) == (1, 0)


def test_one_of_a_persons_calendars_is_enough(client, scene: Scene, talk: Activity) -> None:
    open_feed(scene.cast.employee, scene.plan)
    move(talk)
    fetch(client, open_own(scene.cast.employee, FeedKind.MEETINGS))
    assert seen(talk) == (1, 0)


@pytest.mark.parametrize(
    ("kind", "subscribers"),
    [
        (FeedKind.MINE, 1),
        (FeedKind.MEETINGS, 1),
        (FeedKind.DEADLINES, 0),
        (FeedKind.CHANGES, 0),
        (FeedKind.BLACKOUTS, 0),
    ],
)
def test_only_calendars_that_show_it_count(scene: Scene, talk: Activity, kind, subscribers) -> None:
    open_own(scene.cast.employee, kind)
    assert freshness_of(talk).subscribers == subscribers


def test_what_is_not_ticked_or_ended_or_not_for_me_does_not_count(scene, talk) -> None:
    feed = open_own(scene.cast.employee, FeedKind.MINE)
    choose_for(feed, Choice(kinds=frozenset({"survey"})))
    revoke_feed(open_feed(scene.cast.sponsor, scene.plan))
    open_feed(scene.cast.outsider, scene.plan)
    assert freshness_of(talk).subscribers == 0


def test_the_change_calendar_counts_for_changes(scene: Scene) -> None:
    change = scene.add("VPN", NEXT_WEEK, is_change=True)
    open_own(scene.cast.outsider, FeedKind.CHANGES)
    assert freshness_of(change).subscribers == 1


def test_what_never_changed_or_is_over_is_not_followed(scene: Scene, talk: Activity) -> None:
    open_feed(scene.cast.employee, scene.plan)
    assert recent_changes(scene.plan) == []
    move(talk)
    assert [one.activity.id for one in recent_changes(scene.plan)] == [talk.id]
    with time_machine.travel(now_utc() + timedelta(days=8)):
        assert recent_changes(scene.plan) == []


def test_only_the_others_get_a_mail(client, scene: Scene, talk: Activity, sink: Sink) -> None:
    came = open_feed(scene.cast.employee, scene.plan)
    open_feed(scene.cast.sponsor, scene.plan)
    move(talk)
    fetch(client, came)
    assert tell_the_others(talk, scene.cast.lead) == 1
    mail_changes()
    assert sink.to == [scene.cast.sponsor.email]
    text = sink.mails[0].get_payload(0).get_payload(decode=True).decode()
    assert "Town hall" in str(sink.mails[0]["Subject"])
    assert "Before:" in text
    assert counts_of(talk) == {"sent": 1}


def test_nobody_is_told_twice_of_one_change(scene: Scene, talk: Activity, sink: Sink) -> None:
    open_feed(scene.cast.employee, scene.plan)
    move(talk)
    tell_the_others(talk, scene.cast.lead)
    with pytest.raises(NotNow):
        tell_the_others(talk, scene.cast.lead)
    mail_changes()
    mail_changes()
    assert len(sink.mails) == 1
    move(talk)
    assert tell_the_others(talk, scene.cast.lead) == 1


def left(person: Person, _talk: Activity) -> None:
    with transaction():
        person.left_on = now_utc().date()


def changed_again(_person: Person, talk: Activity) -> None:
    move(talk)


def suppressed(person: Person, _talk: Activity) -> None:
    with transaction() as database:
        entry = SuppressedAddress(address=person.email, reason="by hand", since=now_utc())
        database.add(entry)


@pytest.mark.parametrize("happens", [left, changed_again, suppressed])
def test_who_does_not_need_it_any_more_is_spared(scene, talk, sink: Sink, happens) -> None:
    open_feed(scene.cast.employee, scene.plan)
    move(talk)
    tell_the_others(talk, scene.cast.lead)
    happens(scene.cast.employee, talk)
    mail_changes()
    assert sink.mails == []
    assert db.session.query(MovedMail).one().state == "spared"


def test_whose_calendar_comes_before_the_mail_is_spared_it(client, scene, talk, sink) -> None:
    feed = open_feed(scene.cast.employee, scene.plan)
    move(talk)
    tell_the_others(talk, scene.cast.lead)
    fetch(client, feed)
    mail_changes()
    assert sink.mails == []
    assert db.session.query(MovedMail).one().note == "fetched since"


def test_a_mail_server_that_is_away_is_waited_for(scene, talk, sink: Sink) -> None:
    open_feed(scene.cast.employee, scene.plan)
    move(talk)
    tell_the_others(talk, scene.cast.lead)
    config = scene.cast.app.config
    there, config["SMTP_URL"] = config["SMTP_URL"], NOBODY_LISTENS
    mail_changes()
    config["SMTP_URL"] = there
    assert counts_of(talk) == {"waiting": 1}
    mail_changes()
    assert counts_of(talk) == {"sent": 1}


@pytest.mark.parametrize(("answer", "state"), [("550 Unknown", "failed"), ("451 Later", "waiting")])
def test_a_refusal_is_final_or_not(scene, talk, sink: Sink, answer: str, state: str) -> None:
    open_feed(scene.cast.employee, scene.plan)
    move(talk)
    tell_the_others(talk, scene.cast.lead)
    sink.at_rcpt = lambda _server, _address, _number: answer
    mail_changes()
    assert counts_of(talk) == {state: 1}


def test_a_line_that_breaks_after_the_mail_leaves_it_in_doubt(scene, talk, sink: Sink) -> None:
    open_feed(scene.cast.employee, scene.plan)
    move(talk)
    tell_the_others(talk, scene.cast.lead)
    sink.at_end = lambda _server, _number: "taken, line cut"
    mail_changes()
    sink.at_end = None
    mail_changes()
    assert counts_of(talk) == {"uncertain": 1}
    assert len(sink.mails) == 1


def test_a_mail_whose_sender_died_is_in_doubt_and_not_repeated(scene, talk, sink: Sink) -> None:
    open_feed(scene.cast.employee, scene.plan)
    move(talk)
    tell_the_others(talk, scene.cast.lead)
    with transaction():
        row = db.session.query(MovedMail).one()
        row.state, row.began_at = "sending", now_utc()
    mail_changes()
    assert counts_of(talk) == {"sending": 1}
    with time_machine.travel(now_utc() + LATER):
        mail_changes()
    assert counts_of(talk) == {"uncertain": 1}
    assert sink.mails == []


def test_what_is_cancelled_is_said_to_be(scene, talk, sink: Sink) -> None:
    open_feed(scene.cast.employee, scene.plan)
    set_activity_status(talk, "cancelled", None)
    tell_the_others(talk, scene.cast.lead)
    mail_changes()
    assert str(sink.mails[0]["Subject"]) == "Cancelled: Town hall"


def test_of_a_series_the_one_that_changed_is_named(scene: Scene, sink: Sink) -> None:
    series = scene.add(
        "Stand-up",
        NEXT_WEEK,
        audience_id=scene.operations.id,
        zone="UTC",
        recurrence="FREQ=DAILY;COUNT=5",
        ends_at=now_utc() + timedelta(days=20),
    )
    open_feed(scene.cast.employee, scene.plan)
    second = NEXT_WEEK + timedelta(days=1)
    cancel_occurrence(series, f"{second:%Y%m%dT%H%M}", None)
    tell_the_others(series, scene.cast.lead)
    mail_changes()
    text = sink.mails[0].get_payload(0).get_payload(decode=True).decode()
    assert "does not take place" in text
    assert f"{second.day} " in text


def test_the_mail_speaks_the_readers_language(scene, talk, sink: Sink) -> None:
    scene.cast.employee.language = "de"
    db.session.commit()
    open_feed(scene.cast.employee, scene.plan)
    move(talk)
    tell_the_others(talk, scene.cast.lead)
    mail_changes()
    text = sink.mails[0].get_payload(0).get_payload(decode=True).decode()
    assert "Guten Tag Emil" in text


class TestPage:
    """The plan's tab shows it, and offers the mail to those who may change the plan."""

    def tell(self, scene: Scene, talk: Activity, who: str):
        browser = scene.cast.as_(getattr(scene.cast, who))
        return browser.post(f"/plans/{scene.plan.id}/activities/{talk.id}/tell")

    def shown(self, scene: Scene, who: str) -> str:
        return scene.cast.as_(getattr(scene.cast, who)).get(f"/plans/{scene.plan.id}/feed").text

    def test_numbers_and_the_button(self, client, scene: Scene, talk: Activity, sink: Sink) -> None:
        fetch(client, open_feed(scene.cast.employee, scene.plan))
        open_feed(scene.cast.sponsor, scene.plan)
        assert "on their way into calendars" not in self.shown(scene, "lead")
        move(talk)
        shown = self.shown(scene, "lead")
        assert "0 of 2 subscribers" in shown
        assert "Mail the other 2 people" in shown
        assert scene.cast.employee.name not in shown.split('id="changes"')[1]
        assert "Mail the other" not in self.shown(scene, "sponsor")
        assert self.tell(scene, talk, "lead").status_code == 303
        mail_changes()
        assert "2 people were told by mail" in self.shown(scene, "lead")
        assert self.tell(scene, talk, "lead").status_code == 409

    def test_others_may_not(self, scene: Scene, talk: Activity) -> None:
        open_feed(scene.cast.employee, scene.plan)
        move(talk)
        found = {who: self.tell(scene, talk, who).status_code for who in ("outsider", "employee")}
        assert found == {"outsider": 404, "employee": 403}
        assert db.session.query(MovedMail).count() == 0

    def test_a_forged_form_is_refused(self, scene: Scene, talk: Activity) -> None:
        scene.cast.app.config["WTF_CSRF_ENABLED"] = True
        assert self.tell(scene, talk, "lead").status_code == 400


def test_times_are_the_readers(scene, talk, sink: Sink) -> None:
    scene.cast.employee.zone = "Asia/Tokyo"
    db.session.commit()
    open_feed(scene.cast.employee, scene.plan)
    move(talk)
    tell_the_others(talk, scene.cast.lead)
    mail_changes()
    at = datetime.combine(NEXT_WEEK, NEXT_WEEK.time()) + timedelta(hours=10)
    text = sink.mails[0].get_payload(0).get_payload(decode=True).decode()
    assert f"{at:%H:%M}" in text
    assert "(Tokyo)" in text
