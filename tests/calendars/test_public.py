"""A plan's calendar is public where its team says so: under a name, with what all may know."""

from datetime import datetime, timedelta

import pytest
import time_machine

from commsplan.calendars.actions import publish, publish_again, unpublish
from commsplan.calendars.queries import public_feed_of
from commsplan.calendars.rules import slug_of
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from tests.calendars.conftest import Scene
from tests.calendars.lint import complaints

ADDRESS = "/calendars/office-move.ics"
SOON = datetime(2026, 10, 6, 9)


@pytest.fixture
def published(scene: Scene) -> Scene:
    scene.add(
        "Moving day",
        SOON,
        key_message="Pack",
        place="Hall 2",
        conference="https://meet.northwind.example/x",
        owner_id=scene.cast.lead.id,
    )
    publish(scene.plan, "office-move", scene.cast.lead)
    return scene


def post(scene: Scene, who: str, what: str = "", **form: str):
    browser = scene.cast.as_(getattr(scene.cast, who))
    return browser.post(f"/plans/{scene.plan.id}/feed/public{what}", data=form)


def test_everybody_gets_what_everybody_may_know(published: Scene, client) -> None:
    answer = client.get(ADDRESS)
    assert complaints(answer.data) == []
    for shown in (b"Moving day", b"Pack", b"Hall 2"):
        assert shown in answer.data
    for hidden in (b"meet.northwind", b"Lena", b"/plans/"):
        assert hidden not in answer.data
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = client.get(ADDRESS, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_ones_own_morning_has_no_zone_where_many_read(published: Scene, client) -> None:
    published.add("Good morning", SOON, zone="recipient")
    assert b"DTSTART:20261006T090000\r\n" in client.get(ADDRESS).data


def test_a_draft_shows_nothing_yet(published: Scene, client) -> None:
    published.plan.status = "draft"
    db.session.commit()
    assert b"Nothing scheduled" in client.get(ADDRESS).data


def test_a_name_that_nobody_gave_is_not_there(client, scene: Scene) -> None:
    assert client.get(ADDRESS).status_code == 404


def test_switched_off_it_says_so_for_a_week(published: Scene, client) -> None:
    feed = public_feed_of(published.plan)
    unpublish(feed, published.cast.lead)
    said = client.get(ADDRESS)
    assert b"was switched off" in said.data
    assert b"Moving day" not in said.data
    with time_machine.travel(now_utc() + timedelta(days=8)):
        assert client.get(ADDRESS).status_code == 404
    publish_again(feed, published.cast.lead)
    assert b"Moving day" in client.get(ADDRESS).data


def test_an_editor_makes_it_public_and_takes_it_back(scene: Scene, client) -> None:
    assert post(scene, "lead", slug="office-move").status_code == 303
    assert client.get(ADDRESS).status_code == 200
    shown = scene.cast.as_(scene.cast.sponsor).get(f"/plans/{scene.plan.id}/feed").text
    assert ADDRESS in shown
    assert post(scene, "lead", "/end").status_code == 303
    assert b"switched off" in client.get(ADDRESS).data
    assert post(scene, "lead").status_code == 303
    assert b"Nothing scheduled" in client.get(ADDRESS).data


@pytest.mark.parametrize("slug", ["", "Büro", "a b", "-a", "a--b", "x" * 61, "../x"])
def test_an_unusable_name_is_refused_in_plain_words(scene: Scene, slug: str) -> None:
    answer = post(scene, "lead", slug=slug)
    assert answer.status_code == 422
    assert "Use small letters" in answer.text


def test_a_name_is_given_once(published: Scene) -> None:
    unpublish(public_feed_of(published.plan), published.cast.lead)
    assert publish(published.plan, "office-move", published.cast.lead) is None
    assert post(published, "lead", slug="office-move").status_code == 303


@pytest.mark.parametrize(
    ("who", "status"), [("outsider", 404), ("sponsor", 403), ("employee", 403)]
)
def test_only_editors_decide(published: Scene, who: str, status: int) -> None:
    assert post(published, who, slug="mine").status_code == status
    assert post(published, who, "/end").status_code == status


def test_a_forged_form_is_refused(published: Scene) -> None:
    published.cast.app.config["WTF_CSRF_ENABLED"] = True
    assert post(published, "lead", "/end").status_code == 400


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Büro-Haus 7!", "buro-haus-7"),
        ("Straße", "strasse"),
        ("東京", ""),
        ("a" * 99, "a" * 60),
    ],
)
def test_a_name_is_suggested(title: str, slug: str) -> None:
    assert slug_of(title) == slug
