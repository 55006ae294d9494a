"""What the kernel has not taken was not sent: a copy is in doubt only once its dot has begun."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from commsplan.delivery.parcels import Parcel
from commsplan.delivery.rules import Outcome
from commsplan.delivery.smtp_envelope import Features
from commsplan.delivery.smtp_line import Line
from tests.delivery.wire.conftest import TEXT, parcel

COMMANDS = b"MAIL FROM:<bounce-1@out.example>\r\nRCPT TO:<person1@in.example>\r\nDATA\r\n"
GO_AHEAD = b"250 Ok\r\n250 Ok\r\n354 Go\r\n"


class Narrow(socket.socket):
    """A socket whose kernel takes only so many bytes in all."""

    capacity = 1_000_000

    def send(self, data: object, flags: int = 0) -> int:
        """Take what fits."""
        taken = bytes(data)[: self.capacity]  # type: ignore[call-overload]
        if not taken:
            raise BlockingIOError
        self.capacity -= len(taken)
        return super().send(taken, flags)

    def sendmsg(self, buffers: object, *_more: object) -> int:  # type: ignore[override]
        """Take what fits of several."""
        return self.send(b"".join(buffers))  # type: ignore[call-overload]


@dataclass
class Relay:
    """Stands where the relay of a line would."""

    queue: deque[Parcel]
    outcomes: dict[int, str] = field(default_factory=dict)
    codes: list[tuple[int, int]] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    def now(self) -> float:
        return 0.0

    def next_parcel(self) -> Parcel | None:
        return self.queue.popleft() if self.queue else None

    def begun(self, parcel: Parcel) -> None:
        self.events.append(f"body {parcel.delivery_id}")

    def answered(self, parcel: Parcel, code: int) -> None:
        self.codes.append((parcel.delivery_id, code))

    def finish(self, parcel: Parcel, outcome: Outcome) -> None:
        self.outcomes[parcel.delivery_id] = str(outcome.trouble or outcome.state)

    def give_back(self, parcel: Parcel) -> None:
        self.returned.append(parcel.delivery_id)

    def mail_judged(self, refusal: str) -> None:
        assert not refusal

    def refuses_us(self, words: str) -> None:
        raise AssertionError(words)

    def send_soon(self, line: Line) -> None:
        self.events.append("send")

    def watch(self, line: Line) -> None:
        line.is_watched = bool(line.out.left)

    def rest(self, line: Line) -> None:
        self.events.append("rest")

    def lost(self, line: Line, words: str, *, held: bool) -> None:
        self.events.append("lost")


@dataclass
class Pair:
    """A line, and the server's end of it."""

    line: Line
    relay: Relay
    near: Narrow
    far: socket.socket

    def say(self, text: bytes) -> None:
        """Let the server say this and the line hear it."""
        self.far.sendall(text)
        self.line.ready(0.0)


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A line that offers PIPELINING, with two copies to come."""
    here, far = socket.socketpair()
    near = Narrow(fileno=here.detach())
    near.setblocking(False)
    relay = Relay(deque([parcel(1), parcel(2)]))
    line = Line(near, Features(pipelining=True), relay, 100)
    yield Pair(line, relay, near, far)
    near.close()
    far.close()


def body_goes_out(pair: Pair, size: int) -> None:
    """Announce the first copy, then let so many bytes of its body and what follows leave."""
    pair.line.begin()
    pair.line.flush(0.0)
    assert pair.far.recv(1000) == COMMANDS
    pair.say(GO_AHEAD)
    pair.near.capacity = size
    pair.line.flush(0.0)


@pytest.mark.parametrize("size", [0, 1, len(TEXT) - 1, len(TEXT)])
def test_a_line_that_dies_before_the_dot_drops_the_copy(pair: Pair, size: int) -> None:
    body_goes_out(pair, size)
    pair.far.close()
    pair.line.ready(0.0)
    assert pair.relay.outcomes == {1: "dropped"}
    assert pair.relay.codes == [(1, 0)]
    assert pair.relay.returned == [2]


@pytest.mark.parametrize("more", [1, 2, 3, 4, 50, 1000])
def test_a_line_that_dies_when_the_dot_has_begun_leaves_doubt(pair: Pair, more: int) -> None:
    body_goes_out(pair, len(TEXT) + more)
    pair.far.close()
    pair.line.ready(0.0)
    assert pair.relay.outcomes == {1: "lost"}
    assert pair.relay.codes == []
    assert pair.relay.returned == [2]


@pytest.mark.parametrize("size", range(len(TEXT) + 3))
def test_an_acceptance_before_the_dot_is_never_believed(pair: Pair, size: int) -> None:
    body_goes_out(pair, size)
    pair.say(b"250 Taken\r\n")
    assert pair.relay.outcomes == {1: "lost" if size > len(TEXT) else "dropped"}


def test_an_acceptance_counts_although_commands_wait_behind_the_dot(pair: Pair) -> None:
    body_goes_out(pair, len(TEXT) + 3)
    pair.say(b"250 Taken\r\n")
    assert pair.relay.outcomes == {1: "accepted"}


def test_answers_to_commands_that_have_not_left_are_read_when_they_have(pair: Pair) -> None:
    body_goes_out(pair, len(TEXT) + 10)
    pair.say(b"250 Taken\r\n" + GO_AHEAD)
    assert pair.relay.events == ["send", "body 1", "send"]
    pair.near.capacity = 10_000
    pair.line.flush(0.0)
    assert pair.far.recv(1000) == TEXT + b".\r\n" + COMMANDS.replace(b"-1", b"-2").replace(
        b"n1", b"n2"
    )
    assert pair.relay.events == ["send", "body 1", "send", "body 2", "send"]


def test_bytes_leave_in_order_however_few_the_kernel_takes(pair: Pair) -> None:
    body_goes_out(pair, 0)
    came = b""
    while pair.line.out.left:
        pair.near.capacity = 1
        pair.line.flush(0.0)
        came += pair.far.recv(10)
    assert came.startswith(TEXT + b".\r\nMAIL FROM:<bounce-2@")
    assert came.endswith(b"DATA\r\n")


def test_a_body_is_in_the_journal_before_the_kernel_has_a_byte_of_it(pair: Pair) -> None:
    body_goes_out(pair, 0)
    assert pair.relay.events[1:] == ["body 1", "send"]
    pair.far.setblocking(False)
    with pytest.raises(BlockingIOError):
        pair.far.recv(1)


def test_a_dot_in_a_record_that_was_only_tried_leaves_doubt(pair: Pair) -> None:
    pair.line.out.is_tls = True  # a part of an encrypted record may have left
    body_goes_out(pair, 0)
    pair.far.close()
    pair.line.ready(0.0)
    assert pair.relay.outcomes == {1: "lost"}


def test_a_body_of_many_records_is_dropped_while_the_last_was_not_tried(pair: Pair) -> None:
    pair.line.out.is_tls = True
    pair.relay.queue[0] = parcel(1, b"x" * 40_000 + b"\r\n")
    body_goes_out(pair, 16_384)
    pair.far.close()
    pair.line.ready(0.0)
    assert pair.relay.outcomes == {1: "dropped"}


def test_a_server_that_talks_on_while_commands_wait_is_not_kept_in_memory(pair: Pair) -> None:
    body_goes_out(pair, len(TEXT) + 10)
    pair.say(b"250 Taken\r\n")
    for _ in range(100):
        if pair.line.is_open:
            pair.say(b"250 Ok\r\n" * 500)
    assert not pair.line.is_open
    assert pair.relay.outcomes == {1: "accepted"}
    assert pair.relay.returned == [2]
