"""The log tells what became of copies by their ids; no name, address or subject stands in it."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from commsplan.delivery.clockwork import look_after_sends
from commsplan.delivery.jobs import deliver
from commsplan.delivery.pulses import feel_pulses
from commsplan.delivery.traces import codes, without_addresses
from commsplan.foundation.database import db
from tests.delivery.conftest import Stage
from tests.delivery.sink import Sink


@pytest.fixture
def stage_of_marked(stage: Stage) -> Stage:
    """The stage, where everything that must not be logged is easy to find."""
    for person in (stage.cast.lead, stage.cast.employee, stage.cast.sponsor, stage.cast.admin):
        person.name = f"Zanzibar {person.name}"
        person.email = f"quokka.{person.id}@marked.example"
    stage.message.latest.subject = "Xylophones for everybody"
    db.session.commit()
    return stage


def test_every_window_has_a_line(stage: Stage, sink: Sink) -> None:
    with capture_logs() as lines:
        send = stage.deliver()
    settled = [line for line in lines if line["event"] == "delivery.settled"]
    assert sum(line["states"]["accepted"] for line in settled) == 6
    assert {line["send"] for line in settled} == {send.id}
    assert {"chunk", "worker", "ms"} <= settled[0].keys()


def test_a_copy_that_is_not_taken_has_a_line_with_the_code(stage: Stage, sink: Sink) -> None:
    sink.at_rcpt = lambda _server, _address, n: "550 5.1.1 No such user" if n == 3 else None
    with capture_logs() as lines:
        stage.deliver()
    failed = next(row for row in stage.rows() if row.state == "failed")
    told = [line for line in lines if line["event"] == "delivery.copy"]
    assert [(line["delivery"], line["state"], line["code"], line["status"]) for line in told] == [
        (failed.id, "failed", "550", "5.1.1")
    ]


def test_no_line_names_anybody(stage_of_marked: Stage, sink: Sink) -> None:
    def refuse(_server: object, address: str, number: int) -> str | None:
        if number > 4:
            return f"421 <{address}> has had enough"
        return f"550 5.1.1 <{address}> is unknown" if number % 2 else f"450 <{address}> later"

    sink.at_rcpt = refuse
    sink.at_end = lambda _server, _n: "taken, line cut"
    with capture_logs() as lines:
        stage_of_marked.schedule()
        look_after_sends()
        for _turn in range(3):
            deliver(1)
            stage_of_marked.let_time_pass()
            look_after_sends()
            feel_pulses()
    assert {"delivery.settled", "delivery.copy"} <= {line["event"] for line in lines}
    written = str(lines).lower()
    for secret in (
        "quokka",
        "marked.example",
        "northwind.example",
        "xylophones",
        "zanzibar",
        "emil",
    ):
        assert secret not in written, secret


def test_codes_are_read_from_the_beginning_of_a_reply() -> None:
    assert codes("550-5.7.1 Not you") == {"code": "550", "status": "5.7.1"}
    assert codes("421 Bye") == {"code": "421"}
    assert codes("The line broke after 250 copies") == {}


def test_addresses_are_left_out() -> None:
    assert without_addresses("550 <a.b@c.example>: no") == "550 … no"
