"""The setting SMTP_URL: which mail servers there are, and how each of them is to be used.

One or several addresses with white space between them, such as
smtp+starttls://user:password@mail.example.org:587?weight=3&connections=8&copies=500
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from commsplan.foundation.errors import Unreadable

Security = Literal["plain", "starttls", "tls"]

SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("plain", 25),
    "smtp+starttls": ("starttls", 587),  # RFC 6409
    "smtps": ("tls", 465),  # RFC 8314 §3.3
}
OPTIONS = {"weight": 1000, "connections": 64, "copies": 1_000_000}
"""What may stand behind the question mark, and the largest value of each."""
CONNECTIONS = 8  # with 4 a near relay waited for us now and then (8 % slower); far ones want more
COPIES_PER_CONNECTION = 500  # many relays hang up after a number of messages; we go first


@dataclass(frozen=True)
class RelayAddress:
    """One mail server and how it is to be used."""

    name: str
    """host:port, by which everybody calls it; it holds no secret."""
    host: str
    port: int
    security: Security = "plain"
    user: str = ""
    password: str = field(default="", repr=False)
    weight: int = 1
    """Its share of the copies, beside the weights of the others."""
    connections: int = CONNECTIONS
    """How many each worker opens at most."""
    copies_per_connection: int = COPIES_PER_CONNECTION


def read_relays(text: str) -> tuple[RelayAddress, ...]:
    """Read the setting SMTP_URL.

    Raises:
        Unreadable: it names no mail server, one of them twice, or one that cannot be understood;
            the words hold neither user nor password.
    """
    relays = tuple(_relay(one) for one in text.split())
    if not relays:
        raise Unreadable("SMTP_URL names no mail server; smtp://127.0.0.1:25 would be one.")
    _refuse_twice([relay.name for relay in relays])
    return relays


def _refuse_twice(names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise Unreadable(f"SMTP_URL names {name} twice; give it a weight instead.")


def _relay(text: str) -> RelayAddress:
    try:
        parts = urlsplit(text)
    except ValueError:  # its words may repeat what stands before the @
        raise Unreadable("SMTP_URL holds an address with a broken host in brackets.") from None
    security, usual_port = _security(parts.scheme)
    host = parts.hostname or "127.0.0.1"
    port = _port(parts, host) or usual_port
    if parts.path.strip("/") or parts.fragment:
        raise Unreadable(
            f"SMTP_URL has something behind the port of {host} that does not belong there; a "
            "password with /, # or ? in it is written with %2F, %23 or %3F."
        )
    options = _options(parts.query, host)
    return RelayAddress(
        name=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        host=host,
        port=port,
        security=security,
        user=_ascii(unquote(parts.username or ""), host),
        password=_ascii(unquote(parts.password or ""), host),
        weight=options.get("weight", 1),
        connections=options.get("connections", CONNECTIONS),
        copies_per_connection=options.get("copies", COPIES_PER_CONNECTION),
    )


def _security(scheme: str) -> tuple[Security, int]:
    if scheme not in SCHEMES:
        raise Unreadable(
            "SMTP_URL must start with smtp://, smtp+starttls:// or smtps://; "
            f"it starts with {scheme or 'nothing'}."
        )
    return SCHEMES[scheme]


def _port(parts: SplitResult, host: str) -> int | None:
    try:
        return parts.port
    except ValueError:  # its words may repeat a part of a password
        raise Unreadable(
            f"The port of {host} in SMTP_URL must be a number from 1 to 65535; a password with "
            "/, # or ? in it is written with %2F, %23 or %3F."
        ) from None


def _ascii(secret: str, host: str) -> str:
    """Refuse what the AUTH of Python's library cannot carry, and what no line can."""
    if not secret.isascii() or not secret.isprintable():
        raise Unreadable(
            f"User and password of {host} in SMTP_URL may only hold printable ASCII characters."
        )
    return secret


def _options(query: str, host: str) -> dict[str, int]:
    options: dict[str, int] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in OPTIONS or name in options:
            raise Unreadable(
                f"Behind {host} in SMTP_URL may stand weight, connections and copies, each once."
            )
        if not (value.isascii() and value.isdigit() and 1 <= int(value) <= OPTIONS[name]):
            raise Unreadable(
                f"{name} of {host} in SMTP_URL must be a number from 1 to {OPTIONS[name]}."
            )
        options[name] = int(value)
    return options
