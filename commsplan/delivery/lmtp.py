"""Bounces straight from a mail server, over LMTP (RFC 2033): each recipient has its own answer.

"250" is said after the commit. While the database is away it is "451", and the mail server comes
again. Meant for a mail server on the same machine or network; nobody has to sign in.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import AnyStr

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session, syntax
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from commsplan.delivery.incoming import MEGABYTE, take_in
from commsplan.foundation.logs import begin, log

TAKERS = 4  # threads; SQLite lets one write at a time, PostgreSQL them all
RECIPIENTS_LIMIT = 100  # RFC 5321 §4.5.3.1.8
LINE_LIMIT = 64 * 1024  # octets; mail systems return lines longer than the 998 of RFC 5322 §2.1.1
MEMORY_FACTOR = 4
"""So many times INBOX_LIMIT_MB is taken, and recorded as too large; more is refused."""

TAKEN = "250 2.0.0 Taken in"
LATER = "451 4.3.0 Please try again later"


class Inbox:
    """What happens with the mails that come."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.pool = ThreadPoolExecutor(TAKERS, thread_name_prefix="lmtp")

    async def handle_RCPT(  # noqa: N802 – aiosmtpd's name
        self,
        _server: LMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: Sequence[str],
    ) -> str:
        """Take any recipient: which ones reach this server is the mail server's decision."""
        if len(envelope.rcpt_tos) >= RECIPIENTS_LIMIT:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: LMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 – aiosmtpd's name
        """Take a mail in for each of its recipients, in the order they were named."""
        loop, raw = asyncio.get_running_loop(), bytes(envelope.original_content or b"")
        answers = [
            await loop.run_in_executor(self.pool, functools.partial(self.take, raw, recipient))
            for recipient in envelope.rcpt_tos
        ]
        return "\r\n".join(answers)

    def take(self, raw: bytes, recipient: str) -> str:
        """Take a mail in for one recipient; return what the mail server is told."""
        begin("job", "lmtp")
        with self.app.app_context():
            try:
                take_in(raw, recipient, source="lmtp")
            except SQLAlchemyError as error:
                log().warning("inbox.later", why=type(error).__name__)
                return LATER
        return TAKEN


class Protocol(LMTP):
    """One connection."""

    line_length_limit = LINE_LIMIT
    _in_data = False

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 – aiosmtpd's name
        """Take a mail; remember meanwhile that every answer is due once per recipient."""
        self._in_data = True
        try:
            await super().smtp_DATA(arg)
        finally:
            self._in_data = False

    async def push(self, status: AnyStr) -> None:
        """Answer; a mail refused as a whole is refused once per recipient (RFC 2033 §4.2)."""
        await super().push(status)
        if not (self._in_data and self.envelope):
            return
        text = status if isinstance(status, str) else status.decode()
        if text.startswith(("500 Line", "552 ")):
            for _again in self.envelope.rcpt_tos[1:]:
                await super().push(status)


async def serve(app: Flask, host: str, port: int, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; a mail that is being taken in then is finished first."""
    inbox = Inbox(app)
    limit = int(app.config["INBOX_LIMIT_MB"]) * MEGABYTE * MEMORY_FACTOR
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Protocol(
            inbox, data_size_limit=limit, enable_SMTPUTF8=True, ident="commsplan", loop=loop
        ),
        host,
        port,
    )
    bound = server.sockets[0].getsockname()
    log().info("inbox.listening", host=bound[0], port=bound[1])
    try:
        await stop.wait()
    finally:
        server.close()
        await asyncio.to_thread(inbox.pool.shutdown)
