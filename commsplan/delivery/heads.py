"""The headers of a mould: constants, with gaps for what is one copy's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from enum import IntEnum

from commsplan.delivery.casting import Form
from commsplan.delivery.header_words import FOLD, LINE, address_bytes, mailbox
from commsplan.foundation.dkim import SIGNED, Key, Seal, hash_of, relaxed_header
from commsplan.foundation.tokens import payload_of, width_of


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
    key: str = field(repr=False)
    """Makes the tokens."""
    sender: str
    """The From header, "Name <address>"."""
    host: str
    """Stands behind the @ of every Message-ID."""
    reply_to: str
    feedback: str
    may_leave: bool
    language: str
    keys: tuple[Key, ...] = ()
    """Sign the copies, each with a signature of its own."""


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
        ("From", _sender(post.sender)),
        ("To", Own.TO),
        ("Subject", Own.SUBJECT),
        ("Date", Own.DATE),
        ("Message-ID", Own.ID),
        ("Content-Language", post.language.encode("ascii")),
        ("Auto-Submitted", b"auto-generated"),
        ("X-Auto-Response-Suppress", b"OOF, AutoReply"),
        ("Feedback-ID", post.feedback.encode("ascii")),
    ]
    if post.reply_to.isascii() and post.reply_to:  # a header beyond ASCII asks much of every server
        headers.append(("Reply-To", address_bytes(post.reply_to)))
    if post.may_leave:
        headers.append(("List-Unsubscribe", Own.LEAVE))
        headers.append(("List-Unsubscribe-Post", b"List-Unsubscribe=One-Click"))
    boundary_line = b'multipart/alternative;%bboundary="%b"' % (FOLD, boundary.encode("ascii"))
    return [*headers, ("MIME-Version", b"1.0"), ("Content-Type", boundary_line)]


def _sender(sender: str) -> bytes:
    made = mailbox("From", *parseaddr(sender))
    if not made.isascii():
        raise ValueError("MAIL_FROM: an address beyond ASCII cannot be everybody's sender.")
    return made


def way_out(before: str) -> bytes:
    """Return what stands before the token in List-Unsubscribe, folded if the line would be long."""
    start = b"<" + before.encode("ascii")
    used = len("List-Unsubscribe: ") + len(start) + width_of(payload_of(0)) + 1
    return start if used <= LINE else FOLD + start


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


class Seals:
    """Signs copies with each key: constant headers are in canonical form from the start."""

    def __init__(self, headers: Sequence[Header], keys: Sequence[Key]) -> None:
        signed = [(name.lower().encode("ascii"), value) for name, value in headers]
        signed = [(name, value) for name, value in signed if name in SIGNED]
        constants, places = [b""], []
        for name, value in signed:
            if isinstance(value, Own):
                constants[-1] += name + b":"
                places.append(int(value))
                constants.append(b"\r\n")
            else:
                constants[-1] += relaxed_header(name, value)
        self._form = Form(constants, places)
        self._each = [Seal(key, [name for name, _value in signed]).header for key in keys]

    def headers(self, own: Sequence[bytes], body: bytes, second: int) -> list[bytes]:
        """Return one header for each key.

        Args:
            own: the copy's own values, as `Own` orders them: no blank is doubled in any of them,
                and they are folded before a blank.
            body: in canonical form, as `qp` writes it.
            second: when it is signed, in seconds since 1970.
        """
        plain = [value.replace(b"\r\n", b"").lstrip(b" ") for value in own]
        canonical = b"".join(self._form.pieces(plain))
        body_hash = hash_of(body)
        return [header(canonical, body_hash, second) for header in self._each]
