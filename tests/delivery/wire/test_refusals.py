"""A refusal at any place concerns the copy that it is about, and no other."""

from __future__ import annotations

import pytest

from tests.delivery.wire.conftest import Bench, finish, parcel, parcels
from tests.delivery.wire.server import Talk

BOTH = pytest.mark.parametrize("offers", [("PIPELINING",), ()], ids=["pipelined", "plain"])
OTHERS_ARE_FINE = {1: "accepted", 3: "accepted"}


@BOTH
@pytest.mark.parametrize("step", ["RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(
    ("said", "trouble"), [(b"550 5.1.1 No\r\n", "refused"), (b"451 4.3.0 Wait\r\n", "later")]
)
def test_a_refusal_concerns_its_copy_alone(
    bench: Bench, offers: tuple[str, ...], step: str, said: bytes, trouble: str
) -> None:
    server = bench.server({(step, 2): said}, offers=offers)
    results = bench.send(server, 3)
    assert results.states() == {**OTHERS_ARE_FINE, 2: trouble}
    assert results.of(2).outcome.note == said.decode().strip()
    assert server.connections == 1


@BOTH
@pytest.mark.parametrize(
    "said",
    [
        b"552 5.3.4 Message size exceeds fixed limit\r\n",
        b"552 Too big\r\n",
        b"553 5.1.8 Sender's domain not found\r\n",
        b"501 5.1.7 Bad sender address syntax\r\n",
    ],
)
def test_a_mail_refused_because_of_this_copy_concerns_it_alone(
    bench: Bench, offers: tuple[str, ...], said: bytes
) -> None:
    server = bench.server({("MAIL", 2): said}, offers=offers)
    assert bench.send(server, 3).states() == {**OTHERS_ARE_FINE, 2: "refused"}


@BOTH
@pytest.mark.parametrize(
    "said",
    [
        b"451 4.3.2 Not now\r\n",
        b"530 5.7.0 Authentication required\r\n",
        b"550 5.7.1 Not you\r\n",
        b"553 5.7.1 Not your address\r\n",
        b"452 4.3.1 Disk full\r\n",
    ],
)
def test_a_mail_refused_because_of_us_makes_the_relay_away(
    bench: Bench, offers: tuple[str, ...], said: bytes
) -> None:
    server = bench.server({("MAIL", 2): said}, offers=offers)
    wire = bench.wire(server)
    wire.put(parcels(4))
    results = finish(wire)
    assert results.states() == {1: "accepted", 2: "away", 3: "away", 4: "away"}
    assert not results.of(2).outcome.tried
    assert wire.away() == {server.name: said.decode().strip()}
    assert wire.room() == 0


def test_three_refused_senders_in_a_row_are_not_the_copies_fault(bench: Bench) -> None:
    server = bench.server({("MAIL", 0): b"553 5.1.8 Who?\r\n"})
    assert bench.send(server, 9).tally() == {"refused": 3, "away": 6}


@BOTH
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_421_lets_the_asked_copy_step_back_and_the_others_go_on(
    bench: Bench, offers: tuple[str, ...], step: str
) -> None:
    def hang_up(talk: Talk) -> None:
        talk.say(b"421 4.3.2 Shutting down\r\n")
        if step == "DOT":
            server.taken.pop()
        talk.close()

    server = bench.server({(step, 2): hang_up}, offers=offers)
    results = bench.send(server, 3)
    assert results.states() == {**OTHERS_ARE_FINE, 2: "closed"}
    assert results.of(2).outcome.note == "421 4.3.2 Shutting down"
    assert len(server.taken) == 2
    assert server.connections == 2


def test_a_421_on_a_fresh_line_leaves_the_relay_alone(bench: Bench) -> None:
    server = bench.server({("MAIL", 1): b"421 Too busy\r\n"})
    wire = bench.wire(server)
    wire.put(parcels(3))
    assert finish(wire).tally() == {"closed": 1, "away": 2}
    assert wire.away() == {server.name: "421 Too busy"}


def test_several_refusals_of_one_group_in_a_row_stay_in_step(bench: Bench) -> None:
    server = bench.server({("RCPT", n): b"550 5.1.1 No\r\n" for n in (2, 3, 5)})
    results = bench.send(server, 6)
    assert results.tally() == {"accepted": 3, "refused": 3}
    assert [done.parcel.delivery_id for done in results] == [1, 2, 3, 4, 5, 6]


def test_a_refused_dot_and_a_refused_next_recipient_are_two_refusals(bench: Bench) -> None:
    server = bench.server({("DOT", 1): b"554 5.6.0 Spam\r\n", ("RCPT", 2): b"450 Wait\r\n"})
    assert bench.send(server, 3).states() == {1: "refused", 2: "later", 3: "accepted"}


def test_the_words_of_a_refusal_do_not_hold_the_address(bench: Bench) -> None:
    said = b"550 5.1.1 <PERSON1@in.example>: person1@in.example unknown\r\n"
    results = bench.send(bench.server({("RCPT", 1): said}))
    assert results.of(1).outcome.note == "550 5.1.1 <…>: … unknown"


def test_the_words_of_an_acceptance_do_not_hold_the_address(bench: Bench) -> None:
    server = bench.server({("DOT", 0): b"250 Ok for person1@in.example\r\n"})
    results = bench.send(server, 2)
    assert results.of(1).outcome.note == "250 Ok for …"


def test_every_2yz_after_the_dot_is_an_acceptance(bench: Bench) -> None:
    assert bench.send(bench.server({("DOT", 1): b"252 Well\r\n"}), 2).tally() == {"accepted": 2}


def test_a_3yz_after_the_dot_leaves_the_copy_in_doubt(bench: Bench) -> None:
    server = bench.server({("DOT", 1): b"354 Go ahead\r\n"})
    assert bench.send(server, 2).states() == {1: "lost", 2: "accepted"}


def test_a_refused_reset_costs_nobody_anything(bench: Bench) -> None:
    server = bench.server({("RCPT", 1): b"550 No\r\n", ("RSET", 1): b"500 What?\r\n"})
    assert bench.send(server, 2).states() == {1: "refused", 2: "accepted"}
    assert server.connections == 2


@pytest.mark.parametrize(
    "address",
    [
        "a@in.example\r\nRCPT TO:<b@in.example>",
        "a@in.example\nDATA",
        "a b@in.example",
        "a@in.example> ORCPT=x",
        "a\0@in.example",
        "nobody",
        "",
        "a@b@in.example",
        "ü\u0085@in.example",
        "x" * 400 + "@in.example",
    ],
)
def test_an_address_that_would_break_the_line_never_reaches_it(bench: Bench, address: str) -> None:
    server = bench.server()
    wire = bench.wire(server)
    wire.put([parcel(1, address=address), parcel(2)])
    assert finish(wire).states() == {1: "refused", 2: "accepted"}
    assert [line for line in server.heard if line.startswith(b"RCPT")] == [
        b"RCPT TO:<person2@in.example>"
    ]


def test_a_sender_that_would_break_the_line_never_reaches_it(bench: Bench) -> None:
    server = bench.server()
    wire = bench.wire(server)
    wire.put([parcel(1, sender="a@out.example>\r\nRSET"), parcel(2, sender="")])
    assert finish(wire).states() == {1: "refused", 2: "accepted"}
    assert b"RSET" not in server.heard
    assert any(line.startswith(b"MAIL FROM:<> ") for line in server.heard)
