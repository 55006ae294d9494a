"""The picture and the counted links record what came, and answer whatever happens."""

from __future__ import annotations

import sqlite3

import pytest
from flask.testing import FlaskClient

from commsplan.delivery.models import Delivery
from commsplan.foundation.database import db, is_sqlite
from commsplan.foundation.tokens import sign
from commsplan.receipts.models import Confirmation, Event
from tests.cast import Cast
from tests.receipts.scene import PHONE, send_out


@pytest.fixture
def copy(cast: Cast) -> Delivery:
    return send_out(cast)[0]


def pixel(copy: Delivery) -> str:
    return f"/o/{sign('open', copy.id)}.gif"


def link(copy: Delivery, position: int = 1) -> str:
    return f"/l/{sign('link', copy.id, position)}"


def events() -> list[tuple[str, str, str]]:
    return [(row.kind, row.verdict, row.rule) for row in db.session.query(Event).order_by("id")]


def test_the_picture_is_one_pixel_and_never_kept(client: FlaskClient, copy: Delivery) -> None:
    answer = client.get(pixel(copy), headers={"User-Agent": PHONE})
    assert (answer.status_code, answer.mimetype) == (200, "image/gif")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.data.startswith(b"GIF89a")
    assert events() == [("open", "human", "nothing against it")]


def test_asking_without_taking_is_a_machine(client: FlaskClient, copy: Delivery) -> None:
    assert client.head(pixel(copy), headers={"User-Agent": PHONE}).status_code == 200
    assert client.head(link(copy), headers={"User-Agent": PHONE}).status_code == 302
    assert events() == [("open", "machine", "head"), ("click", "machine", "head")]


def test_a_link_leads_where_the_database_says(client: FlaskClient, copy: Delivery) -> None:
    answer = client.get(f"{link(copy, 2)}?to=https://evil.example", headers={"User-Agent": PHONE})
    assert answer.status_code == 302
    assert answer.location == "https://raise.northwind.example/?from=mail&lang=en"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    (event,) = db.session.query(Event)
    assert event.link_id == copy.send.version.links[1].id


@pytest.mark.parametrize("position", [0, 9])
def test_a_position_without_a_link_is_absent(
    client: FlaskClient, copy: Delivery, position: int
) -> None:
    assert client.get(link(copy, position)).status_code == 404


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//evil.example"])
def test_nothing_but_the_web_is_led_to(client: FlaskClient, copy: Delivery, address: str) -> None:
    copy.send.version.links[0].address = address
    assert client.get(link(copy)).status_code == 404


def test_tokens_for_something_else_are_absent(client: FlaskClient, copy: Delivery) -> None:
    assert client.get(f"/o/{sign('message', copy.id)}.gif").status_code == 404
    assert client.get(f"/l/{sign('open', copy.id, 1)}").status_code == 404
    assert events() == []


def test_a_scanner_that_takes_every_link_is_caught_with_its_first_clicks(
    client: FlaskClient, copy: Delivery
) -> None:
    for position in (1, 2, 3):
        client.get(link(copy, position), headers={"User-Agent": PHONE})
    assert events() == [("click", "machine", "burst")] * 3


def test_measuring_changes_nothing_else(client: FlaskClient, copy: Delivery) -> None:
    before = (copy.state, copy.message.state)
    client.get(pixel(copy))
    client.get(link(copy))
    assert (copy.state, copy.message.state) == before
    assert db.session.query(Confirmation).count() == 0


def test_a_locked_database_costs_the_event_not_the_answer(
    client: FlaskClient, copy: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commsplan.receipts.actions.PATIENCE_MS", 10)
    address = pixel(copy)
    if not is_sqlite():
        return  # PostgreSQL has no lock that a single insert could wait for
    db.session.commit()
    busy = sqlite3.connect(str(db.engine.url.database))
    busy.execute("begin immediate")
    try:
        assert client.get(address).status_code == 200
    finally:
        busy.close()
    assert events() == []
