"""The outgoing half of a line: what the kernel has taken, and how much of a final dot with it."""

from __future__ import annotations

import socket
import ssl

DOT = b".\r\n"
RECORD = 16384  # bytes of one TLS record (RFC 8446 §5.1): more is not tried at once
NOT_NOW = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Writing:
    """Bytes on their way out, in the order in which they were queued."""

    __slots__ = ("_behind_dot", "_head", "_is_dot_tried", "_rest", "_sock", "is_tls", "left")

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.is_tls = isinstance(sock, ssl.SSLSocket)
        self.left = 0
        """Bytes that the kernel has not taken."""
        self._head = b""
        self._rest: bytes | memoryview = b""
        self._behind_dot = 0
        self._is_dot_tried = False

    def queue(self, commands: bytes) -> None:
        """Let these bytes go out next; nothing else is on its way."""
        self._head, self._rest = b"", commands
        self.left = len(commands)
        self._behind_dot = 0
        self._is_dot_tried = False

    def queue_body(self, body: bytes, commands: bytes) -> None:
        """Let a body go out next, its final dot, and commands behind it."""
        self._head, self._rest = body, DOT + commands
        self._behind_dot = len(commands)
        self.left = len(body) + len(DOT) + self._behind_dot
        self._is_dot_tried = False

    @property
    def is_dot_out(self) -> bool:
        """Whether the kernel has the whole final dot: the server may answer it."""
        return self.left <= self._behind_dot

    @property
    def is_dot_begun(self) -> bool:
        """Whether a byte of the final dot may have left: the server may have the copy."""
        return self._is_dot_tried or self.left < self._behind_dot + len(DOT)

    def flush(self) -> None:
        """Give the kernel as much as it takes.

        Raises:
            OSError: the line is dead, or one of NOT_NOW; `left` is right in every case.
        """
        if self.is_tls:
            self._flush_records()
            return
        if self._head:  # one call and no copy, in all but a few cases
            self.left -= (taken := self._sock.sendmsg((self._head, self._rest)))
            if not self.left:
                self._head = b""
                return
            self._rest, self._head = memoryview(self._head + self._rest)[taken:], b""
        while self.left:
            taken = self._sock.send(self._rest)
            self._rest = memoryview(self._rest)[taken:]
            self.left -= taken

    def _flush_records(self) -> None:
        """Encrypt record after record; what was tried once may be on its way in part."""
        if self._head:
            self._rest, self._head = self._head + self._rest, b""
        while self.left:
            piece = memoryview(self._rest)[:RECORD]
            if self.left - len(piece) < self._behind_dot + len(DOT):
                self._is_dot_tried = True
            taken = self._sock.send(piece)
            self._rest = memoryview(self._rest)[taken:]
            self.left -= taken
