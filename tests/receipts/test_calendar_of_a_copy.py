"""The reader of a copy gets the plan's calendar without signing in, and only their own."""

import re

import pytest

from commsplan.delivery.copies import places_of
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.tokens import sign
from tests.cast import Cast
from tests.receipts.scene import send_out
from tests.security.world import make_world


@pytest.fixture
def address(cast: Cast) -> str:
    world = make_world(cast)
    return f"/c/{world.token('calendar')}"


def test_looking_makes_no_address(client, cast: Cast, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "/f/" in answer.text or "Make my address" in answer.text


def test_the_button_makes_one_that_a_calendar_can_fetch(client, cast: Cast, address: str) -> None:
    assert client.post(address).status_code == 303
    found = re.search(r'value="http://127\.0\.0\.1:8000(/f/[\w-]+\.ics)"', client.get(address).text)
    assert found is not None
    assert client.get(found[1]).data.startswith(b"BEGIN:VCALENDAR\r\n")


def test_it_can_be_switched_off_there(client, cast: Cast, address: str) -> None:
    client.post(address)
    assert client.post(f"{address}/revoke").status_code == 303
    assert "/f/" not in client.get(address).text


def test_a_forged_form_is_refused(client, cast: Cast, address: str) -> None:
    cast.app.config["WTF_CSRF_ENABLED"] = True
    assert {client.post(address).status_code, client.post(f"{address}/revoke").status_code} == {400}


def test_a_link_for_something_else_opens_nothing(client, cast: Cast, address: str) -> None:
    assert client.get(f"/c/{sign('message', 1)}").status_code == 404
    assert client.post("/c/nonsense").status_code == 404


def test_who_left_gets_none(client, cast: Cast, address: str) -> None:
    cast.employee.left_on = now_utc().date()
    db.session.commit()
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(("status", "invited"), [("draft", False), ("active", True)])
def test_a_copy_invites_to_a_calendar_that_shows_something(
    client, cast: Cast, status: str, invited: bool
) -> None:
    copy = send_out(cast)[0]
    copy.message.plan.status = status
    db.session.commit()
    assert ("/c/" in client.get(f"/m/{sign('message', copy.id)}").text) is invited
    assert bool(places_of(copy.id, copy.message, True).calendar) is invited
