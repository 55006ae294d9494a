"""A mailbox that bounces are delivered to, read over IMAP: in bounded turns, beside the timetable.

Each mail is fetched without marking it, taken in and committed, and only then marked as seen: a
machine that dies in between finds it again and recognises it.
"""

from __future__ import annotations

import imaplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from flask import current_app
from imap_tools.consts import MailMessageFlags
from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.query import AND
from sqlalchemy.exc import SQLAlchemyError

from commsplan.delivery.incoming import limit_bytes, take_in
from commsplan.foundation.aside import Aside
from commsplan.foundation.errors import Unreadable
from commsplan.foundation.logs import log

TURN_SECONDS = 45.0  # a turn ends after this; the timetable begins the next within a minute
TURN_MAILS = 2_000
TIMEOUT_SECONDS = 20
LOOPBACK = ("127.0.0.1", "::1", "localhost")
PORTS = {"imaps": 993, "imap+starttls": 143, "imap": 143}
AWAY = (ImapToolsError, imaplib.IMAP4.error, OSError)
"""What a mailbox raises that cannot be reached, opened or read now."""


@dataclass(frozen=True)
class Place:
    """Where a mailbox is, from an address such as imaps://user:password@host/folder."""

    scheme: str
    """imaps, imap+starttls, or imap."""
    host: str
    port: int
    user: str
    password: str
    folder: str


def place_of(address: str) -> Place:
    """Read a mailbox's address; user, password and folder may be percent-encoded.

    Raises:
        Unreadable: it is not one of imaps:// and imap+starttls://, or imap:// on this machine.
    """
    parts = urlsplit(address)
    host, folder = parts.hostname or "", unquote(parts.path.strip("/")) or "INBOX"
    if parts.scheme not in PORTS or (parts.scheme == "imap" and host not in LOOPBACK):
        raise Unreadable(
            "INBOX_IMAP_URL must start with imaps:// or imap+starttls://; without encryption "
            "only a mailbox on this machine is read."
        )
    if not host or not parts.username:
        raise Unreadable("INBOX_IMAP_URL needs a host and a user.")
    user, password = unquote(parts.username), unquote(parts.password or "")
    return Place(parts.scheme, host, parts.port or PORTS[parts.scheme], user, password, folder)


@contextmanager
def open_mailbox(place: Place) -> Iterator[BaseMailBox]:
    """Sign in to a mailbox; the server's certificate is verified against the system's authorities.

    Raises:
        one of AWAY.
    """
    trust = ssl.create_default_context()
    if place.scheme == "imaps":
        box: BaseMailBox = MailBox(
            place.host, place.port, timeout=TIMEOUT_SECONDS, ssl_context=trust
        )
    else:
        box = MailBoxUnencrypted(place.host, place.port, timeout=TIMEOUT_SECONDS)
    try:
        if place.scheme == "imap+starttls":
            box.client.starttls(ssl_context=trust)
        box.login(place.user, place.password, initial_folder=place.folder)
        yield box
        box.logout()
    finally:
        with suppress(OSError):  # the line may be gone
            box.client.shutdown()


def read_mailbox(place: Place, until: float) -> int:
    """Take in what is unseen in a mailbox, until a moment of `time.monotonic()`; return how many.

    Raises:
        one of AWAY, or SQLAlchemyError: the rest stays unseen.
    """
    taken = 0
    with open_mailbox(place) as box:
        for uid in box.uids(AND(seen=False))[:TURN_MAILS]:
            if time.monotonic() > until:
                break
            raw = _fetch(box, uid)
            if raw is not None:
                take_in(raw, source="imap")
                taken += 1
                box.client.uid("STORE", uid, "+FLAGS.SILENT", f"({MailMessageFlags.SEEN})")
    return taken


def _fetch(box: BaseMailBox, uid: str) -> bytes | None:
    """Return a mail, or as much of a huge one as shows that it is; None if it is gone."""
    _typ, answer = box.client.uid("FETCH", uid, f"(BODY.PEEK[]<0.{limit_bytes() + 1}>)")
    found = [part[1] for part in answer if isinstance(part, tuple)]
    return found[0] if found else None


def read_inbox() -> int:
    """Take in what waits in the mailbox of the settings; return how many mails.

    A mailbox that is away is logged by what went wrong, never with its address.
    """
    address = current_app.config["INBOX_IMAP_URL"].get_secret_value()
    if not address:
        return 0
    try:
        return read_mailbox(place_of(address), time.monotonic() + TURN_SECONDS)
    except (*AWAY, SQLAlchemyError, Unreadable) as error:
        log().warning("inbox.away", why=type(error).__name__)
        return 0


_aside = Aside("inbox", read_inbox)


def read_inbox_aside() -> None:
    """Read the mailbox, if there is one, in a thread of its own: a slow one holds nothing up."""
    if current_app.config["INBOX_IMAP_URL"].get_secret_value():
        _aside()
