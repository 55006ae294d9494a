"""Leaving a plan's mails: one click for mail programs, a button for people, and a way back."""

from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commsplan.delivery.models import Suppression
from commsplan.foundation.addresses import message_address, unsubscribe_address
from commsplan.foundation.database import db
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def way_out(stage: Stage) -> str:
    stage.plan.may_unsubscribe = True
    db.session.commit()
    stage.start()
    return urlsplit(unsubscribe_address(stage.rows()[0].id)).path


def _left() -> list[str]:
    db.session.expire_all()
    return list(db.session.scalars(select(Suppression.reason)))


def test_the_headers_offer_one_click_where_the_plan_allows_it(stage: Stage, sink: Sink) -> None:
    stage.plan.may_unsubscribe = True
    db.session.commit()
    stage.deliver()
    mail, copy = sink.mails[0], stage.rows()[0]
    assert mail["List-Unsubscribe"] == f"<{unsubscribe_address(copy.id)}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_headers_offer_nothing_where_it_does_not(stage: Stage, sink: Sink) -> None:
    stage.deliver()
    assert "List-Unsubscribe" not in sink.mails[0]


def test_a_mandatory_message_cannot_be_left(stage: Stage, sink: Sink) -> None:
    stage.plan.may_unsubscribe = True
    stage.message.mandatory, stage.message.mandated_by_id = True, stage.cast.lead.id
    db.session.commit()
    stage.deliver()
    assert "List-Unsubscribe" not in sink.mails[0]


def test_looking_changes_nothing(client: FlaskClient, way_out: str) -> None:
    assert "Send me no more of these" in client.get(way_out).text
    client.head(way_out)
    assert _left() == []


def test_one_click_works_without_a_cookie_and_without_a_redirect(
    client: FlaskClient, way_out: str, app: Flask
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post(way_out, data=ONE_CLICK)
    assert answer.status_code == 200
    assert _left() == ["one click"]


def test_leaving_twice_is_leaving_once(client: FlaskClient, way_out: str) -> None:
    client.post(way_out, data=ONE_CLICK)
    assert client.post(way_out, data=ONE_CLICK).status_code == 200
    assert len(_left()) == 1


def test_it_can_be_undone(client: FlaskClient, way_out: str) -> None:
    client.post(way_out)
    assert "You get the mails of this plan again" in client.post(f"{way_out}/back").text
    assert _left() == []


def test_a_forged_undo_is_refused(client: FlaskClient, way_out: str, app: Flask) -> None:
    client.post(way_out)
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post(f"{way_out}/back").status_code == 400
    assert len(_left()) == 1


def test_a_token_for_something_else_opens_nothing(
    client: FlaskClient, stage: Stage, way_out: str
) -> None:
    other = urlsplit(message_address(stage.rows()[0].id)).path.removeprefix("/m/")
    assert client.get(f"/u/{other}").status_code == 404
    assert client.post(f"/u/{other}", data=ONE_CLICK).status_code == 404
    assert client.post(f"/u/{other}/back").status_code == 404


def test_the_page_speaks_the_readers_language(
    client: FlaskClient, stage: Stage, way_out: str
) -> None:
    stage.rows()[0].person.language = "de"
    db.session.commit()
    assert '<html lang="de"' in client.get(way_out).text
