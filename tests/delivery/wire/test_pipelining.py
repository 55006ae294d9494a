"""Where a server offers PIPELINING a copy costs one round trip; where not, command by command."""

from __future__ import annotations

import time

import pytest

from tests.delivery.wire.conftest import TEXT, Bench, finish, parcel, parcels
from tests.delivery.wire.server import Talk, byte_by_byte, slowly

PLAIN = ("8BITMIME",)


@pytest.mark.parametrize("offers", [("PIPELINING",), PLAIN])
@pytest.mark.parametrize("connections", [1, 4])
def test_every_copy_arrives_once(bench: Bench, offers: tuple[str, ...], connections: int) -> None:
    server = bench.server(offers=offers)
    results = bench.send(server, 30, f"connections={connections}")
    assert results.tally() == {"accepted": 30}
    assert sorted(server.taken) == sorted((one.address.encode(), one.body) for one in parcels(30))


@pytest.mark.parametrize("offers", [("PIPELINING",), PLAIN])
def test_answers_that_come_byte_by_byte_are_understood(
    bench: Bench, offers: tuple[str, ...]
) -> None:
    server = bench.server(offers=offers, split=byte_by_byte)
    assert bench.send(server, 5).tally() == {"accepted": 5}


def test_answers_that_come_byte_by_byte_and_late_are_understood(bench: Bench) -> None:
    assert bench.send(bench.server(split=slowly), 2).tally() == {"accepted": 2}


def test_the_three_commands_go_out_together(bench: Bench) -> None:
    together = []

    def look(talk: Talk) -> None:
        together.append(bytes(talk.inbox))
        talk.say(b"250 Fine\r\n")

    server = bench.server({("MAIL", 1): look})
    bench.send(server)
    assert together == [b"RCPT TO:<person1@in.example>\r\nDATA\r\n"]


def test_the_next_copy_is_announced_behind_the_dot(bench: Bench) -> None:
    behind = []

    def look(talk: Talk) -> None:
        behind.append(bytes(talk.inbox).split(b"\r\n")[:-1])
        talk.say(b"250 Taken\r\n")

    server = bench.server({("DOT", 1): look})
    bench.send(server, 2)
    assert behind == [
        [
            b"MAIL FROM:<bounce-2@out.example> SIZE=%d" % len(TEXT),
            b"RCPT TO:<person2@in.example>",
            b"DATA",
        ]
    ]


def test_nothing_of_a_body_comes_before_its_go_ahead(bench: Bench) -> None:
    early = []

    def look(talk: Talk) -> None:
        time.sleep(0.1)
        talk.sock.setblocking(False)
        try:
            talk.read()
        except BlockingIOError:
            early.append(bytes(talk.inbox))
        talk.sock.settimeout(5)
        talk.say(b"354 Go ahead\r\n")

    server = bench.server({("DATA", 1): look})
    bench.send(server)
    assert early == [b""]


def test_without_pipelining_every_command_waits_for_its_answer(bench: Bench) -> None:
    waiting = []

    def look(talk: Talk) -> None:
        time.sleep(0.05)
        waiting.append(bytes(talk.inbox))
        talk.say(b"250 Fine\r\n")

    server = bench.server({("RCPT", 0): look, ("DOT", 0): look}, offers=PLAIN)
    bench.send(server, 3)
    assert waiting == [b""] * 6


def test_a_server_that_only_knows_helo_is_used_command_by_command(bench: Bench) -> None:
    server = bench.server({("EHLO", 0): b"502 What?\r\n"})
    assert bench.send(server, 3).tally() == {"accepted": 3}
    assert b"MAIL FROM:<bounce-1@out.example>" in server.heard


def test_a_transaction_that_broke_is_reset_before_the_next(bench: Bench) -> None:
    server = bench.server({("RCPT", 1): b"550 Nobody\r\n"})
    bench.send(server, 2)
    words = [line.split(b" ")[0] for line in server.heard]
    assert words[1:8] == [b"MAIL", b"RCPT", b"DATA", b"RSET", b"MAIL", b"RCPT", b"DATA"]


def test_a_go_ahead_without_recipients_gets_a_lone_dot_and_counts_nothing(bench: Bench) -> None:
    server = bench.server({("RCPT", 2): b"550 Nobody\r\n", ("DATA", -1): b""})
    results = bench.send(server, 3)
    assert results.states() == {1: "accepted", 2: "refused", 3: "accepted"}
    assert [recipient for recipient, _body in server.taken] == [
        b"person1@in.example",
        b"person3@in.example",
    ]


def test_a_lone_dot_that_is_taken_is_still_no_copy(bench: Bench) -> None:
    def go_ahead(talk: Talk) -> None:
        talk.say(b"354 Go ahead\r\n")
        assert talk.body() == b""
        talk.say(b"250 Taken\r\n")

    server = bench.server(
        {("RCPT", 1): b"550 Nobody\r\n", ("DATA", 1): go_ahead, ("DATA", -1): b""}
    )
    results = bench.send(server, 2)
    assert results.states() == {1: "refused", 2: "accepted"}


def test_several_refusals_in_one_group_are_one_refusal(bench: Bench) -> None:
    server = bench.server({("MAIL", 2): b"552 5.3.4 Too big\r\n"})
    results = bench.send(server, 3)
    assert results.states() == {1: "accepted", 2: "refused", 3: "accepted"}
    assert results.of(2).outcome.note == "552 5.3.4 Too big"


def test_a_body_that_is_larger_than_every_buffer_arrives(bench: Bench) -> None:
    body = b"Subject: Big\r\n\r\n" + b"0123456789" * 7 + b"\r\n"
    body += (b"x" * 76 + b"\r\n") * 20_000
    server = bench.server(offers=("PIPELINING",), receive_buffer=4096)
    wire = bench.wire(server)
    wire.put([parcel(1, body), parcel(2, body), parcel(3)])
    assert finish(wire).tally() == {"accepted": 3}
    assert [taken for _recipient, taken in server.taken] == [body, body, TEXT]
