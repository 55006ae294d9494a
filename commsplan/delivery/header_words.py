"""Values that stand in the headers of a copy, as bytes: folded, and encoded where they must be.

Every value has passed `foundation.mail.header_safe`: one line, no controls, no encoded word.
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

from email_validator import validate_email

from commsplan.foundation.mail import header_safe

LINE = 78  # columns (RFC 5322 §2.1.1)
ENCODED_LINE = 76  # columns of a line that holds an encoded word (RFC 2047 §2)
AROUND = len("=?utf-8?b??=")
FOLD = b"\r\n "
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")  # atoms and blanks (RFC 5322 §3.2.3)
_ADDRESS = re.compile(r'[^\s\x00-\x20\x7f<>,;:()\[\]\\"@]{1,64}@[^\s\x00-\x20\x7f<>,;:()\[\]\\"@]+')
ADDRESS_LIMIT = 254  # octets (RFC 5321 §4.5.3.1.3, less the angle brackets)


def sentence(name: str, value: str) -> bytes:
    """Return a value of words, such as a subject, for the header of this name."""
    safe, used = header_safe(value), len(name) + 2
    if not safe.isascii():
        return _encoded(safe, used)
    return safe.encode() if used + len(safe) <= LINE else _folded(safe, used)


def mailbox(name: str, value: str, address: str) -> bytes:
    """Return "Name <address>" for the header of this name.

    Raises:
        ValueError: the address cannot stand in a header.
    """
    safe, where, used = header_safe(value), address_bytes(address), len(name) + 2
    if not safe:
        return where
    quoted = safe
    if not _PHRASE.fullmatch(safe):
        quoted = '"' + safe.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if not safe.isascii() or used + len(quoted) > LINE:
        return _encoded(safe, used) + FOLD + b"<" + where + b">"
    gap = b" <" if used + len(quoted) + len(where) + 3 <= LINE else FOLD + b"<"
    return quoted.encode() + gap + where + b">"


def address_bytes(address: str) -> bytes:
    """Return an address as it stands in a header.

    A domain in other letters is written as IDNA 2008 writes it; a name before the @ in other
    letters stays UTF-8, and only servers with SMTPUTF8 carry it (RFC 6531, RFC 6532).

    Raises:
        ValueError: it cannot stand in a header.
    """
    if not _ADDRESS.fullmatch(address) or len(address) > ADDRESS_LIMIT:
        raise ValueError(f"not an e-mail address: {address!r}")
    if address.isascii():
        return address.encode()
    parts = validate_email(
        address, check_deliverability=False, globally_deliverable=False, test_environment=True
    )
    return f"{parts.local_part}@{parts.ascii_domain}".encode()


@lru_cache(maxsize=2)
def date_of(second: int) -> bytes:
    """Return a second since 1970 as a Date header says it."""
    return format_datetime(datetime.fromtimestamp(second, UTC)).encode()


def _folded(safe: str, used: int) -> bytes:
    """Fold ASCII words at their blanks; where one is too long for a line, encode all."""
    words = safe.split(" ")
    if max(map(len, words)) >= LINE or used + len(words[0]) > LINE:
        return _encoded(safe, used)
    line, lines = words[0], []
    for word in words[1:]:
        if used + len(line) + 1 + len(word) > LINE:
            lines.append(line)
            line, used = word, 1
        else:
            line += " " + word
    return FOLD.join(one.encode() for one in [*lines, line])


def _encoded(safe: str, used: int) -> bytes:
    """Return encoded words, each on its line, no character cut in two (RFC 2047 §5)."""
    raw, words, at = safe.encode(), [], 0
    while at < len(raw):
        end = min(at + (ENCODED_LINE - used - AROUND) // 4 * 3, len(raw))
        while end < len(raw) and raw[end] & 0xC0 == 0x80:
            end -= 1
        words.append(b"=?utf-8?b?" + b64encode(raw[at:end]) + b"?=")
        at, used = end, 1
    return FOLD.join(words)
