"""A copy's page says what it is and what to do; its buttons take the reader's word, once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from commsplan.app import ROOT
from commsplan.delivery.models import Delivery
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.tokens import sign
from commsplan.receipts.models import Confirmation, Event
from tests.cast import Cast
from tests.receipts.scene import PHONE, send_out


@pytest.fixture
def copy(cast: Cast) -> Delivery:
    return send_out(cast)[0]


@pytest.fixture
def letter(copy: Delivery) -> str:
    return f"/m/{sign('message', copy.id)}"


def words() -> list[tuple[str, str]]:
    return [(row.kind, row.note) for row in db.session.query(Confirmation).order_by("id")]


def test_says_what_to_do_by_when_and_whom_to_ask(client: FlaskClient, letter: str) -> None:
    text = client.get(letter).text
    for words in ("raise concerns on one page", "Read the procedure", "9 Oct", "Lena Lead"):
        assert words in text


def test_speaks_the_readers_language(client: FlaskClient, cast: Cast, letter: str) -> None:
    cast.employee.language = "de"
    assert '<html lang="de"' in client.get(letter).text


def test_names_stay_text(client: FlaskClient, cast: Cast, letter: str) -> None:
    cast.employee.first_name = "<script>alert(1)</script>"
    assert "<script" not in client.get(letter).text


def test_without_an_action_it_asks_for_nothing(client: FlaskClient, cast: Cast) -> None:
    (copy,) = send_out(cast, action_what="", action_due_on=None, action_address="")
    text = client.get(f"/m/{sign('message', copy.id)}").text
    assert "nothing to do but to read" in text
    assert "I have done it" not in text


def test_a_passed_day_is_said(client: FlaskClient, cast: Cast) -> None:
    (copy,) = send_out(cast, action_due_on=date(2020, 1, 1))
    assert "this day has passed" in client.get(f"/m/{sign('message', copy.id)}").text


def test_looking_records_a_view_and_nothing_else(client: FlaskClient, letter: str) -> None:
    client.get(letter, headers={"User-Agent": PHONE})
    (event,) = db.session.query(Event)
    assert (event.kind, event.verdict, event.rule_version) == ("page", "human", 1)
    assert words() == []


def test_neither_address_nor_agent_is_kept(client: FlaskClient, letter: str) -> None:
    client.get(letter, headers={"User-Agent": PHONE})
    (event,) = db.session.query(Event)
    assert "127.0.0.1" not in event.source
    assert "iPhone" not in event.source


@pytest.mark.parametrize("kind", ["read", "done"])
def test_a_button_takes_the_readers_word_once(client: FlaskClient, letter: str, kind: str) -> None:
    for _ in range(2):
        assert client.post(f"{letter}/{kind}").status_code == 303
    assert words() == [(kind, "")]


def test_whoever_has_said_so_is_thanked_not_asked_again(client: FlaskClient, letter: str) -> None:
    text = client.post(f"{letter}/read", follow_redirects=True).text
    assert "Thank you" in text
    assert "I have read this" not in text


def test_cannot_needs_a_reason(client: FlaskClient, letter: str) -> None:
    answer = client.post(f"{letter}/cannot", data={"reason": " "})
    assert (answer.status_code, words()) == (422, [])


def test_a_reason_too_long_comes_back_as_typed(client: FlaskClient, letter: str) -> None:
    answer = client.post(f"{letter}/cannot", data={"reason": "because " * 200})
    assert answer.status_code == 422
    assert "because because" in answer.text
    assert 'href="#f-reason"' in answer.text


def test_a_reason_is_kept(client: FlaskClient, letter: str) -> None:
    client.post(f"{letter}/cannot", data={"reason": "I am on leave"})
    assert words() == [("cannot", "I am on leave")]


def test_whoever_answers_has_the_copy(client: FlaskClient, copy: Delivery, letter: str) -> None:
    copy.state, copy.accepted_at = "uncertain", None
    client.post(f"{letter}/read")
    assert copy.state == "accepted"


def test_done_replaces_cannot(client: FlaskClient, letter: str) -> None:
    client.post(f"{letter}/cannot", data={"reason": "I am on leave"})
    client.post(f"{letter}/done")
    assert words() == [("done", "")]


def test_a_slip_of_the_finger_can_be_taken_back(client: FlaskClient, letter: str) -> None:
    client.post(f"{letter}/read")
    for _ in range(2):
        assert client.post(f"{letter}/read/undo").status_code == 303
    assert words() == []


def test_after_ten_minutes_a_word_stands(client: FlaskClient, letter: str) -> None:
    client.post(f"{letter}/read")
    db.session.query(Confirmation).one().at = now_utc() - timedelta(minutes=11)
    assert client.post(f"{letter}/read/undo").status_code == 409
    assert words() == [("read", "")]


def test_a_stopped_message_asks_for_nothing(
    client: FlaskClient, copy: Delivery, letter: str
) -> None:
    copy.message.state = "cancelled"
    answer = client.get(letter)
    assert answer.status_code == 410
    assert "withdrawn" in answer.text
    assert client.post(f"{letter}/read").status_code == 404


@pytest.mark.parametrize("purpose", ["survey", "open", "link", "unsubscribe", "calendar", "feed"])
def test_a_token_for_something_else_is_absent(
    client: FlaskClient, copy: Delivery, purpose: str
) -> None:
    token = sign(purpose, copy.id)
    assert client.get(f"/m/{token}").status_code == 404
    assert client.post(f"/m/{token}/read").status_code == 404


@pytest.mark.parametrize("token", ["x", "AAAAAAAAAAE", "A" * 32, "%00", "é"])
def test_a_forged_token_is_absent(client: FlaskClient, copy: Delivery, token: str) -> None:
    assert client.get(f"/m/{token}").status_code == 404


def test_whoever_has_left_reads_no_more(client: FlaskClient, cast: Cast, letter: str) -> None:
    cast.employee.left_on = date(2026, 1, 1)
    assert client.get(letter).status_code == 404


def test_refuses_a_forged_form(client: FlaskClient, cast: Cast, letter: str) -> None:
    cast.app.config["WTF_CSRF_ENABLED"] = True
    assert client.post(f"{letter}/read").status_code == 400
    assert words() == []


def test_the_page_with_its_sheets_is_small(client: FlaskClient, letter: str) -> None:
    sheets = ("tokens.css", "base.css", "public.css", "public-message.css", "icons.svg")
    total = sum((ROOT / "static" / name).stat().st_size for name in sheets)
    assert len(client.get(letter).data) + total < 50_000
