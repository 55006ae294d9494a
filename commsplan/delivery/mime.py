"""A mail as bytes, written directly: `EmailMessage` takes 95 % of its time for generality.

The same headers, in the same order and just as safe, and the same two parts as
`foundation.mail.build` makes; a test holds one against the other. Measured on this project's
machine: 0.2 ms instead of 5 ms a copy.
"""

from __future__ import annotations

import binascii
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr

from commsplan.foundation.clock import now_utc
from commsplan.foundation.mail import Mail, header_safe

LINE = 76  # characters; RFC 2045 §6.7 for quoted-printable, RFC 5322 §2.1.1 for headers
BOUNDARY = "=_commsplan"  # quoted-printable never writes "=_", so no text can contain it


def write(mail: Mail) -> bytes:
    """Return the whole message, with CRLF, ready for the wire.

    Raises:
        ValueError: the address cannot stand in a header.
    """
    boundary = f"{BOUNDARY}.{header_safe(mail.message_id).partition('@')[0]}"
    headers = [
        ("From", _mailbox(*parseaddr(mail.sender))),
        ("To", _mailbox(mail.to_name, mail.to_address)),
        ("Subject", _words("Subject", mail.subject)),
        ("Date", format_datetime(now_utc())),
        ("Message-ID", f"<{_ascii(mail.message_id)}>"),
        ("Content-Language", _ascii(mail.language)),
        *((name, _ascii(value)) for name, value in mail.headers.items()),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative;\r\n boundary="{boundary}"'),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("ascii")
    open_part = f"\r\n--{boundary}\r\n".encode("ascii")
    return b"".join(
        [
            head,
            open_part,
            _part("plain", mail.text),
            open_part,
            _part("html", mail.html),
            f"\r\n--{boundary}--\r\n".encode("ascii"),
        ]
    )


def _part(subtype: str, text: str) -> bytes:
    lines = "\r\n".join(text.splitlines()) + "\r\n"
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode("ascii") + binascii.b2a_qp(lines.encode("utf-8"), istext=True)


def _mailbox(name: str, address: str) -> str:
    """Return "Name <address>"; a long or foreign name becomes encoded words on lines of its own."""
    safe_name, safe_address = header_safe(name), _ascii(address)
    if any(char in safe_address for char in ' <>,;()[]:\\"') or "@" not in safe_address:
        raise ValueError(f"not an e-mail address: {safe_address}")
    if safe_name.isascii() and len(safe_name) < LINE - 10:
        return formataddr((safe_name, safe_address))
    words = Header(safe_name, "utf-8", LINE - 2, "To").encode(linesep="\r\n")
    return f"{words}\r\n <{safe_address}>"


def _words(name: str, value: str) -> str:
    safe = header_safe(value)
    if safe.isascii() and len(safe) < LINE - len(name) - 2:
        return safe
    return Header(safe, "utf-8", LINE, name).encode(linesep="\r\n")


def _ascii(value: str) -> str:
    """Return a value that stands in a header as it is: one line of ASCII."""
    safe = header_safe(value)
    if not safe.isascii():
        raise ValueError(f"not ASCII: {safe}")
    return safe
