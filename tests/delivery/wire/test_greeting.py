"""A server that does not greet as it should is away, in bounded time and space."""

from __future__ import annotations

import time

import pytest

from commsplan.delivery.smtp_timeouts import Timeouts
from tests.delivery.wire.conftest import Bench, finish, parcels
from tests.delivery.wire.server import Answer, Talk

SHORT = Timeouts(greeting=0.3)


def trickle(talk: Talk) -> None:
    """Greet for ever, a byte at a time."""
    while not talk.server.is_over:
        talk.say(b"2")
        time.sleep(0.02)


def flood(talk: Talk) -> None:
    """Greet for ever, line by line."""
    while not talk.server.is_over:
        talk.say(b"220-x\r\n" * 1000)


@pytest.mark.parametrize("step", ["GREETING", "EHLO"])
@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Talk.hang, "does not answer"),
        (Talk.close, "closed the line"),
        (Talk.cut, "closed the line"),
        (trickle, "does not answer"),
        (flood, "has no end"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "cannot be understood"),
        (b"220-" + b"x" * 100_000 + b"\r\n", "has no end"),
        (b"220 Hello\r\n250 And more\r\n", "before it is asked"),
    ],
    ids=["hang", "close", "cut", "trickle", "flood", "words", "overlong", "early"],
)
def test_a_strange_beginning_costs_no_copy_anything(
    bench: Bench, step: str, said: Answer, words: str
) -> None:
    server = bench.server({(step, 0): said})
    wire = bench.wire(server, timeouts=SHORT)
    wire.put(parcels(2))
    began = time.monotonic()
    results = finish(wire)
    assert results.tally() == {"away": 2}
    assert words in results.of(1).outcome.note
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("said", [b"554 5.3.2 No service\r\n", b"421 Too busy\r\n"])
def test_a_greeting_that_refuses_is_told_in_its_words(bench: Bench, said: bytes) -> None:
    results = bench.send(bench.server({("GREETING", 0): said}))
    assert results.of(1).outcome.note == said.decode().strip()


def test_a_greeting_of_several_lines_is_a_greeting(bench: Bench) -> None:
    server = bench.server({("GREETING", 0): b"220-Welcome\r\n220-to\r\n220 us\r\n"})
    assert bench.send(server, 2).tally() == {"accepted": 2}


def test_closing_does_not_wait_for_a_line_that_is_being_opened(bench: Bench) -> None:
    server = bench.server({("GREETING", 0): Talk.hang})
    wire = bench.wire(server, timeouts=Timeouts())
    wire.put(parcels(2))
    wire.turn(0.1)
    began = time.monotonic()
    assert [str(done.outcome.state) for done in wire.close()] == ["planned", "planned"]
    assert time.monotonic() - began < 1
