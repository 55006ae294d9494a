"""A line that dies leaves in doubt the copy whose dot left, and nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from commsplan.delivery.smtp_timeouts import Timeouts
from tests.delivery.wire.conftest import TEXT, Bench, finish, parcel, parcels, turn_until
from tests.delivery.wire.server import FakeServer, Talk

BOTH = pytest.mark.parametrize("offers", [("PIPELINING",), ()], ids=["pipelined", "plain"])
ENDS = pytest.mark.parametrize("end", [Talk.cut, Talk.close], ids=["reset", "closed"])
SHORT = Timeouts(greeting=0.2, mail=0.2, rcpt=0.2, data=0.2, block=0.2, dot=0.2)
BIG = TEXT + (b"y" * 76 + b"\r\n") * 200_000


@BOTH
@ENDS
def test_a_line_that_ends_after_the_dot_leaves_one_copy_in_doubt(
    bench: Bench, offers: tuple[str, ...], end: Callable[[Talk], None]
) -> None:
    server = bench.server({("DOT", 2): end}, offers=offers)
    assert bench.send(server, 4).states() == {
        1: "accepted",
        2: "lost",
        3: "accepted",
        4: "accepted",
    }


@BOTH
@ENDS
@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_line_that_ends_before_the_go_ahead_drops_its_copy_alone(
    bench: Bench, offers: tuple[str, ...], step: str, end: Callable[[Talk], None]
) -> None:
    server = bench.server({(step, 2): end}, offers=offers)
    assert bench.send(server, 3).states() == {1: "accepted", 2: "dropped", 3: "accepted"}


@BOTH
def test_a_line_that_ends_at_mail_costs_no_copy_anything(
    bench: Bench, offers: tuple[str, ...]
) -> None:
    server = bench.server({("MAIL", 2): Talk.close}, offers=offers)
    assert bench.send(server, 3).tally() == {"accepted": 3}
    assert server.connections == 2


@ENDS
def test_a_fresh_line_that_ends_at_mail_makes_the_relay_away(
    bench: Bench, end: Callable[[Talk], None]
) -> None:
    results = bench.send(bench.server({("MAIL", 0): end}), 3)
    assert results.tally() == {"away": 3}
    assert results.of(1).outcome.note == "the mail server closed the line"


@ENDS
def test_a_line_that_ends_in_the_middle_of_a_body_drops_its_copy(
    bench: Bench, end: Callable[[Talk], None]
) -> None:
    def in_the_middle(talk: Talk) -> None:
        talk.say(b"354 Go ahead\r\n")
        talk.part_of_body(10_000)
        end(talk)

    server = bench.server({("DATA", 1): in_the_middle}, receive_buffer=4096, offers=("PIPELINING",))
    wire = bench.wire(server)
    wire.put([parcel(1, BIG), parcel(2)])
    assert finish(wire).states() == {1: "dropped", 2: "accepted"}


def test_a_refusal_in_the_middle_of_a_body_is_heard(bench: Bench) -> None:
    def in_the_middle(talk: Talk) -> None:
        talk.say(b"354 Go ahead\r\n")
        talk.part_of_body(10_000)
        talk.say(b"552 5.3.4 Too big\r\n")
        talk.hang()

    server = bench.server({("DATA", 1): in_the_middle}, receive_buffer=4096, offers=("PIPELINING",))
    wire = bench.wire(server)
    wire.put([parcel(1, BIG), parcel(2)])
    results = finish(wire)
    assert results.states() == {1: "refused", 2: "accepted"}
    assert results.of(1).outcome.note == "552 5.3.4 Too big"


def test_a_fine_to_half_a_body_is_not_believed(bench: Bench) -> None:
    def in_the_middle(talk: Talk) -> None:
        talk.say(b"354 Go ahead\r\n")
        talk.part_of_body(10_000)
        talk.say(b"250 Taken\r\n")
        talk.hang()

    server = bench.server({("DATA", 1): in_the_middle}, receive_buffer=4096, offers=("PIPELINING",))
    wire = bench.wire(server)
    wire.put([parcel(1, BIG), parcel(2)])
    assert finish(wire).states() == {1: "dropped", 2: "accepted"}


def test_what_a_server_takes_of_a_body_no_more_is_dropped_in_time(bench: Bench) -> None:
    def stop_reading(talk: Talk) -> None:
        talk.say(b"354 Go ahead\r\n")
        while not talk.server.is_over:
            time.sleep(0.05)

    server = bench.server({("DATA", 1): stop_reading}, receive_buffer=4096, offers=("PIPELINING",))
    wire = bench.wire(server, timeouts=SHORT)
    wire.put([parcel(1, BIG), parcel(2)])
    assert finish(wire).states() == {1: "dropped", 2: "accepted"}


@BOTH
@pytest.mark.parametrize(
    ("step", "becomes"),
    [("MAIL", "accepted"), ("RCPT", "dropped"), ("DATA", "dropped"), ("DOT", "lost")],
)
def test_a_silent_server_is_given_up_in_time(
    bench: Bench, offers: tuple[str, ...], step: str, becomes: str
) -> None:
    server = bench.server({(step, 2): Talk.hang}, offers=offers)
    wire = bench.wire(server, timeouts=SHORT)
    wire.put(parcels(3))
    results = finish(wire)
    assert results.states() == {1: "accepted", 2: becomes, 3: "accepted"}
    if becomes != "accepted":
        assert "does not answer" in results.of(2).outcome.note


def test_an_answer_that_trickles_in_does_not_stretch_the_time(bench: Bench) -> None:
    def trickle(talk: Talk) -> None:
        for _ in range(100):
            talk.say(b"2")
            time.sleep(0.05)

    server = bench.server({("DOT", 1): trickle})
    wire = bench.wire(server, timeouts=SHORT)
    wire.put(parcels(1))
    began = time.monotonic()
    assert finish(wire).tally() == {"lost": 1}
    assert time.monotonic() - began < 2


def test_three_lines_lost_in_a_row_leave_the_relay_alone(bench: Bench) -> None:
    results = bench.send(bench.server({("DOT", 0): Talk.cut}), 6)
    assert results.tally() == {"lost": 3, "away": 3}


def test_lost_lines_with_answers_between_them_are_only_bad_luck(bench: Bench) -> None:
    server = bench.server({("DOT", number): Talk.cut for number in (1, 3, 5, 7)})
    assert bench.send(server, 8).tally() == {"lost": 4, "accepted": 4}


def test_an_idle_line_that_the_server_closed_is_replaced_in_silence(bench: Bench) -> None:
    server = bench.server()
    wire = bench.wire(server)
    wire.put([parcel(1)])
    finish(wire)
    server.hang_up_idle()
    turn_until(wire, lambda: server.open_now == 0)
    wire.put([parcel(2)])
    assert finish(wire).tally() == {"accepted": 1}
    assert server.connections == 2


@pytest.mark.parametrize("said", [b"421 4.4.2 Timeout\r\n", b"250 Unasked\r\n", b"\x00\xff\r\n"])
def test_what_a_server_says_unasked_between_copies_costs_only_the_line(
    bench: Bench, said: bytes
) -> None:
    server = bench.server()
    wire = bench.wire(server)
    wire.put([parcel(1)])
    finish(wire)
    server.talks[0].say(said)
    turn_until(wire, lambda: server.open_now == 0)
    wire.put([parcel(2)])
    assert finish(wire).tally() == {"accepted": 1}
    assert wire.away() == {}


def test_a_421_right_behind_an_acceptance_does_not_undo_it(bench: Bench) -> None:
    server = bench.server({("DOT", 1): b"250 Taken\r\n421 Bye\r\n"}, offers=())
    assert bench.send(server, 2).tally() == {"accepted": 2}
    assert server.connections == 2


@pytest.mark.parametrize(
    ("step", "said", "becomes"),
    [
        ("MAIL", b"250 Ok\r\n250 Ok\r\n354 Go ahead\r\n", "dropped"),
        ("DATA", b"354 Go ahead\r\n250 Taken\r\n", "dropped"),
        ("RCPT", b"354 Go ahead\r\n", "dropped"),
        ("DATA", b"250 Taken\r\n", "dropped"),
    ],
)
def test_answers_that_come_too_early_are_not_believed(
    bench: Bench, step: str, said: bytes, becomes: str
) -> None:
    def say_and_wait(talk: Talk) -> None:
        talk.say(said)
        talk.hang()

    server = bench.server({(step, 2): say_and_wait}, offers=())
    results = bench.send(server, 3)
    assert results.states() == {1: "accepted", 2: becomes, 3: "accepted"}
    assert len(server.taken) == 2


@pytest.mark.parametrize(
    "said",
    [
        b"what?\r\n",
        b"\x16\x03\x01\x02\x00\r\n",
        b"999 Number\r\n",
        b"250-one\r\n354 two\r\n",
        b"250 " + b"x" * 100_000 + b"\r\n",
        b"250-x\r\n" * 20_000,
        b"2" * 100_000,
    ],
    ids=["words", "binary", "code", "mixed", "overlong", "endless", "no line"],
)
def test_an_answer_that_is_none_ends_the_line(bench: Bench, said: bytes) -> None:
    def say_and_wait(talk: Talk) -> None:
        talk.say(said)
        talk.hang()

    server = bench.server({("DOT", 2): say_and_wait})
    results = bench.send(server, 3)
    assert results.states() == {1: "accepted", 2: "lost", 3: "accepted"}


def test_a_server_that_closes_while_commands_wait_to_leave_is_heard(bench: Bench) -> None:
    def hang_up(talk: Talk) -> None:
        talk.say(b"250 Taken\r\n421 Bye\r\n")
        talk.close()

    server: FakeServer = bench.server({("DOT", 1): hang_up})
    assert bench.send(server, 2).states() == {1: "accepted", 2: "closed"}


def test_an_answer_that_came_while_nobody_looked_counts_however_late_it_is(bench: Bench) -> None:
    def answer_later(talk: Talk) -> None:
        asked.set()
        now.wait(5)
        talk.say(b"250 Taken\r\n")
        said.set()

    asked, now, said = threading.Event(), threading.Event(), threading.Event()
    jump = [0.0]
    server = bench.server({("DOT", 1): answer_later})
    wire = bench.wire(server, clock=lambda: time.monotonic() + jump[0])
    wire.put(parcels(1))
    assert turn_until(wire, asked.is_set) == []
    now.set()
    assert said.wait(5)
    jump[0] = 10_000  # as after a stop of the whole process
    assert finish(wire).tally() == {"accepted": 1}
