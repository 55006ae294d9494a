"""The commands that announce one copy, for a server that offers these extensions, or why not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from commsplan.delivery.parcels import Parcel

PATH_LIMIT = 320  # 64 of the local part, @, 255 of the domain (RFC 5321 §4.5.3.1)

# Nothing in a path ends it or the line: no control, no bracket, a space only between quotes.
_PLAIN = re.compile(r"[!#-;=?A-~]+@[!#-;=?A-~]+")
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~]|\\[ -~])*"@[!#-;=?A-~]+')
_WIDE = re.compile(r"[!#-;=?A-~\u00a1-\U0010ffff]+@[!#-;=?A-~\u00a1-\U0010ffff]+")  # RFC 6531 §3.3


class CannotCarry(Exception):
    """This server cannot be asked to take this copy; the words say why."""


@dataclass(frozen=True, slots=True)
class Features:
    """What a server offered in its answer to EHLO."""

    pipelining: bool = False
    """RFC 2920."""
    eight_bit: bool = False
    """8BITMIME, RFC 6152."""
    wide: bool = False
    """SMTPUTF8, RFC 6531."""
    sizes: bool = False
    """SIZE, RFC 1870."""
    size_limit: int = 0
    """Bytes a message may have, 0 where the server does not say."""


def features_of(offered: Mapping[str, str]) -> Features:
    """Read the extensions, by name in lower case, with what stood behind them."""
    size = offered.get("size", "").strip()
    return Features(
        pipelining="pipelining" in offered,
        eight_bit="8bitmime" in offered,
        wide="smtputf8" in offered,
        sizes="size" in offered,
        size_limit=int(size) if size.isascii() and size.isdigit() and len(size) < 20 else 0,
    )


def envelope(parcel: Parcel, features: Features) -> bytes:
    """Return MAIL, RCPT and DATA as three lines.

    Raises:
        CannotCarry: an address is unusable, or the server does not take such a copy.
    """
    sender, address, body = parcel.sender, parcel.address, parcel.body
    options = ""
    if features.sizes:
        if features.size_limit and len(body) > features.size_limit:
            raise CannotCarry(
                f"The message has {len(body)} bytes; the mail server takes {features.size_limit}."
            )
        options = f" SIZE={len(body)}"
    if not body.isascii():
        if not features.eight_bit:
            raise CannotCarry("The mail server does not take 8-bit text (8BITMIME).")
        options += " BODY=8BITMIME"
    if not (_is_plain(address) and (not sender or _is_plain(sender))):
        sender = _unusual(sender, features) if sender else ""
        address = _unusual(address, features)
        if not (sender.isascii() and address.isascii()):
            options += " SMTPUTF8"
    return f"MAIL FROM:<{sender}>{options}\r\nRCPT TO:<{address}>\r\nDATA\r\n".encode()


def _is_plain(path: str) -> bool:
    return len(path) <= PATH_LIMIT and _PLAIN.fullmatch(path) is not None


def _unusual(path: str, features: Features) -> str:
    """Return an address that is not all letters, digits and signs as it stands in a command."""
    if _is_plain(path):
        return path
    if len(path) > PATH_LIMIT:
        raise CannotCarry("The address is too long.")
    if _QUOTED.fullmatch(path):
        return path
    if path.isascii() or not _WIDE.fullmatch(path):
        raise CannotCarry("The address holds characters that no address has.")
    local, _at, domain = path.rpartition("@")
    if local.isascii():
        return f"{local}@{_ascii_domain(domain)}"
    if not features.wide:
        raise CannotCarry("The mail server does not take addresses beyond ASCII (SMTPUTF8).")
    return path


def _ascii_domain(domain: str) -> str:
    """Return an international domain as DNS knows it (RFC 5891)."""
    try:
        checked = validate_email(
            f"someone@{domain}",
            check_deliverability=False,
            globally_deliverable=False,
            test_environment=True,
        )
    except EmailNotValidError:
        raise CannotCarry("The address has a domain that cannot exist.") from None
    return str(checked.ascii_domain)
