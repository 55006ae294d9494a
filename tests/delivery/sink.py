"""A mail server that counts copies by Message-ID and can misbehave in every way that matters."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope


class Sink:
    """Takes every mail, unless `at_rcpt` or `at_end` answer otherwise for this number of it."""

    def __init__(self) -> None:
        self.copies: Counter[str] = Counter()
        self.mails: list[Message] = []
        self.to: list[str] = []
        self.senders: list[str] = []
        self.at_rcpt: Callable[[SMTP, str, int], str | None] | None = None
        self.at_end: Callable[[SMTP, int], Any] | None = None
        self.asked = 0
        self.bodies = 0

    async def handle_RCPT(
        self, server: SMTP, session: object, envelope: Envelope, address: str, options: object
    ) -> str:
        self.asked += 1
        if self.at_rcpt and (answer := self.at_rcpt(server, address, self.asked)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 Fine"

    async def handle_DATA(self, server: SMTP, session: object, envelope: Envelope) -> str:
        self.bodies += 1
        answer = self.at_end(server, self.bodies) if self.at_end else None
        if asyncio.iscoroutine(answer):
            answer = await answer
        if answer is not None and not answer.startswith("taken"):
            return answer
        mail = message_from_bytes(envelope.content or b"")
        self.copies[mail["Message-ID"].strip("<>")] += 1
        self.mails.append(mail)
        self.to += envelope.rcpt_tos
        self.senders.append(envelope.mail_from or "")
        if answer == "taken, line cut":
            server.transport.abort()
        return "250 Taken"


class SinkServer:
    """The sink on a free port of this machine."""

    def __init__(self, sink: Sink, port: int = 0) -> None:
        self.port = port or free_port()
        self.controller = Controller(sink, hostname="127.0.0.1", port=self.port, ready_timeout=10)

    def start(self) -> int:
        """Listen; return the port."""
        self.controller.start()
        return self.port

    def stop(self) -> None:
        """Hang up on everybody and close the port."""
        self.controller.stop(no_assert=True)


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
