"""The headers of a mould: constants, with gaps for what is one copy's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from enum import IntEnum

from commsplan.delivery.casting import Form
from commsplan.delivery.header_words import FOLD, address_bytes, mailbox


class Own(IntEnum):
    """The headers that differ between copies, by their place among a copy's values."""

    TO = 0
    SUBJECT = 1
    DATE = 2
    ID = 3
    LEAVE = 4


@dataclass(frozen=True)
class Post:
    """What the copies of one message share beside its text."""

    base: str
    """This installation's own address."""
    key: str
    """Makes the tokens."""
    sender: str
    """The From header, "Name <address>"."""
    host: str
    """Stands behind the @ of every Message-ID."""
    reply_to: str
    feedback: str
    may_leave: bool
    language: str


Header = tuple[str, bytes | Own]


def headers_of(post: Post, boundary: str) -> list[Header]:
    """Return all headers, in order.

    Auto-Submitted keeps out-of-office replies away (RFC 3834 §5), the header after it those of
    Exchange (MS-OXCMAIL §2.1.3.2.20); List-Unsubscribe-Post is RFC 8058's one click; Feedback-ID
    lets mailbox providers tell one plan's mail from another's.

    Raises:
        ValueError: the sender's or the contact's address cannot stand in a header.
    """
    headers: list[Header] = [
        ("From", mailbox("From", *parseaddr(post.sender))),
        ("To", Own.TO),
        ("Subject", Own.SUBJECT),
        ("Date", Own.DATE),
        ("Message-ID", Own.ID),
        ("Content-Language", post.language.encode("ascii")),
        ("Auto-Submitted", b"auto-generated"),
        ("X-Auto-Response-Suppress", b"OOF, AutoReply"),
        ("Feedback-ID", post.feedback.encode("ascii")),
    ]
    if post.reply_to:
        headers.append(("Reply-To", address_bytes(post.reply_to)))
    if post.may_leave:
        headers.append(("List-Unsubscribe", Own.LEAVE))
        headers.append(("List-Unsubscribe-Post", b"List-Unsubscribe=One-Click"))
    boundary_line = b'multipart/alternative;%bboundary="%b"' % (FOLD, boundary.encode("ascii"))
    return [*headers, ("MIME-Version", b"1.0"), ("Content-Type", boundary_line)]


def form_of(headers: Sequence[Header]) -> Form:
    """Return the headers as they are sent, with the empty line that ends them."""
    constants, places = [b""], []
    for name, value in headers:
        constants[-1] += name.encode("ascii") + b": "
        if isinstance(value, Own):
            places.append(int(value))
            constants.append(b"\r\n")
        else:
            constants[-1] += value + b"\r\n"
    constants[-1] += b"\r\n"
    return Form(constants, places)
