"""`commsplan sends` shows sends and settles doubt from the relay's log."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from commsplan.cli_sends import sends
from commsplan.delivery.copies import message_id
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink


def _run(app: Flask, *words: str) -> str:
    answer = CliRunner().invoke(sends, list(words), obj=app)
    assert answer.exit_code == 0, answer.output
    return answer.output


@pytest.fixture
def doubtful(stage: Stage, sink: Sink) -> tuple[str, list[int]]:
    """A send with two copies in doubt."""
    sink.at_end = lambda _server, n: "taken, line cut" if n in (2, 4) else None
    send = stage.deliver()
    return str(send.id), [row.id for row in stage.rows() if row.state == "uncertain"]


def test_it_lists_and_shows(app: Flask, stage: Stage, sink: Sink) -> None:
    send = stage.deliver()
    assert "running" in _run(app, "list")
    assert "6  accepted" in _run(app, "show", str(send.id))


def test_what_the_relay_accepted_arrived(
    app: Flask, stage: Stage, doubtful: tuple[str, list[int]], tmp_path: Path
) -> None:
    send_id, (first, _second) = doubtful
    log = tmp_path / "mail.log"
    log.write_text(f"Nov 23 postfix/cleanup: 4X: message-id=<{message_id(first)}>\n")
    assert "1 stay in doubt" in _run(app, "reconcile", send_id, "--accepted", str(log))
    assert stage.states() == {"accepted": 5, "uncertain": 1}


def test_the_rest_goes_out_again_when_asked(
    app: Flask, stage: Stage, doubtful: tuple[str, list[int]], tmp_path: Path
) -> None:
    send_id, (first, second) = doubtful
    log = tmp_path / "mail.log"
    log.write_text(f"{message_id(first)}\nd{second}.0123456789abcdef@northwind.example\n")
    said = _run(app, "reconcile", send_id, "--accepted", str(log), "--resend-rest")
    assert "1 go out again" in said
    assert stage.states() == {"accepted": 5, "planned": 1}


def test_an_unknown_send_is_said_so(app: Flask) -> None:
    answer = CliRunner().invoke(sends, ["show", "99"], obj=app)
    assert answer.exit_code == 1
    assert "There is no send 99" in answer.output


def test_a_send_can_be_paused_resumed_and_stopped(app: Flask, stage: Stage) -> None:
    send_id = str(stage.start().id)
    assert "Paused" in _run(app, "pause", send_id)
    assert "paused" in _run(app, "list")
    assert "paused since" in _run(app, "show", send_id)
    assert "It goes on" in _run(app, "resume", send_id)
    assert "Stopped" in _run(app, "cancel", send_id)
    assert stage.states() == {"cancelled": 6}


def test_a_scheduled_send_can_be_taken_back(app: Flask, stage: Stage) -> None:
    assert "Taken back" in _run(app, "cancel", str(stage.schedule(hours=2).id))


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
def test_what_has_moved_on_is_said_so(app: Flask, stage: Stage, verb: str) -> None:
    send_id = str(stage.schedule(hours=2).id)
    _run(app, "cancel", send_id)
    answer = CliRunner().invoke(sends, [verb, send_id], obj=app)
    assert answer.exit_code == 1
    assert "send" in answer.output
