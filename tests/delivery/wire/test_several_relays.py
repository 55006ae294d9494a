"""Several relays share the copies by weight, and one that is away costs no copy anything."""

from __future__ import annotations

import threading
from collections import Counter

from commsplan.delivery.smtp_timeouts import Timeouts
from tests.delivery.sink import free_port
from tests.delivery.wire.conftest import Bench, Clock, finish, parcel, parcels, turn_until
from tests.delivery.wire.server import Talk


def test_copies_are_shared_by_weight(bench: Bench) -> None:
    heavy, light = bench.server(), bench.server()
    wire = bench.wire_to(f"smtp://{heavy.name}?weight=3 smtp://{light.name}?weight=1")
    wire.put(parcels(100))
    results = finish(wire)
    assert results.tally() == {"accepted": 100}
    assert 70 <= len(heavy.taken) <= 80
    assert Counter(done.relay for done in results)[heavy.name] == len(heavy.taken)


def test_a_relay_that_is_full_leaves_copies_to_the_others(bench: Bench) -> None:
    slow, quick = bench.server({("DOT", 0): Talk.hang}), bench.server()
    wire = bench.wire_to(f"smtp://{slow.name}?connections=1 smtp://{quick.name}?connections=4")
    results = []
    for one in parcels(40):
        wire.put([one])
        results += wire.turn(0.1)
    assert len(results) >= 37
    assert {done.relay for done in results} == {quick.name}


def test_copies_of_a_relay_where_nobody_listens_go_to_another(bench: Bench) -> None:
    there = bench.server()
    gone = f"127.0.0.1:{free_port()}"
    wire = bench.wire_to(f"smtp://{gone}?weight=5 smtp://{there.name}")
    wire.put(parcels(20))
    assert finish(wire).tally() == {"accepted": 20}
    assert wire.away() == {gone: "nothing listens at the mail server's address"}


def test_when_nobody_listens_anywhere_copies_come_back_at_no_cost(bench: Bench) -> None:
    first, second = free_port(), free_port()
    wire = bench.wire_to(f"smtp://127.0.0.1:{first} smtp://127.0.0.1:{second}")
    wire.put(parcels(5))
    results = finish(wire)
    assert results.tally() == {"away": 5}
    assert not any(done.outcome.tried for done in results)
    assert {done.relay for done in results} == {""}
    assert f"127.0.0.1:{first}: nothing listens" in results.of(1).outcome.note
    assert wire.room() == 0


def test_a_copy_that_is_put_while_all_are_away_comes_back_at_once(bench: Bench) -> None:
    wire = bench.wire_to(f"smtp://127.0.0.1:{free_port()}")
    wire.put(parcels(1))
    finish(wire)
    wire.put([parcel(2)])
    assert [str(done.outcome.trouble) for done in wire.turn(0)] == ["away"]


def test_a_relay_is_asked_again_after_15_seconds_then_after_30(bench: Bench) -> None:
    clock, server = (
        Clock(),
        bench.server({("GREETING", 1): b"554 No\r\n", ("GREETING", 2): b"554\r\n"}),
    )
    wire = bench.wire(server, clock=clock)
    for pause in (15, 30):
        wire.put(parcels(1))
        assert finish_on(clock, wire) == ["away"]
        clock.now += pause * 0.79
        assert wire.room() == 0
        clock.now += pause * 0.42
        assert wire.room() == 2
    wire.put(parcels(1))
    assert finish_on(clock, wire) == ["accepted"]
    assert wire.away() == {}


def finish_on(clock: Clock, wire) -> list[str]:  # type: ignore[no-untyped-def]  # a Wire
    """Turn until the copies are back, while a hand moves the clock a little."""
    results = []
    while wire.undecided:
        results += wire.turn(0.001)
        clock.now += 0.0011
    return [str(done.outcome.trouble or done.outcome.state) for done in results]


def test_several_lines_that_are_refused_at_once_are_one_refusal(bench: Bench) -> None:
    def refuse_together(talk: Talk) -> None:
        together.wait(5)
        talk.say(b"451 4.3.0 Not now\r\n")

    together = threading.Barrier(4)
    clock, server = Clock(), bench.server({("MAIL", 0): refuse_together})
    wire = bench.wire(server, clock=clock, query="connections=4")
    wire.put(parcels(4))
    assert finish_on(clock, wire) == ["away"] * 4
    clock.now += 15 * 1.21
    assert wire.room() == 8


def test_a_relay_that_was_away_is_tried_over_one_line_first(bench: Bench) -> None:
    clock, server = Clock(), bench.server({("GREETING", 0): b"554 No\r\n"})
    wire = bench.wire(server, clock=clock, query="connections=4")
    wire.put(parcels(1))
    assert finish_on(clock, wire) == ["away"]
    clock.now += 15 * 1.21
    wire.put(parcels(8))
    assert finish_on(clock, wire) == ["away"] * 8
    assert server.connections == 2


def test_the_pause_does_not_grow_beyond_5_minutes(bench: Bench) -> None:
    clock = Clock()
    wire = bench.wire_to(f"smtp://127.0.0.1:{free_port()}?connections=1", clock=clock)
    for _ in range(12):
        wire.put(parcels(1))
        assert finish_on(clock, wire) == ["away"]
        clock.now += 361
    assert wire.room() == 2


def test_a_relay_that_is_switched_off_finishes_what_it_holds_and_goes(bench: Bench) -> None:
    off: set[str] = set()
    first, second = bench.server(), bench.server()
    wire = bench.wire_to(
        f"smtp://{first.name}?connections=1 smtp://{second.name}?connections=1",
        may_use=lambda name: name not in off,
    )
    wire.put(parcels(10))
    results = turn_until(wire, lambda: bool(first.taken))
    off.add(first.name)
    results += finish(wire)
    assert results.tally() == {"accepted": 10}
    assert wire.away() == {first.name: "switched off"}
    turn_until(wire, lambda: first.open_now == 0)
    assert first.heard[-1] == b"QUIT"
    wire.put(parcels(3))
    assert {done.relay for done in finish(wire)} == {second.name}


def test_when_all_are_switched_off_copies_come_back(bench: Bench) -> None:
    server = bench.server()
    wire = bench.wire(server, may_use=lambda _name: False)
    assert wire.room() == 0
    wire.put(parcels(2))
    results = finish(wire)
    assert results.tally() == {"away": 2}
    assert results.of(1).outcome.note == "switched off"
    assert server.connections == 0


def test_a_relay_that_is_switched_on_again_is_used_again(bench: Bench) -> None:
    on = [False]
    wire = bench.wire(bench.server(), may_use=lambda _name: on[0])
    wire.put(parcels(1))
    assert finish(wire).tally() == {"away": 1}
    on[0] = True
    wire.put(parcels(1))
    assert finish(wire).tally() == {"accepted": 1}


def test_there_is_room_for_two_copies_on_each_line(bench: Bench) -> None:
    wire = bench.wire(bench.server({("DOT", 0): Talk.hang}), query="connections=3")
    assert wire.room() == 6
    wire.put(parcels(4))
    assert wire.room() == 2
    wire.turn(0.1)
    assert wire.room() == 2
    wire.put(parcels(4))
    assert wire.room() == 0


def test_a_line_is_used_for_so_many_copies_and_replaced(bench: Bench) -> None:
    server = bench.server()
    assert bench.send(server, 10, "connections=1&copies=3").tally() == {"accepted": 10}
    assert server.connections == 4
    assert server.heard.count(b"QUIT") == 3


def test_no_more_lines_are_open_than_allowed(bench: Bench) -> None:
    server = bench.server()
    assert bench.send(server, 60, "connections=3&copies=5").tally() == {"accepted": 60}
    assert server.most_at_once <= 4  # one may be closing while the next opens


def test_a_server_that_allows_few_lines_is_used_over_those(bench: Bench) -> None:
    refused = {("GREETING", number): b"421 Too many connections\r\n" for number in (2, 3, 4)}
    server = bench.server(refused)
    wire = bench.wire(server, query="connections=4")
    wire.put([parcel(1)])
    results = finish(wire)
    wire.put(parcels(30)[1:])
    results += finish(wire)
    assert results.tally() == {"accepted": 30}
    assert wire.away() == {}


def test_a_slow_greeting_does_not_hold_up_the_other_relay(bench: Bench) -> None:
    slow, quick = bench.server({("GREETING", 0): Talk.hang}), bench.server()
    wire = bench.wire(slow, quick, timeouts=Timeouts(greeting=0.5), query="connections=2")
    wire.put(parcels(20))
    assert finish(wire).tally() == {"accepted": 20}
    assert wire.away() == {slow.name: "the mail server does not answer"}
