"""A mail server on a raw socket that does, byte by byte, what a test tells it."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

PATIENCE = 10.0  # seconds a thread of the server waits for anything
ADDRESS = re.compile(rb"<([^>]*)>")


class Cut(Exception):
    """Reset the line."""


class Closed(Exception):
    """The line ends in peace."""


class Talk:
    """One connection, from the server's side."""

    def __init__(self, sock: socket.socket, server: FakeServer, number: int) -> None:
        self.sock = sock
        self.server = server
        self.number = number
        self.inbox = bytearray()
        self.said = b""
        sock.settimeout(PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def say(self, text: bytes) -> None:
        """Send, in pieces where the server is told to split."""
        self.said = text
        for piece in self.server.split(text):
            before, cuts = self.server.said_bytes, self.server.cut_when_said
            self.server.said_bytes += len(piece)
            for at in cuts:
                if before <= at < before + len(piece):
                    self.sock.sendall(piece[: at - before])
                    raise Cut
            self.sock.sendall(piece)

    def read(self) -> None:
        """Take what the client sent."""
        left = [at - self.server.read_bytes for at in self.server.cut_when_read]
        if 0 in left:
            self.server.read_bytes += 1
            raise Cut
        data = self.sock.recv(min([65536, *(size for size in left if size > 0)]))
        if not data:
            raise Closed
        self.server.read_bytes += len(data)
        self.inbox += data

    def line(self) -> bytes:
        """Return the next command, without its end."""
        line = self._until(b"\r\n")
        self.server.heard.append(line)
        return line

    def body(self) -> bytes:
        """Return what stands before the final dot."""
        while len(self.inbox) < 3:
            self.read()
        if self.inbox.startswith(b".\r\n"):
            del self.inbox[:3]
            return b""
        return self._until(b"\r\n.\r\n") + b"\r\n"

    def _until(self, end: bytes) -> bytes:
        seen = 0
        while (at := self.inbox.find(end, seen)) < 0:
            seen = max(0, len(self.inbox) - len(end))
            self.read()
        found = bytes(self.inbox[:at])
        del self.inbox[: at + len(end)]
        return found

    def part_of_body(self, size: int) -> None:
        """Wait until so many bytes of a body came."""
        while len(self.inbox) < size:
            self.read()

    def hang(self) -> None:
        """Say nothing until the client goes, or the test ends."""
        with contextlib.suppress(OSError, Closed):
            while not self.server.is_over:
                self.read()
        raise Closed

    def cut(self) -> None:
        """Reset the line: what was not read is lost."""
        raise Cut

    def close(self) -> None:
        """Close the line in peace."""
        raise Closed


Answer = bytes | Callable[[Talk], None]
Steps = Mapping[tuple[str, int], Answer]
"""What is said at this step for the n-th time; (step, 0) is every other time."""

USUAL: dict[str, bytes] = {
    "GREETING": b"220 fake ESMTP\r\n",
    "HELO": b"250 fake\r\n",
    "MAIL": b"250 2.1.0 Ok\r\n",
    "RCPT": b"250 2.1.5 Ok\r\n",
    "DATA": b"354 Go ahead\r\n",
    "DOT": b"250 2.0.0 Ok: queued\r\n",
    "RSET": b"250 2.0.0 Ok\r\n",
    "QUIT": b"221 Bye\r\n",
    "STARTTLS": b"220 Go ahead\r\n",
}
ALL = ("PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 50000000", "ENHANCEDSTATUSCODES")


@dataclass
class FakeServer:
    """Listens on a port of its own and answers as told."""

    steps: Steps = field(default_factory=dict)
    offers: Sequence[str] = ALL
    split: Callable[[bytes], Sequence[bytes]] = lambda text: (text,)
    tls: ssl.SSLContext | None = None
    tls_at_once: bool = False
    receive_buffer: int = 0
    cut_when_read: Sequence[int] = ()
    """After so many bytes from all clients the line is reset."""
    cut_when_said: Sequence[int] = ()
    """After so many bytes to all clients the line is reset."""

    def __post_init__(self) -> None:
        self.heard: list[bytes] = []
        self.taken: list[tuple[bytes, bytes]] = []
        """Recipient and body of every copy for which a 2yz was decided."""
        self.counts: Counter[str] = Counter()
        self.connections = 0
        self.open_now = 0
        self.most_at_once = 0
        self.is_over = False
        self.read_bytes = self.said_bytes = 0
        self.lock = threading.Lock()
        self.talks: list[Talk] = []
        self.threads: list[threading.Thread] = []
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self.receive_buffer:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(50)
        self.port = int(self.listener.getsockname()[1])
        self.name = f"127.0.0.1:{self.port}"
        self._begin(self._listen)

    def _begin(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while not self.is_over:
            try:
                sock, _peer = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self._begin(self._serve, sock, self.connections)

    def _serve(self, sock: socket.socket, number: int) -> None:
        talk = Talk(sock, self, number)
        with self.lock:
            self.talks.append(talk)
            self.open_now += 1
            self.most_at_once = max(self.most_at_once, self.open_now)
        try:
            self._converse(talk)
        except Cut:
            talk.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except (Closed, OSError):
            pass
        finally:
            with self.lock:
                self.open_now -= 1
            talk.sock.close()

    def _converse(self, talk: Talk) -> None:
        if self.tls_at_once:
            self._encrypt(talk)
        self.answer(talk, "GREETING")
        transaction = _Transaction()
        while True:
            self._step(talk, talk.line(), transaction)

    def _step(self, talk: Talk, line: bytes, transaction: _Transaction) -> None:
        word = line.split(b" ")[0].upper().decode("ascii", "replace")
        match word:
            case "MAIL" | "RCPT" | "DATA" | "RSET":
                self._transact(talk, word, line, transaction)
            case "EHLO":
                self.answer(talk, "EHLO", self._offer())
            case "STARTTLS":
                if self.answer(talk, "STARTTLS").startswith(b"220"):
                    self._encrypt(talk)
            case "QUIT":
                self.answer(talk, "QUIT")
                raise Closed
            case _:
                self.answer(talk, word)

    def _transact(self, talk: Talk, word: str, line: bytes, transaction: _Transaction) -> None:
        match word:
            case "MAIL" if transaction.sender:
                talk.say(b"503 5.5.1 Nested MAIL\r\n")
            case "MAIL":
                transaction.sender = self.answer(talk, "MAIL").startswith(b"2")
                transaction.recipients = []
            case "RCPT" if not transaction.sender:
                talk.say(b"503 5.5.1 MAIL first\r\n")
            case "RCPT":
                if self.answer(talk, "RCPT").startswith(b"2"):
                    transaction.recipients += ADDRESS.findall(line)
            case "DATA" if not transaction.recipients and ("DATA", -1) not in self.steps:
                talk.say(b"554 5.5.1 No valid recipients\r\n")
            case "DATA":
                self._data(talk, transaction)
            case _:
                transaction.sender, transaction.recipients = False, []
                self.answer(talk, "RSET")

    def _data(self, talk: Talk, transaction: _Transaction) -> None:
        if not self.answer(talk, "DATA").startswith(b"354"):
            return
        body = talk.body()
        recipients, transaction.recipients = transaction.recipients, []
        transaction.sender = False
        if not recipients:
            talk.say(b"554 5.5.1 No valid recipients\r\n")
            return
        self.counts["DOT"] += 1
        answer = self._find("DOT", self.counts["DOT"], USUAL["DOT"])
        if callable(answer) or answer.startswith(b"2"):  # what is called at a dot took the copy
            self.taken += [(recipient, body) for recipient in recipients]
        self._give(talk, answer)

    def answer(self, talk: Talk, step: str, usual: bytes = b"") -> bytes:
        """Answer a step as the test wishes; return what was said."""
        with self.lock:
            self.counts[step] += 1
            number = self.counts[step]
        fallback = usual or USUAL.get(step, b"502 5.5.2 What?\r\n")
        return self._give(talk, self._find(step, number, fallback))

    def _find(self, step: str, number: int, usual: bytes) -> Answer:
        return self.steps.get((step, number)) or self.steps.get((step, 0)) or usual

    def _give(self, talk: Talk, answer: Answer) -> bytes:
        if callable(answer):
            answer(talk)
        else:
            talk.say(answer)
        return talk.said

    def _offer(self) -> bytes:
        lines = ["fake", *self.offers]
        marks = ["-"] * (len(lines) - 1) + [" "]
        return "".join(f"250{m}{x}\r\n" for m, x in zip(marks, lines, strict=True)).encode()

    def _encrypt(self, talk: Talk) -> None:
        assert self.tls is not None
        talk.inbox.clear()
        talk.sock = self.tls.wrap_socket(talk.sock, server_side=True)

    def hang_up_idle(self) -> None:
        """Close every line from this side."""
        with self.lock:
            for talk in self.talks:
                with contextlib.suppress(OSError):
                    talk.sock.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """End everything."""
        self.is_over = True
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.hang_up_idle()
        for thread in self.threads:
            thread.join(PATIENCE)


@dataclass
class _Transaction:
    sender: bool = False
    recipients: list[bytes] = field(default_factory=list)


@contextlib.contextmanager
def serving(server: FakeServer) -> Iterator[FakeServer]:
    """Stop the server in the end."""
    try:
        yield server
    finally:
        server.stop()


def byte_by_byte(text: bytes) -> Sequence[bytes]:
    """Every byte in a packet of its own, as far as the network plays along."""
    return [text[i : i + 1] for i in range(len(text))]


def slowly(text: bytes) -> Sequence[bytes]:
    """The same, with pauses that keep the bytes apart."""
    return _Paused(byte_by_byte(text))


class _Paused(list[bytes]):
    def __iter__(self) -> Iterator[bytes]:
        for piece in super().__iter__():
            time.sleep(0.002)
            yield piece
