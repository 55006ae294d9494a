"""A feed is reckoned only when something has changed, and then only what has changed."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from commsplan.audiences.actions import set_exception
from commsplan.calendars.actions import open_feed, renew_feed, revoke_feed
from commsplan.calendars.feed_clockwork import tidy_feeds
from commsplan.calendars.feeds import make_feed
from commsplan.calendars.keeping import keep
from commsplan.calendars.models import EventBytes, Feed
from commsplan.calendars.queries import glance_behind, number_of
from commsplan.foundation.addresses import feed_address
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.people.models import Person
from commsplan.plans.actions import set_activity_status
from commsplan.plans.models import Activity
from tests.calendars.conftest import TODAY, Scene
from tests.calendars.test_http import DAY, SOON, path


def token(feed: Feed) -> str:
    return feed_address(feed.id, feed.generation).split("/")[-1].removesuffix(".ics")


def number() -> int:
    return db.session.scalar(select(number_of("calendars"))) or 0


@pytest.fixture
def feed(scene: Scene) -> Feed:
    for day in range(5):
        scene.add(f"Town hall {day}", SOON + day * DAY, audience_id=scene.operations.id)
    return open_feed(scene.cast.employee, scene.plan)


def settle(feed: Feed) -> None:
    keep(glance_behind(token(feed)), make_feed(feed, now_utc()))
    db.session.expire_all()


def test_what_was_written_once_is_not_written_again(feed: Feed) -> None:
    assert len(make_feed(feed, TODAY).fresh) == 5
    settle(feed)
    assert make_feed(feed, now_utc()).fresh == []


def test_editing_one_activity_writes_one_event(feed: Feed) -> None:
    settle(feed)
    activity = db.session.scalars(select(Activity)).first()
    set_activity_status(activity, "done", None)
    assert [row["activity_id"] for row in make_feed(feed, now_utc()).fresh] == [activity.id]


def test_people_who_see_the_same_share_the_bytes(scene: Scene, feed: Feed) -> None:
    settle(feed)
    assert make_feed(open_feed(scene.cast.sponsor, scene.plan), now_utc()).fresh != []
    scene.cast.outsider.department = "Operations"
    db.session.commit()
    assert make_feed(open_feed(scene.cast.outsider, scene.plan), now_utc()).fresh == []


def test_a_change_nobody_is_told_of_is_written_too(scene: Scene, feed: Feed) -> None:
    activity = db.session.scalars(select(Activity)).first()
    activity.owner_id = scene.cast.lead.id
    db.session.commit()
    settle(feed)
    scene.cast.lead.name = "Lena Newname"
    db.session.commit()
    made = make_feed(feed, now_utc())
    assert len(made.fresh) == 1
    assert b"Lena Newname" in made.body


def test_another_persons_own_morning_is_written_apart(scene: Scene, feed: Feed) -> None:
    scene.add("Good morning", SOON, zone="recipient", audience_id=scene.operations.id)
    settle(feed)
    scene.cast.employee.zone = "Asia/Tokyo"
    db.session.commit()
    assert len(make_feed(feed, now_utc()).fresh) == 1


def test_nothing_changed_is_known_from_one_row(client, feed: Feed) -> None:
    client.get(path(feed))
    assert glance_behind(token(feed)).is_current


def test_joining_an_audience_moves_the_revision(client, scene: Scene, feed: Feed) -> None:
    theirs = open_feed(scene.cast.outsider, scene.plan)
    client.get(path(theirs))
    first = glance_behind(token(theirs))
    set_exception(scene.operations, scene.cast.outsider, True, "", scene.cast.lead)
    assert not glance_behind(token(theirs)).is_current
    assert b"Town hall 0" in client.get(path(theirs)).data
    assert glance_behind(token(theirs)).revision == first.revision + 1


def test_what_changed_elsewhere_leaves_the_bytes_and_their_date(client, scene, feed) -> None:
    first = client.get(path(feed))
    scene.cast.outsider.title = "Somebody"
    db.session.commit()
    assert not glance_behind(token(feed)).is_current
    known = {"If-None-Match": first.headers["ETag"]}
    with time_machine.travel(now_utc() + DAY):
        assert client.get(path(feed), headers=known).status_code == 304
        assert client.get(path(feed)).headers["Last-Modified"] == first.headers["Last-Modified"]
    assert glance_behind(token(feed)).is_current


def test_a_statement_moves_the_number_as_objects_do(scene: Scene) -> None:
    before = number()
    with transaction() as database:
        database.execute(update(Person).values(title="Colleague"))
    assert number() == before + 1


def test_what_is_rolled_back_moves_nothing(scene: Scene) -> None:
    before = number()
    scene.cast.employee.title = "Never"
    db.session.flush()
    db.session.rollback()
    db.session.commit()
    assert number() == before


def test_what_calendars_do_not_show_moves_nothing(scene: Scene, feed: Feed) -> None:
    before = number()
    revoke_feed(feed)
    assert number() == before


def test_a_tombstone_goes_in_time_without_anybodys_doing(client, scene: Scene, feed: Feed) -> None:
    activity = db.session.scalars(select(Activity)).first()
    set_activity_status(activity, "cancelled", None)
    first = client.get(path(feed))
    assert b"CANCELLED: " in first.data
    known = {"If-None-Match": first.headers["ETag"]}
    with time_machine.travel(now_utc() + timedelta(days=61)):
        later = client.get(path(feed), headers=known)
    assert later.status_code == 200
    assert b"CANCELLED: " not in later.data


def test_of_two_who_reckon_at_once_one_writes(feed: Feed) -> None:
    glance, made = glance_behind(token(feed)), make_feed(feed, now_utc())
    keep(glance, made)
    with transaction() as database:
        database.execute(update(Feed).values(content_hash="newer", revision=7))
    keep(glance, made)
    db.session.expire_all()
    assert (feed.content_hash, feed.revision) == ("newer", 7)


def test_older_bytes_never_replace_newer_ones(feed: Feed) -> None:
    glance, old = glance_behind(token(feed)), make_feed(feed, now_utc())
    activity = db.session.scalars(select(Activity)).first()
    set_activity_status(activity, "done", None)
    settle(feed)
    keep(glance, old)
    kept = select(EventBytes.version).where(EventBytes.activity_id == activity.id)
    assert db.session.scalar(kept) == activity.version == 2


def test_bytes_that_no_feed_shows_are_forgotten(scene: Scene, feed: Feed) -> None:
    settle(feed)
    activity = db.session.scalars(select(Activity)).first()
    set_activity_status(activity, "done", None)
    first = db.session.scalars(select(EventBytes)).all()[-1]
    first.edition = "former"
    db.session.commit()
    tidy_feeds()
    assert db.session.query(EventBytes).count() == 3


def test_the_door_knows_an_unchanged_calendar(client, feed: Feed) -> None:
    etag = client.get(path(feed)).headers["ETag"]
    answer = client.get(path(feed), headers={"If-None-Match": etag})
    assert answer.status_code == 304
    assert "Content-Security-Policy" not in answer.headers  # the application was not asked
    assert answer.headers["ETag"] == etag
    assert answer.headers["Cache-Control"] == "private, max-age=300"


@pytest.mark.parametrize("end", [revoke_feed, renew_feed])
def test_the_door_lets_nobody_in_who_was_shown_out(client, feed: Feed, end) -> None:
    address, known = path(feed), {"If-None-Match": client.get(path(feed)).headers["ETag"]}
    end(feed)
    assert client.get(address, headers=known).status_code == 200
    with time_machine.travel(now_utc() + 8 * DAY):
        assert client.get(address, headers=known).status_code == 404


def test_the_door_closes_with_the_employment(client, feed: Feed) -> None:
    known = {"If-None-Match": client.get(path(feed)).headers["ETag"]}
    with transaction():
        feed.person.left_on = now_utc().date() - 8 * DAY
    assert client.get(path(feed), headers=known).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": "*"},
        {"If-None-Match": 'W/"{etag}"'},
        {"If-None-Match": '"other", "{etag}"'},
        {"If-None-Match": '"{etag}-gzip"', "Accept-Encoding": "gzip;q=0.5, *;q=0"},
    ],
)
def test_what_is_written_unusually_is_understood_all_the_same(client, feed, headers) -> None:
    etag = client.get(path(feed)).headers["ETag"].strip('"')
    filled = {name: value.replace("{etag}", etag) for name, value in headers.items()}
    assert client.get(path(feed), headers=filled).status_code == 304


def test_a_fetch_behind_the_door_is_noted_every_few_minutes(client, feed: Feed) -> None:
    known = {"If-None-Match": client.get(path(feed)).headers["ETag"], "User-Agent": "curl/8"}
    first = feed.fetched_at
    client.get(path(feed), headers=known)
    assert feed.fetched_at == first
    with time_machine.travel(now_utc() + timedelta(minutes=6)):
        client.get(path(feed), headers=known)
    assert feed.fetched_at > first


def test_compression_can_be_switched_off(client, feed: Feed) -> None:
    config = client.application.config
    config["FEED_GZIP"] = False
    try:
        answer = client.get(path(feed), headers={"Accept-Encoding": "gzip"})
    finally:
        config["FEED_GZIP"] = True
    assert "Content-Encoding" not in answer.headers
    assert b"Town hall" in answer.data


def test_a_copy_can_be_downloaded(client, feed: Feed) -> None:
    answer = client.get(path(feed) + "?download")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
