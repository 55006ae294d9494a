"""The tab "Feed" offers my own address to whoever may read the plan, and to nobody else's eyes."""

import re

import pytest

from commsplan.calendars.actions import open_feed
from commsplan.calendars.queries import feed_of
from tests.calendars.conftest import Scene

POSTS = ["", "/renew", "/revoke", "/restore"]


def page(scene: Scene) -> str:
    return f"/plans/{scene.plan.id}/feed"


@pytest.mark.parametrize("who", ["outsider", "employee"])
def test_who_may_not_read_the_plan_finds_nothing(scene: Scene, who: str) -> None:
    browser = scene.cast.as_(getattr(scene.cast, who))
    assert browser.get(page(scene)).status_code == 404
    assert {browser.post(page(scene) + post).status_code for post in POSTS} == {404}


def test_a_stranger_is_asked_to_sign_in(client, scene: Scene) -> None:
    assert client.get(page(scene)).status_code == 303


def test_a_forged_form_is_refused(scene: Scene) -> None:
    scene.cast.app.config["WTF_CSRF_ENABLED"] = True
    browser = scene.cast.as_(scene.cast.lead)
    assert {browser.post(page(scene) + post).status_code for post in POSTS} == {400}


def test_the_address_is_made_by_pressing_the_button(scene: Scene, client) -> None:
    browser = scene.cast.as_(scene.cast.sponsor)
    assert "/f/" not in browser.get(page(scene)).text
    assert browser.post(page(scene)).status_code == 303
    shown = browser.get(page(scene)).text
    address = re.search(r'value="http://127\.0\.0\.1:8000(/f/[\w-]+\.ics)"', shown)
    assert address is not None
    assert client.get(address[1]).status_code == 200
    assert f"webcal://127.0.0.1:8000{address[1]}" in shown
    assert "No calendar has fetched it yet" not in browser.get(page(scene)).text


def test_pressing_twice_keeps_the_address(scene: Scene) -> None:
    first = open_feed(scene.cast.lead, scene.plan)
    assert open_feed(scene.cast.lead, scene.plan).id == first.id
    assert first.generation == 1


def test_nobody_sees_anybody_elses_address(scene: Scene) -> None:
    open_feed(scene.cast.employee, scene.plan)
    shown = scene.cast.as_(scene.cast.admin).get(page(scene)).text
    assert "/f/" not in shown
    assert "1 person has an address" in shown


def test_google_is_offered_only_where_google_can_reach(scene: Scene) -> None:
    open_feed(scene.cast.lead, scene.plan)
    browser = scene.cast.as_(scene.cast.lead)
    assert "calendar.google.com" not in browser.get(page(scene)).text
    config, here = scene.cast.app.config, scene.cast.app.config["BASE_URL"]
    config["BASE_URL"] = "https://comms.northwind.example"
    try:
        shown = browser.get(page(scene)).text
    finally:
        config["BASE_URL"] = here
    assert "https://calendar.google.com/calendar/render?cid=webcal%3A%2F%2Fcomms." in shown


def test_switching_off_has_a_way_back(scene: Scene) -> None:
    browser = scene.cast.as_(scene.cast.lead)
    browser.post(page(scene))
    browser.post(page(scene) + "/revoke")
    shown = browser.get(page(scene)).text
    assert f'action="{page(scene)}/restore"' in shown
    assert "Your address is switched off since" in shown
    browser.post(page(scene) + "/restore")
    feed = feed_of(scene.cast.lead, scene.plan)
    assert feed is not None
    assert (feed.revoked_at, feed.generation) == (None, 1)


def test_what_was_never_opened_cannot_be_renewed(scene: Scene) -> None:
    assert scene.cast.as_(scene.cast.lead).post(page(scene) + "/renew").status_code == 404
