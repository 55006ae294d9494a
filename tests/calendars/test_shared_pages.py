"""Calendars from elsewhere are subscribed to or brought on a page, which says what was not read."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import select

from commsplan.calendars import refreshing, shared_views
from commsplan.calendars.shared_models import ImportedEvent, SharedCalendar
from commsplan.foundation.database import db
from tests.calendars.foreign import event_of, file_of
from tests.calendars.shared import CHRISTMAS, NOW, calendar, from_file
from tests.cast import Cast
from tests.delivery.badly import Bad, bad_server

TYPED = {"name": "Holidays in Germany", "kind": "holiday", "scope": "country", "scope_value": "de"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def bad(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bad]:
    """A server that stands for every address of the world."""
    with bad_server() as server:
        server.body = file_of(CHRISTMAS)
        look = refreshing.refresh
        monkeypatch.setattr(shared_views, "refresh", lambda one: look(one, server.opener))
        yield server


def only() -> SharedCalendar:
    return db.session.scalars(select(SharedCalendar)).one()


def upload(raw: bytes, name: str = "feiertage.ics") -> dict[str, object]:
    return {**TYPED, "source": "file", "file": (io.BytesIO(raw), name)}


def test_a_subscription_is_read_at_once(cast: Cast, bad: Bad) -> None:
    browser = cast.as_(cast.lead)
    typed = {**TYPED, "source": "address", "address": "webcal://cal.example/secret-0123/a.ics"}
    answer = browser.post("/calendars/new", data=typed, follow_redirects=True)
    assert "It was read." in answer.text
    assert "Christmas" in answer.text
    assert "cal.example" in answer.text
    assert "secret-0123" not in answer.text
    assert (only().scope, only().scope_value, only().slug) == (
        "country",
        "DE",
        "holidays-in-germany",
    )


def test_a_file_is_read_at_once_and_its_bad_lines_are_shown(cast: Cast) -> None:
    raw = file_of(CHRISTMAS, event_of("DTSTART:<tomorrow>", uid="two"))
    page = cast.as_(cast.lead).post("/calendars/new", data=upload(raw), follow_redirects=True).text
    assert "It was read, but not every line." in page
    assert "1 line could not be used" in page
    assert "DTSTART:&lt;tomorrow&gt;" in page
    assert "This value cannot be understood." in page
    assert "Christmas" in page


def test_a_large_file_waits_for_a_worker(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_views, "READ_AT_ONCE", 100)
    raw = file_of(CHRISTMAS)
    page = cast.as_(cast.lead).post("/calendars/new", data=upload(raw), follow_redirects=True).text
    assert "It is being read." in page
    assert db.session.scalar(select(ImportedEvent)) is None
    assert refreshing.refresh(only().id)
    assert db.session.scalar(select(ImportedEvent)) is not None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({**TYPED, "source": "address", "address": ""}, "Paste the address of the calendar."),
        ({**TYPED, "source": "address", "address": "http://a.example/"}, "does not begin with"),
        ({**TYPED, "source": "address", "address": "https://127.0.0.1/"}, "private network"),
        ({**TYPED, "source": "file"}, "Choose a file first."),
        ({**TYPED, "source": "hand"}, "Only times of rest are kept by hand."),
        ({**TYPED, "source": "hand", "kind": "freeze", "name": ""}, "Give it a name."),
    ],
)
def test_what_cannot_be_is_said_and_makes_nothing(
    cast: Cast, typed: dict[str, str], said: str
) -> None:
    answer = cast.as_(cast.lead).post("/calendars/new", data=typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert db.session.scalar(select(SharedCalendar)) is None


def test_a_file_that_is_too_large_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_views, "limit_bytes", lambda: 1000)
    answer = cast.as_(cast.lead).post("/calendars/new", data=upload(b"x" * 1001))
    assert answer.status_code == 422
    assert "It is too large" in answer.text
    assert db.session.scalar(select(SharedCalendar)) is None


def test_what_is_no_calendar_is_said_to_be_none(cast: Cast) -> None:
    raw = b"<html>Sign in</html>"
    page = cast.as_(cast.lead).post("/calendars/new", data=upload(raw), follow_redirects=True).text
    assert "A web page came instead of a calendar." in page
    assert "Cannot be read" in page


def test_looking_now_takes_what_is_new(cast: Cast, bad: Bad) -> None:
    made = calendar(cast, "holiday", "address", address="https://cal.example/a.ics")
    browser = cast.as_(cast.lead)
    browser.post(f"/calendars/{made.id}/look")
    bad.body = file_of(CHRISTMAS.replace("Christmas", "Yule"))
    assert "Yule" in browser.post(f"/calendars/{made.id}/look", follow_redirects=True).text


def test_a_failed_look_says_why_and_that_the_old_still_counts(cast: Cast, bad: Bad) -> None:
    made = calendar(cast, "holiday", "address", address="https://cal.example/a.ics")
    browser = cast.as_(cast.lead)
    browser.post(f"/calendars/{made.id}/look")
    bad.status = 404
    page = browser.post(f"/calendars/{made.id}/look", follow_redirects=True).text
    assert "The server answered 404." in page
    assert "still counts" in page
    assert "Christmas" in page


def test_a_newer_file_is_brought(cast: Cast) -> None:
    made = from_file(cast, CHRISTMAS)
    raw = file_of(event_of("DTSTART:20261201T090000Z", title="Advent"))
    page = cast.as_(cast.lead).post(
        f"/calendars/{made.id}/file",
        data={"file": (io.BytesIO(raw), "new.ics")},
        follow_redirects=True,
    )
    assert "Advent" in page.text
    assert "Christmas" not in page.text


def test_a_file_that_is_missing_is_asked_for(cast: Cast) -> None:
    made = from_file(cast, CHRISTMAS)
    assert cast.as_(cast.lead).post(f"/calendars/{made.id}/file").status_code == 422


def test_name_scope_and_address_can_be_changed_the_pipelines_name_stays(cast: Cast) -> None:
    made = calendar(cast, "freeze", "address", address="https://cal.example/a.ics")
    typed = {"name": "Cards", "address": "https://new.example/b.ics", "closes_all": "1"}
    answer = cast.as_(cast.lead).post(f"/calendars/{made.id}", data=typed)
    assert answer.status_code == 303
    changed = only()
    assert (changed.name, changed.slug, changed.host) == ("Cards", "payments", "new.example")
    assert changed.closes_all


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Give it a name."),
        ({"name": "X", "address": "http://x.example/"}, "does not begin with https://"),
        ({"name": "X", "scope": "country"}, "Say which one."),
    ],
)
def test_a_change_that_cannot_be_is_refused(cast: Cast, typed: dict[str, str], said: str) -> None:
    made = calendar(cast, "freeze", "address", address="https://cal.example/a.ics")
    answer = cast.as_(cast.lead).post(f"/calendars/{made.id}", data=typed)
    assert answer.status_code == 422
    assert said in answer.text


def test_taking_it_away_can_be_undone(cast: Cast) -> None:
    made = from_file(cast, CHRISTMAS)
    browser = cast.as_(cast.lead)
    page = browser.post(f"/calendars/{made.id}/remove", follow_redirects=True).text
    assert f"/calendars/{made.id}/restore" in page
    assert "It speaks no more." in browser.get(f"/calendars/{made.id}").text
    browser.post(f"/calendars/{made.id}/restore")
    assert only().removed_at is None


@pytest.mark.parametrize("way", ["", "/look", "/file", "/remove", "/restore"])
def test_another_team_may_look_but_not_change(cast: Cast, way: str) -> None:
    made = from_file(cast, CHRISTMAS)
    browser = cast.as_(cast.outsider)
    assert "Christmas" in browser.get(f"/calendars/{made.id}").text
    assert "Take it away" not in browser.get(f"/calendars/{made.id}").text
    assert browser.post(f"/calendars/{made.id}{way}", data={"name": "X"}).status_code == 404


@pytest.mark.parametrize("way", ["", "/look", "/file", "/remove", "/restore"])
def test_a_sponsor_may_look_but_not_change(cast: Cast, way: str) -> None:
    made = from_file(cast, CHRISTMAS)
    browser = cast.as_(cast.sponsor)
    assert browser.get(f"/calendars/{made.id}").status_code == 200
    assert browser.post(f"/calendars/{made.id}{way}").status_code == 403


def test_markup_in_a_calendar_stays_text(cast: Cast) -> None:
    made = from_file(cast, event_of("DTSTART:20261201T090000Z", title="<script>alert(1)</script>"))
    page = cast.as_(cast.lead).get(f"/calendars/{made.id}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
