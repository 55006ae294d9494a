"""The demo's mail server: takes every mail, delivers none, and shows them on a small page.

Mails are kept in a SQLite file beside the demo's data, so that a second start still has them.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Lock

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from commsplan.foundation.clock import now_utc

PAGE = 50
DATA_LIMIT = 10 * 1024 * 1024


@dataclass(frozen=True)
class Line:
    """One mail in the list."""

    id: int
    at: datetime
    recipient: str
    sender: str
    subject: str


class Mailbox:
    """All mails that came, newest first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self.writer = self._connect()
        with self.writer as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")  # survives a kill, not a power cut
            database.execute(
                "CREATE TABLE IF NOT EXISTS mail (id INTEGER PRIMARY KEY, at TEXT, recipient TEXT,"
                " sender TEXT, subject TEXT, message_id TEXT, raw BLOB)"
            )
            database.execute("CREATE INDEX IF NOT EXISTS mail_recipient ON mail (recipient)")

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=30, check_same_thread=False)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as database, database:
            yield database

    def close(self) -> None:
        """Let go of the file."""
        self.writer.close()

    def keep(self, recipients: list[str], raw: bytes) -> None:
        """Keep one mail for each of its recipients."""
        message = message_from_bytes(raw, policy=policy.default)
        about = [str(message.get(name, "")) for name in ("from", "subject", "message-id")]
        now = now_utc().isoformat()
        with self.lock, self.writer as database:
            database.executemany(
                "INSERT INTO mail (at, recipient, sender, subject, message_id, raw)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [(now, recipient.lower(), *about, raw) for recipient in recipients],
            )

    def search(self, words: str, page: int) -> tuple[list[Line], int]:
        """Return a page of mails whose recipient or subject holds the words, and how many fit."""
        like = f"%{words.lower()}%"
        where = "WHERE recipient LIKE ? OR lower(subject) LIKE ?"
        with self._open() as database:
            total = database.execute(f"SELECT count(*) FROM mail {where}", (like, like))  # noqa: S608 – constant text
            count = int(total.fetchone()[0])
            rows = database.execute(
                f"SELECT id, at, recipient, sender, subject FROM mail {where}"  # noqa: S608 – constant text
                " ORDER BY id DESC LIMIT ? OFFSET ?",
                (like, like, PAGE, (page - 1) * PAGE),
            ).fetchall()
        return [Line(row[0], datetime.fromisoformat(row[1]), *row[2:]) for row in rows], count

    def read(self, mail_id: int) -> EmailMessage | None:
        """Return one mail, or None."""
        with self._open() as database:
            row = database.execute("SELECT raw FROM mail WHERE id = ?", (mail_id,)).fetchone()
        if row is None:
            return None
        message = message_from_bytes(row[0], policy=policy.default)
        assert isinstance(message, EmailMessage)  # noqa: S101 – policy.default makes these
        return message

    def message_ids(self) -> list[tuple[str, str]]:
        """Return recipient and Message-ID of every mail: the evidence a relay's log would give."""
        with self._open() as database:
            return database.execute("SELECT recipient, message_id FROM mail ORDER BY id").fetchall()


class _Keeper:
    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 – aiosmtpd's name
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        await asyncio.get_running_loop().run_in_executor(
            None, self.mailbox.keep, list(envelope.rcpt_tos), raw
        )
        return "250 kept"


def smtp_server(mailbox: Mailbox, host: str, port: int) -> Controller:
    """Return the mail server, not yet started."""
    return Controller(_Keeper(mailbox), hostname=host, port=port, data_size_limit=DATA_LIMIT)
