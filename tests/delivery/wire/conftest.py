"""A journal, parcels, and a wire to servers that behave as a test wants."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from commsplan.delivery.journal import Journal
from commsplan.delivery.parcels import Done, Parcel
from commsplan.delivery.smtp_timeouts import Timeouts
from commsplan.delivery.wire import Wire
from commsplan.foundation.relay_addresses import read_relays
from tests.delivery.wire.server import FakeServer

SOON = Timeouts(greeting=2, mail=2, rcpt=2, data=2, block=2, dot=2)
TEXT = b"Subject: Hello\r\n\r\nWe move on Monday.\r\n"


def parcel(number: int, body: bytes = TEXT, **other: str) -> Parcel:
    """Return one copy."""
    sender = other.get("sender", f"bounce-{number}@out.example")
    return Parcel(number, 1, sender, other.get("address", f"person{number}@in.example"), body)


def parcels(count: int, body: bytes = TEXT) -> list[Parcel]:
    """Return copies number 1 to count."""
    return [parcel(number, body) for number in range(1, count + 1)]


@dataclass
class Bench:
    """Makes servers and wires, and puts everything away in the end."""

    journal: Journal
    servers: list[FakeServer] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)

    def server(self, *arguments: object, **options: object) -> FakeServer:
        """Start a server."""
        server = FakeServer(*arguments, **options)  # type: ignore[arg-type]
        self.servers.append(server)
        return server

    def wire(self, *servers: FakeServer, query: str = "connections=1", **options: object) -> Wire:
        """Return a wire to these."""
        urls = " ".join(f"smtp://{server.name}?{query}" for server in servers)
        return self.wire_to(urls, **options)

    def wire_to(self, urls: str, **options: object) -> Wire:
        """Return a wire to these addresses."""
        options.setdefault("timeouts", SOON)
        wire = Wire(read_relays(urls), self.journal, **options)  # type: ignore[arg-type]
        self.wires.append(wire)
        return wire

    def send(self, server: FakeServer, count: int = 1, query: str = "connections=1") -> Results:
        """Send copies through one line and say what became of them."""
        wire = self.wire(server, query=query)
        wire.put(parcels(count))
        return Results(finish(wire))


class Results(list[Done]):
    """What became of copies."""

    def of(self, number: int) -> Done:
        """Return the one of this delivery."""
        (found,) = [done for done in self if done.parcel.delivery_id == number]
        return found

    def states(self) -> dict[int, str]:
        """Return trouble, or the state where there is none, by delivery."""
        return {
            done.parcel.delivery_id: str(done.outcome.trouble or done.outcome.state)
            for done in sorted(self, key=lambda done: done.parcel.delivery_id)
        }

    def tally(self) -> dict[str, int]:
        """Count these."""
        return dict(Counter(self.states().values()))


def finish(wire: Wire, seconds: float = 15) -> Results:
    """Turn until everything is decided."""
    results, until = Results(), time.monotonic() + seconds
    while wire.undecided:
        results += wire.turn(0.5)
        assert time.monotonic() < until, f"{wire.undecided} copies never came back"
    return results


def turn_until(wire: Wire, condition: Callable[[], bool], seconds: float = 10) -> Results:
    """Turn until something is so."""
    results, until = Results(), time.monotonic() + seconds
    while not condition():
        results += wire.turn(0.02)
        assert time.monotonic() < until, "it never became so"
    return results


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Servers, wires and a journal of the test's own."""
    with Journal(tmp_path) as journal:
        bench = Bench(journal)
        yield bench
        for wire in bench.wires:
            wire.close()
        for server in bench.servers:
            server.stop()
