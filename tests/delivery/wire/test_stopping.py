"""A wire that stops says of every copy where it is, and begins none any more."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from commsplan.delivery.journal import Journal
from tests.delivery.wire.conftest import TEXT, Bench, Results, finish, parcel, parcels, turn_until
from tests.delivery.wire.server import FakeServer, Talk

BIG = TEXT + (b"y" * 76 + b"\r\n") * 200_000


def test_halting_returns_what_was_not_begun_and_finishes_the_rest(bench: Bench) -> None:
    def wait(talk: Talk) -> None:
        turn_on.append(talk)
        while not released:
            talk.sock.settimeout(0.02)
            try:
                talk.read()
            except TimeoutError:
                continue
        talk.sock.settimeout(5)
        talk.say(b"250 Taken\r\n")

    turn_on: list[Talk] = []
    released: list[bool] = []
    server = bench.server({("DOT", 1): wait})
    wire = bench.wire(server)
    wire.put(parcels(5))
    turn_until(wire, lambda: bool(turn_on))
    halted = Results(wire.halt())
    assert halted.states() == dict.fromkeys((2, 3, 4, 5), "planned")
    assert not any(done.outcome.tried for done in halted)
    assert wire.undecided == 1
    released.append(True)
    assert finish(wire).states() == {1: "accepted"}
    assert len(server.taken) == 1


def test_a_halted_wire_takes_nothing_on(bench: Bench) -> None:
    server = bench.server()
    wire = bench.wire(server)
    assert wire.halt() == []
    assert wire.room() == 0
    wire.put(parcels(2))
    assert finish(wire).states() == {1: "planned", 2: "planned"}
    assert server.connections == 0


def test_halting_while_a_line_opens_begins_nothing(bench: Bench) -> None:
    server = bench.server({("GREETING", 0): Talk.hang})
    wire = bench.wire(server)
    wire.put(parcels(2))
    wire.turn(0.05)
    assert Results(wire.halt()).states() == {1: "planned", 2: "planned"}
    assert wire.undecided == 0


def test_closing_leaves_in_doubt_only_what_has_its_dot_out(bench: Bench) -> None:
    server = bench.server({("DOT", 1): Talk.hang})
    wire = bench.wire(server)
    wire.put(parcels(3))
    turn_until(wire, lambda: bool(server.counts["DOT"]))
    assert Results(wire.close()).states() == {1: "lost", 2: "planned", 3: "planned"}
    assert wire.undecided == 0


def test_closing_in_the_middle_of_a_body_drops_it(bench: Bench) -> None:
    def stop_reading(talk: Talk) -> None:
        talk.say(b"354 Go ahead\r\n")
        talk.part_of_body(5000)
        started.append(1)
        while not talk.server.is_over:
            pass

    started: list[int] = []
    server = bench.server({("DATA", 1): stop_reading}, receive_buffer=4096)
    wire = bench.wire(server)
    wire.put([parcel(1, BIG), parcel(2)])
    turn_until(wire, lambda: bool(started))
    server.is_over = True
    assert Results(wire.close()).states() == {1: "dropped", 2: "planned"}
    assert "reply 1 1 0" in bench.journal.path.read_text()


def test_closing_says_goodbye_on_idle_lines(bench: Bench) -> None:
    server = bench.server()
    wire = bench.wire(server)
    wire.put(parcels(1))
    finish(wire)
    assert wire.close() == []
    server.stop()
    assert server.heard[-1] == b"QUIT"


def test_closing_twice_is_closing(bench: Bench) -> None:
    wire = bench.wire(bench.server())
    wire.put(parcels(1))
    finish(wire)
    assert wire.close() == []
    assert wire.close() == []


class Full(Journal):
    """A journal on a disk that is full until somebody tidies up."""

    is_full = True

    def write(self, lines: str) -> None:
        """Write, or say why not."""
        if self.is_full and lines.startswith("body"):
            raise OSError(28, "No space left on device")
        super().write(lines)


def test_a_full_disk_lets_no_body_out_until_there_is_space(bench: Bench, tmp_path: Path) -> None:
    server = bench.server()
    with Full(tmp_path) as journal:
        bench.journal = journal
        wire = bench.wire(server)
        wire.put(parcels(2))
        with pytest.raises(OSError, match="No space left"):
            finish(wire)
        assert server.counts["DOT"] == 0
        journal.is_full = False
        assert finish(wire).tally() == {"accepted": 2}


class Watching(Journal):
    """A journal that looks at what a server has when it is told of a body."""

    server: FakeServer
    seen: list[bytes]

    def write(self, lines: str) -> None:
        """Look, then write."""
        if lines.startswith("body"):
            time.sleep(0.05)
            self.seen.append(bytes(self.server.talks[0].inbox))
        super().write(lines)


def test_a_body_is_in_the_journal_before_a_byte_of_it_leaves(bench: Bench, tmp_path: Path) -> None:
    with Watching(tmp_path) as journal:
        journal.server, journal.seen = bench.server(offers=()), []
        bench.journal = journal
        wire = bench.wire(journal.server)
        wire.put(parcels(3))
        assert finish(wire).tally() == {"accepted": 3}
    assert journal.seen == [b"", b"", b""]
