"""One page lists every calendar I may subscribe to; I tick, fetch, replace and end them there."""

import re
from datetime import datetime

import pytest

from commsplan.calendars.actions import open_audience_feed, open_feed, open_own
from commsplan.calendars.queries import feed_about
from commsplan.calendars.rules import FeedKind
from commsplan.plans.rules import KINDS
from tests.calendars.conftest import Scene

PAGE = "/me/calendars"
ADDRESS = re.compile(r'value="http://127\.0\.0\.1:8000(/f/[\w-]+\.ics)"')
SOON = datetime(2026, 10, 6, 9)


@pytest.fixture
def planned(scene: Scene) -> Scene:
    scene.add("Town hall", SOON, audience_id=scene.operations.id)
    return scene


def test_a_stranger_is_asked_to_sign_in(client, scene: Scene) -> None:
    assert client.get(PAGE).status_code == 303
    assert client.post(f"{PAGE}/feeds", data={"kind": "mine"}).status_code == 303


def test_a_forged_form_is_refused(scene: Scene) -> None:
    feed = open_own(scene.cast.employee, FeedKind.MEETINGS)
    scene.cast.app.config["WTF_CSRF_ENABLED"] = True
    browser = scene.cast.as_(scene.cast.employee)
    posts = ["feeds", "mine", *(f"feeds/{feed.id}/{what}" for what in ("renew", "revoke"))]
    assert {browser.post(f"{PAGE}/{post}").status_code for post in posts} == {400}


def test_the_page_begins_without_any_address(planned: Scene) -> None:
    shown = planned.cast.as_(planned.cast.employee).get(PAGE).text
    assert "You have no address yet" in shown
    assert "/f/" not in shown
    assert planned.plan.title in shown


def test_a_button_makes_an_address_that_works(planned: Scene, client) -> None:
    browser = planned.cast.as_(planned.cast.employee)
    assert browser.post(f"{PAGE}/feeds", data={"kind": "meetings"}).status_code == 303
    address = ADDRESS.search(browser.get(PAGE).text)
    assert address is not None
    answer = client.get(address[1], headers={"User-Agent": "khal/0.14"})
    assert b"Town hall" in answer.data
    assert "by khal" in browser.get(PAGE).text


def test_what_i_tick_is_kept_under_the_same_address(planned: Scene) -> None:
    browser = planned.cast.as_(planned.cast.employee)
    form = {"kinds": ["meeting"], "plans": [str(planned.plan.id)]}
    assert browser.post(f"{PAGE}/mine", data=form).status_code == 303
    first = ADDRESS.search(browser.get(PAGE).text)
    browser.post(f"{PAGE}/mine", data=form | {"kinds": ["survey"]})
    again = ADDRESS.search(browser.get(PAGE).text)
    assert first is not None
    assert again is not None
    assert again[1] == first[1]
    feed = feed_about(planned.cast.employee, "mine")
    assert feed is not None
    assert feed.choice == {"kinds": ["survey"]}


def test_a_plan_that_is_not_ticked_is_left_out_and_new_ones_are_not(planned: Scene) -> None:
    second = planned.add("Other plan's", SOON, audience_id=planned.operations.id)
    browser = planned.cast.as_(planned.cast.employee)
    answer = browser.post(f"{PAGE}/mine", data={"kinds": list(KINDS)})
    assert answer.status_code == 422
    assert "Tick at least one plan" in answer.text
    assert second.plan_id == planned.plan.id


def test_nothing_ticked_is_refused_in_plain_words(planned: Scene) -> None:
    answer = planned.cast.as_(planned.cast.employee).post(f"{PAGE}/mine", data={})
    assert answer.status_code == 422
    assert "Tick at least one" in answer.text
    assert feed_about(planned.cast.employee, "mine") is None


@pytest.mark.parametrize("what", ["renew", "revoke", "restore", "others"])
def test_nobody_touches_anybody_elses_address(planned: Scene, what: str) -> None:
    feed = open_own(planned.cast.employee, FeedKind.CHANGES)
    browser = planned.cast.as_(planned.cast.admin)
    assert browser.post(f"{PAGE}/feeds/{feed.id}/{what}").status_code == 404
    assert browser.post(f"{PAGE}/feeds/99999/{what}").status_code == 404


def test_replacing_and_ending_an_address(planned: Scene, client) -> None:
    feed = open_own(planned.cast.employee, FeedKind.MEETINGS)
    browser = planned.cast.as_(planned.cast.employee)
    old = ADDRESS.search(browser.get(PAGE).text)
    assert old is not None
    browser.post(f"{PAGE}/feeds/{feed.id}/renew")
    assert b"was replaced" in client.get(old[1]).data
    browser.post(f"{PAGE}/feeds/{feed.id}/revoke")
    shown = browser.get(PAGE).text
    assert "Switched off since" in shown
    assert f'action="{PAGE}/feeds/{feed.id}/restore"' in shown
    browser.post(f"{PAGE}/feeds/{feed.id}/restore")
    assert ADDRESS.search(browser.get(PAGE).text) is not None


def test_a_plan_that_does_not_concern_me_is_not_offered(planned: Scene) -> None:
    browser = planned.cast.as_(planned.cast.outsider)
    form = {"kind": "plan", "plan": str(planned.plan.id)}
    assert browser.post(f"{PAGE}/feeds", data=form).status_code == 404
    assert planned.plan.title not in browser.get(PAGE).text


def test_audiences_are_offered_only_to_those_who_work_with_them(planned: Scene) -> None:
    form = {"kind": "audience", "audience": str(planned.operations.id)}
    for who, status in ((planned.cast.employee, 404), (planned.cast.lead, 303)):
        assert planned.cast.as_(who).post(f"{PAGE}/feeds", data=form).status_code == status
    assert "What one audience gets" not in planned.cast.as_(planned.cast.employee).get(PAGE).text


@pytest.mark.parametrize("form", [{}, {"kind": "public"}, {"kind": "x"}, {"kind": "plan"}])
def test_what_there_is_not_cannot_be_subscribed_to(planned: Scene, form) -> None:
    assert planned.cast.as_(planned.cast.lead).post(f"{PAGE}/feeds", data=form).status_code == 404


def test_the_change_calendar_shows_others_when_ticked(planned: Scene) -> None:
    feed = open_own(planned.cast.employee, FeedKind.CHANGES)
    browser = planned.cast.as_(planned.cast.employee)
    browser.post(f"{PAGE}/feeds/{feed.id}/others", data={"others_busy": "1"})
    assert feed_about(planned.cast.employee, "changes").choice == {"others_busy": True}
    browser.post(f"{PAGE}/feeds/{feed.id}/others")
    assert feed_about(planned.cast.employee, "changes").choice == {}


def test_every_client_has_its_button(planned: Scene) -> None:
    open_feed(planned.cast.lead, planned.plan)
    open_audience_feed(planned.cast.lead, planned.operations)
    config = planned.cast.app.config
    here, config["BASE_URL"] = config["BASE_URL"], "https://comms.northwind.example"
    try:
        shown = planned.cast.as_(planned.cast.lead).get(PAGE).text
    finally:
        config["BASE_URL"] = here
    assert "webcal://comms.northwind.example/f/" in shown
    assert "https://calendar.google.com/calendar/render?cid=webcal" in shown
    assert "https://outlook.office.com/calendar/0/addfromweb?url=https%3A%2F%2Fcomms" in shown
    assert ".ics?download" in shown
