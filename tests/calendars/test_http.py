"""A feed over HTTP: fresh, small, private, and gone when it was switched off."""

import gzip
from datetime import datetime, timedelta

import pytest
import time_machine

from commsplan.calendars.actions import open_feed, renew_feed, restore_feed, revoke_feed
from commsplan.foundation.addresses import feed_address
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.tokens import sign
from tests.calendars.conftest import Scene
from tests.calendars.lint import complaints

SOON = datetime(2026, 10, 6, 9)
DAY = timedelta(days=1)


@pytest.fixture
def feed(scene: Scene):
    scene.add("Town hall", SOON, audience_id=scene.operations.id)
    return open_feed(scene.cast.employee, scene.plan)


def path(feed) -> str:
    return feed_address(feed.id, feed.generation).removeprefix("http://127.0.0.1:8000")


def test_a_client_needs_no_sign_in_and_gets_a_calendar(client, feed) -> None:
    answer = client.get(path(feed))
    assert (answer.status_code, answer.content_type) == (200, "text/calendar; charset=utf-8")
    assert complaints(answer.data) == []
    assert b"SUMMARY:Town hall" in answer.data
    expected = {
        "Cache-Control": "private, max-age=300",
        "X-Robots-Tag": "noindex",
        "Referrer-Policy": "no-referrer",
        "Content-Disposition": 'inline; filename="New_ticketing_step_1_Berlin.ics"',
    }
    assert {name: answer.headers[name] for name in expected} == expected
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert not answer.headers["ETag"].startswith("W/")
    assert answer.last_modified is not None
    assert "Set-Cookie" not in answer.headers


def test_what_did_not_change_is_not_sent_again(client, feed) -> None:
    first = client.get(path(feed))
    again = client.get(path(feed), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get(path(feed), headers=since).status_code == 304


def test_the_bytes_are_the_same_every_time(client, feed) -> None:
    first = client.get(path(feed)).data
    with time_machine.travel(now_utc() + 3 * DAY):
        assert client.get(path(feed)).data == first


def test_a_change_is_noticed_by_etag_and_by_date(client, scene: Scene, feed) -> None:
    first = client.get(path(feed))
    with time_machine.travel(now_utc() + DAY):
        scene.operations.rule = {"all": [{"field": "department", "is": ["Sales"]}]}
        db.session.commit()
        etag = client.get(path(feed), headers={"If-None-Match": first.headers["ETag"]})
        since = {"If-Modified-Since": first.headers["Last-Modified"]}
        date = client.get(path(feed), headers=since)
    assert (etag.status_code, date.status_code) == (200, 200)
    assert b"Nothing scheduled" in date.data


def test_head_says_the_same_without_the_body(client, feed) -> None:
    got, head = client.get(path(feed)), client.head(path(feed))
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == got.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(got.data))


def test_gzip_is_the_same_calendar_under_an_etag_of_its_own(client, feed) -> None:
    plain = client.get(path(feed))
    small = client.get(path(feed), headers={"Accept-Encoding": "gzip, deflate"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert small.headers["ETag"] != plain.headers["ETag"]
    again = {"Accept-Encoding": "gzip", "If-None-Match": small.headers["ETag"]}
    assert client.get(path(feed), headers=again).status_code == 304


def test_who_came_is_written_down_by_name_and_not_at_every_request(client, feed) -> None:
    thunderbird = {"User-Agent": "Mozilla/5.0 (X11; Linux) Gecko/20100101 Thunderbird/153.0"}
    client.get(path(feed), headers=thunderbird)
    first = feed.fetched_at
    assert feed.fetched_by == "Thunderbird"
    client.get(path(feed), headers={"User-Agent": "curl/8"})
    assert (feed.fetched_at, feed.fetched_by) == (first, "Thunderbird")
    with time_machine.travel(now_utc() + timedelta(minutes=6)):
        client.get(path(feed), headers={"User-Agent": "curl/8"})
        assert feed.fetched_by == "curl"


@pytest.mark.parametrize(
    ("days", "status", "words"),
    [(0, 200, b"SUMMARY:This calendar feed was switched off"), (8, 404, b"")],
)
def test_a_feed_that_was_switched_off_says_so_for_a_week(client, feed, days, status, words) -> None:
    address = path(feed)
    revoke_feed(feed)
    with time_machine.travel(now_utc() + days * DAY):
        answer = client.get(address)
    assert answer.status_code == status
    assert words in answer.data
    assert b"Town hall" not in answer.data


def test_switching_off_can_be_taken_back(client, feed) -> None:
    restore_feed(revoke_feed(feed))
    assert b"Town hall" in client.get(path(feed)).data


def test_a_new_address_ends_the_old_one(client, feed) -> None:
    old = path(feed)
    renew_feed(feed)
    assert b"Town hall" in client.get(path(feed)).data
    answer = client.get(old)
    assert complaints(answer.data) == []
    assert b"was replaced" in answer.data
    assert path(feed).split("/")[-1].encode() not in answer.data
    renew_feed(feed)
    assert client.get(old).status_code == 404


def test_opening_again_after_switching_off_makes_a_new_address(client, scene, feed) -> None:
    old = path(feed)
    revoke_feed(feed)
    open_feed(scene.cast.employee, scene.plan)
    assert path(feed) != old
    assert b"Town hall" in client.get(path(feed)).data
    assert b"Town hall" not in client.get(old).data


def test_a_feed_ends_with_the_employment(client, feed) -> None:
    with transaction():
        feed.person.left_on = now_utc().date() - 8 * DAY
    assert client.get(path(feed)).status_code == 404


@pytest.mark.parametrize("purpose", ["message", "calendar", "sign-in"])
def test_a_token_for_something_else_opens_no_feed(client, feed, purpose: str) -> None:
    token = sign(purpose, feed.id, feed.generation)
    assert client.get(f"/f/{token}.ics").status_code == 404


def test_a_forged_or_unknown_token_is_not_there(client, feed) -> None:
    token = sign("feed", feed.id, feed.generation)
    tampered = ("A" if token[0] != "A" else "B") + token[1:]
    unknown = sign("feed", feed.id + 99, 1)
    for wrong in (tampered, unknown, token[:-2], "", "x" * 500):
        assert client.get(f"/f/{wrong}.ics").status_code == 404
