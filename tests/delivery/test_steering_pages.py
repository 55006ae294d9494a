"""The page of a send lets a lead pause it, let it go on, and begin what follows it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update

from commsplan.delivery.followup_models import Followup
from commsplan.delivery.models import Send
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from tests.delivery.conftest import Stage
from tests.delivery.endings import ended


@pytest.fixture
def sent(stage: Stage) -> Send:
    """A send that ended in every way."""
    return ended(stage)


def test_the_page_of_an_ended_send_offers_what_may_follow(stage: Stage, sent: Send) -> None:
    stage.more_people(3)
    page = stage.cast.as_(stage.cast.lead).get(f"/sends/{sent.id}").text
    assert "3 people have joined the audience since" in page
    assert "2 people have not got it" in page
    assert "Write a correction" in page


def test_its_buttons_do_what_they_say(stage: Stage, sent: Send) -> None:
    browser = stage.cast.as_(stage.cast.lead)
    browser.post(f"/sends/{sent.id}/again", data={"kind": "resend"})
    assert [one.kind for one in _sends()] == ["first", "resend"]
    answer = browser.post(f"/sends/{sent.id}/follow", data={"kind": "recall"})
    followup = db.session.scalars(select(Followup)).one()
    assert answer.location == f"/messages/{followup.message_id}"
    page = browser.get(f"/sends/{sent.id}").text
    assert "a draft" in page
    assert "Again to those it failed for" in page


@pytest.mark.parametrize("act", ["pause", "resume", "again", "follow"])
def test_steering_refuses_an_outsider_a_reader_and_a_forged_form(
    stage: Stage, app: Flask, act: str
) -> None:
    address = f"/sends/{stage.start().id}/{act}"
    assert stage.cast.as_(stage.cast.outsider).post(address).status_code == 404
    assert stage.cast.as_(stage.cast.sponsor).post(address).status_code == 403
    app.config["WTF_CSRF_ENABLED"] = True
    assert stage.cast.as_(stage.cast.lead).post(address).status_code == 400


@pytest.mark.parametrize(
    ("act", "kind"), [("again", "recall"), ("follow", "top-up"), ("again", "")]
)
def test_what_no_page_offers_is_refused(stage: Stage, sent: Send, act: str, kind: str) -> None:
    answer = stage.cast.as_(stage.cast.lead).post(f"/sends/{sent.id}/{act}", data={"kind": kind})
    assert answer.status_code == 400


def test_pausing_and_resuming_by_the_page(stage: Stage) -> None:
    send, browser = stage.start(), stage.cast.as_(stage.cast.lead)
    browser.post(f"/sends/{send.id}/pause")
    page = browser.get(f"/sends/{send.id}").text
    assert "Lena Lead paused it" in page
    assert "Paused since" in page
    assert browser.post(f"/sends/{send.id}/pause").status_code == 409
    browser.post(f"/sends/{send.id}/resume")
    assert "Pause it" in browser.get(f"/sends/{send.id}").text


@pytest.mark.parametrize(("why", "words"), [("failures", "failed"), ("overdue", "for a day")])
def test_a_rule_that_paused_it_gives_its_reason(stage: Stage, why: str, words: str) -> None:
    send = stage.start()
    with transaction() as database:
        database.execute(update(Send).values(paused_at=now_utc(), paused_why=why))
    assert words in stage.cast.as_(stage.cast.lead).get(f"/sends/{send.id}").text


def _sends() -> list[Send]:
    db.session.expire_all()
    return list(db.session.scalars(select(Send).order_by(Send.id)))
