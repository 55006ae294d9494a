"""Every chat service on the list gets its post, and its answers mean what they say."""

import json
import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime

import pytest
from flask import Flask

from commsplan.delivery import outgoing
from commsplan.delivery.channel import Postponed
from commsplan.delivery.channel_chat import ChatChannel
from commsplan.delivery.rules import Outcome, State
from commsplan.foundation.clock import now_utc
from tests.delivery.badly import Bad, Came, bad_server
from tests.delivery.test_webhook import post

LONG = "a1B2c3D4e5F6g7H8i9J0k1L2"
ROOMS = {
    "slack": f"https://hooks.slack.com/services/T0000000A/B0000000A/{LONG}",
    "slack-bot": "slack://xoxb-1234567890-1234567890-4ddbc191d40ee098cbaae6f3523ada2d/#general",
    "teams": "https://prod-12.westeurope.logic.azure.com:443/workflows/643e69f83c8944438d68119179a1"
    "/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0"
    "&sig=KODuebWbDGYFr0z0eu-6Rj8aUKz7108W3wrNJZxFE5A",
    "mattermost": "https://chat.northwind.example/hooks/yobjmukpaw3r3urc5h6i369yim",
    "rocketchat": "https://rocket.northwind.example/hooks/66f1c2a0d0e0aa11/aabbccddeeff00112233",
    "matrix": "matrixs://syt_bm9ib2R5_token@matrix.northwind.example/!room:northwind.example",
    "ntfy": "https://ntfy.sh/northwind-announcements",
    "webex": "https://webexapis.com/v1/webhooks/incoming/"
    + "Y2lzY29zcGFyazovL3VzL1dFQkhPT0svMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5",
    "google-chat": "https://chat.googleapis.com/v1/spaces/AAAAk6lGXyM/messages"
    "?key=AIzaSyDdI0hCZtE6vySjMm-WEfRq3CPzqKqqsHI&token=O7b1nyri_waOpLMSzbFILAGRzgtQofPW71fEEXKcyFk",
}
"""Made-up addresses in the form in which each service shows them."""

TOKENS = (
    LONG,
    "4ddbc191d40e",
    "KODuebWb",
    "yobjmukpaw",
    "aabbccdd",
    "syt_bm9",
    "Y2lzY29z",
    "O7b1n",
)


def friendly(came: Came) -> tuple[int, bytes]:
    """Answer as a working server of each kind does."""
    if "hooks.slack.com" in came.headers["Host"]:
        return 200, b"ok"
    if "/.well-known/" in came.path or "/m.room.encryption" in came.path:
        return 404, b'{"errcode": "M_NOT_FOUND"}'
    if came.path.endswith("/whoami"):
        return 200, b'{"user_id": "@comms:northwind.example"}'
    body = {"ok": True, "success": True, "room_id": "!room:northwind.example", "event_id": "$1"}
    return (202 if "logic.azure" in came.headers["Host"] else 200), json.dumps(body).encode()


@pytest.fixture
def bad(app: Flask) -> Iterator[Bad]:
    with bad_server() as server:
        server.answer = friendly
        yield server


def hand_over(bad: Bad, room: str) -> Outcome:
    return ChatChannel(bad.opener).hand_over(post(ROOMS[room]))


def always(bad: Bad, status: int, body: bytes = b"{}", **headers: str) -> None:
    bad.answer, bad.status, bad.body = None, status, body
    bad.headers = {name.replace("_", "-"): value for name, value in headers.items()}


every_room = pytest.mark.parametrize("room", ROOMS)


@every_room
def test_a_post_arrives_once_with_title_and_text(bad: Bad, room: str) -> None:
    assert hand_over(bad, room).state is State.ACCEPTED
    posts = [came for came in bad.came if b"Tomorrow" in came.body]
    assert len(posts) == 1
    assert "Päck your boxes" in json.dumps(json.loads(posts[0].body), ensure_ascii=False)


@every_room
@pytest.mark.parametrize(
    ("status", "state"),
    [
        (301, State.FAILED),
        (400, State.FAILED),
        (401, State.FAILED),
        (404, State.FAILED),
        (410, State.FAILED),
        (429, State.PLANNED),
        (500, State.PLANNED),
        (503, State.PLANNED),
        (504, State.UNCERTAIN),
    ],
)
def test_a_status_means_one_thing(bad: Bad, room: str, status: int, state: State) -> None:
    always(bad, status)
    outcome = hand_over(bad, room)
    assert (outcome.state, outcome.note[:3]) == (state, str(status))


def wait_of(outcome: Outcome) -> timedelta:
    assert isinstance(outcome, Postponed)
    assert outcome.wait is not None
    return outcome.wait


@every_room
def test_seconds_to_wait_are_kept(bad: Bad, room: str) -> None:
    always(bad, 429, Retry_After="77")
    assert wait_of(hand_over(bad, room)) == timedelta(seconds=77)


@every_room
def test_a_date_to_wait_for_is_kept(bad: Bad, room: str) -> None:
    moment = format_datetime(now_utc() + timedelta(hours=1), usegmt=True)
    always(bad, 503, Retry_After=moment)
    assert timedelta(minutes=59) < wait_of(hand_over(bad, room)) <= timedelta(hours=1)


def test_matrix_asks_for_patience_in_its_answer_and_nobody_sleeps(bad: Bad) -> None:
    always(bad, 429, b'{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 99000}')
    assert wait_of(hand_over(bad, "matrix")) == timedelta(seconds=99)
    assert len(bad.came) == 2  # its way in, and the question who we are


@every_room
@pytest.mark.parametrize("manner", ["reset", "close", "hang"])
def test_no_answer_to_a_post_is_a_doubt(
    bad: Bad, room: str, manner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "ANSWER_SECONDS", 0.2)
    bad.manner = manner
    outcome = hand_over(bad, room)
    prepares_first = room == "matrix"  # joins the room, and posts nothing after that failed
    assert outcome.state is (State.PLANNED if prepares_first else State.UNCERTAIN)


def test_matrix_is_in_doubt_from_the_moment_it_posts(bad: Bad) -> None:
    def until_joined(came: Came) -> tuple[int, bytes]:
        if "/join/" in came.path:
            bad.manner = "close"
        return friendly(came)

    bad.answer = until_joined
    assert hand_over(bad, "matrix").state is State.UNCERTAIN


@every_room
def test_nobody_there_costs_nothing_and_is_tried_later(bad: Bad, room: str) -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        bad.port = unheard.getsockname()[1]
        outcome = hand_over(bad, room)
    assert (outcome.state, outcome.note) == (State.PLANNED, "It cannot be reached.")


@every_room
def test_a_giant_answer_is_not_read_to_the_end(bad: Bad, room: str) -> None:
    always(bad, 400)
    bad.manner = "giant"
    assert hand_over(bad, room).state is State.FAILED


@every_room
def test_a_redirect_into_the_house_is_not_followed(bad: Bad, room: str) -> None:
    always(bad, 302, Location="http://127.0.0.1:9/admin")
    assert hand_over(bad, room).state is State.FAILED
    assert not [came for came in bad.came if "admin" in came.path]


def test_slack_says_no_with_status_200(bad: Bad) -> None:
    always(bad, 200, b'{"ok": false, "error": "channel_not_found"}')
    outcome = hand_over(bad, "slack-bot")
    assert outcome.state is State.FAILED
    assert "channel_not_found" in outcome.note


def test_slack_says_later_with_status_200(bad: Bad) -> None:
    always(bad, 200, b'{"ok": false, "error": "internal_error"}')
    assert hand_over(bad, "slack-bot").state is State.PLANNED


@every_room
@pytest.mark.parametrize("status", [200, 404, 429])
def test_no_log_and_no_note_names_a_token(
    bad: Bad, room: str, status: int, caplog: pytest.LogCaptureFixture, capfd
) -> None:
    def echo(came: Came) -> tuple[int, bytes]:
        return (200, friendly(came)[1]) if status == 200 else (status, came.path.encode())

    bad.answer = echo
    with caplog.at_level(logging.INFO):
        outcome = hand_over(bad, room)
    said = outcome.note + caplog.text + "".join(capfd.readouterr())
    assert [token for token in TOKENS if token in said] == []


@pytest.mark.parametrize(
    "address",
    [
        "mmosts://10.1.2.3/yobjmukpaw3r3urc5h6i369yim",
        "rockets://webhook/token12345678@127.0.0.1",
        "matrixs://token@[::1]/!room:x",
        "ntfys://169.254.169.254/topic",
    ],
)
def test_a_private_network_is_not_reached_without_the_setting(app: Flask, address: str) -> None:
    outcome = ChatChannel().hand_over(post(address))
    assert outcome.state is State.FAILED


def test_a_server_in_the_house_is_reached_with_the_setting(
    app: Flask, bad: Bad, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WEBHOOK_PRIVATE_HOSTS", "chat.lan 127.0.0.1")
    address = f"http://127.0.0.1:{bad.port}/hooks/yobjmukpaw3r3urc5h6i369yim"
    assert ChatChannel().hand_over(post(address)).state is State.ACCEPTED


def test_a_plugin_cannot_reach_the_network_by_itself(bad: Bad) -> None:
    from commsplan.delivery.chat_services import room_of

    assert room_of(ROOMS["mattermost"]).plugin.notify(body="out") is False
    assert bad.came == []
