"""A webhook gets signed JSON under a key, and every way it can answer means one thing."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime

import pytest
from flask import Flask

from commsplan.delivery import outgoing
from commsplan.delivery.channel import Post, Postponed
from commsplan.delivery.channel_webhook import WebhookChannel
from commsplan.delivery.rules import Outcome, State
from commsplan.foundation.clock import now_utc
from tests.delivery.badly import Bad, bad_server

SECRET = "a-secret-that-only-the-two-of-us-know"


@pytest.fixture
def bad() -> Iterator[Bad]:
    with bad_server() as server:
        yield server


@pytest.fixture
def hand_over(app: Flask, bad: Bad, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Hand one post to a receiver on this machine, which the setting allows."""
    monkeypatch.setitem(app.config, "WEBHOOK_PRIVATE_HOSTS", "127.0.0.1")
    return lambda: WebhookChannel().hand_over(post(bad.url + "/in/token-nobody-may-read"))


@pytest.fixture
def brisk(hand_over, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """The same with little patience."""
    monkeypatch.setattr(outgoing, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(outgoing, "READING_SECONDS", 0.3)
    return hand_over


def post(address: str) -> Post:
    return Post(
        title="Päck your boxes",
        text="Tomorrow.",
        markdown="**Tomorrow.**",
        html="<p><strong>Tomorrow.</strong></p>",
        url="https://northwind.example/boxes",
        address=address,
        key="0123456789abcdef",
        message_id=7,
        plan="Office move",
        secret=SECRET,
    )


def test_it_carries_what_the_reference_says(hand_over, bad: Bad) -> None:
    assert hand_over().state is State.ACCEPTED
    sent = json.loads(bad.came[0].body)
    assert bad.came[0].headers["Content-Type"] == "application/json; charset=utf-8"
    assert sent.pop("at").endswith("+00:00")
    assert sent == {
        "version": 1,
        "id": "0123456789abcdef",
        "message": 7,
        "plan": "Office move",
        "subject": "Päck your boxes",
        "text": "Tomorrow.",
        "html": "<p><strong>Tomorrow.</strong></p>",
        "url": "https://northwind.example/boxes",
    }


def test_the_signature_is_what_a_receiver_computes_by_itself(hand_over, bad: Bad) -> None:
    hand_over()
    came = bad.came[0]
    signed = came.headers["Commsplan-Timestamp"].encode() + b"." + came.body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert came.headers["Commsplan-Signature"] == "v1=" + expected
    assert abs(int(came.headers["Commsplan-Timestamp"]) - now_utc().timestamp()) < 5


def test_every_try_carries_the_same_key(hand_over, bad: Bad) -> None:
    hand_over()
    hand_over()
    assert {came.headers["Idempotency-Key"] for came in bad.came} == {'"0123456789abcdef"'}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (200, State.ACCEPTED),
        (202, State.ACCEPTED),
        (204, State.ACCEPTED),
        (301, State.FAILED),
        (400, State.FAILED),
        (401, State.FAILED),
        (404, State.FAILED),
        (408, State.PLANNED),
        (410, State.FAILED),
        (422, State.FAILED),
        (429, State.PLANNED),
        (500, State.PLANNED),
        (502, State.PLANNED),
        (503, State.PLANNED),
        (504, State.PLANNED),
    ],
)
def test_a_status_means_one_thing(hand_over, bad: Bad, status: int, state: State) -> None:
    bad.status = status
    outcome = hand_over()
    assert outcome.state is state
    assert outcome.note.startswith(str(status))


def wait_of(outcome: Outcome) -> timedelta | None:
    assert isinstance(outcome, Postponed)
    return outcome.wait


def test_seconds_to_wait_are_kept(hand_over, bad: Bad) -> None:
    bad.status, bad.headers = 429, {"Retry-After": "1234"}
    assert wait_of(hand_over()) == timedelta(seconds=1234)


def test_a_date_to_wait_for_is_kept(hand_over, bad: Bad) -> None:
    moment = now_utc() + timedelta(hours=2)
    bad.status, bad.headers = 503, {"Retry-After": format_datetime(moment, usegmt=True)}
    wait = wait_of(hand_over())
    assert wait is not None
    assert timedelta(minutes=119) < wait <= timedelta(hours=2)


@pytest.mark.parametrize("nonsense", ["soon", "-5", "1e9", "", "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_an_unreadable_wish_is_no_wish(hand_over, bad: Bad, nonsense: str) -> None:
    bad.status, bad.headers = 429, {"Retry-After": nonsense}
    assert wait_of(hand_over()) is None


def test_nobody_waits_a_year(hand_over, bad: Bad) -> None:
    bad.status, bad.headers = 429, {"Retry-After": "31536000"}
    assert wait_of(hand_over()) == timedelta(days=5)


@pytest.mark.parametrize("manner", ["reset", "close"])
def test_a_broken_line_is_tried_again_under_the_key(hand_over, bad: Bad, manner: str) -> None:
    bad.manner = manner
    outcome = hand_over()
    assert (outcome.state, outcome.note) == (State.PLANNED, outgoing.BROKEN)


def test_silence_is_tried_again_under_the_key(brisk, bad: Bad) -> None:
    bad.manner = "hang"
    assert brisk().state is State.PLANNED


@pytest.mark.parametrize("manner", ["giant", "trickle"])
@pytest.mark.parametrize(("status", "state"), [(200, State.ACCEPTED), (302, State.FAILED)])
def test_an_answer_without_end_is_not_read_to_the_end(
    brisk, bad: Bad, manner: str, status: int, state: State
) -> None:
    bad.manner, bad.status, bad.headers = manner, status, {"Location": "/elsewhere"}
    assert brisk().state is state


def test_a_redirect_is_not_followed(hand_over, bad: Bad) -> None:
    bad.status, bad.headers = 302, {"Location": f"{bad.url}/admin"}
    assert hand_over().state is State.FAILED
    assert len(bad.came) == 1


def test_nobody_there_is_tried_later(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WEBHOOK_PRIVATE_HOSTS", "127.0.0.1")
    outcome = WebhookChannel().hand_over(post("http://127.0.0.1:1/in"))
    assert (outcome.state, outcome.note) == (State.PLANNED, "It cannot be reached.")


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://10.0.0.8/x",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/x",
        "https://0.0.0.0/x",
        "https://2130706433/x",
        "https://localhost/x",
    ],
)
def test_a_private_network_is_never_reached(app: Flask, address: str) -> None:
    outcome = WebhookChannel().hand_over(post(address))
    assert outcome.state is State.FAILED
    assert "private network" in outcome.note


def test_without_tls_nothing_is_sent(app: Flask, bad: Bad) -> None:
    assert WebhookChannel().hand_over(post(bad.url)).state is State.FAILED
    assert bad.came == []


def test_what_is_kept_of_an_answer_holds_no_token(hand_over, bad: Bad) -> None:
    bad.status, bad.body = 400, b'{"error": "no hook /in/token-nobody-may-read here"}'
    assert hand_over().note == '400 {"error": "no hook /in/… here"}'


def test_a_page_of_html_is_not_kept(hand_over, bad: Bad) -> None:
    bad.status, bad.body = 502, b"<html><body>Bad gateway</body></html>"
    assert hand_over().note == "502 Bad Gateway"
