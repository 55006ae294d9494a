"""Secrets in addresses: random ones, hashed at rest, and signed ones that carry their purpose.

A signed token is `base64url(identity, 8 bytes big-endian) + base64url(MAC, 16 bytes)`: 128 bits
that cannot be guessed, derived instead of stored, so a million copies need no token column.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from flask import current_app

from commsplan.foundation.errors import Absent

RANDOM_BYTES = 24  # 192 bits; ASVS 5.0 v11.5.1 asks for 128
MAC_BYTES = 16
MAX_IDENTITY = 2**63 - 1


def new_token() -> str:
    """Return a random token for an address, 192 bits."""
    return secrets.token_urlsafe(RANDOM_BYTES)


def hash_token(token: str) -> str:
    """Return what is kept of a random token: SHA-256, hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign(purpose: str, identity: int, extra: int = 0) -> str:
    """Return the token that stands for one thing and one purpose, and for nothing else.

    Args:
        purpose: what the token may be used for, such as "message" or "survey".
        identity: primary key of the thing.
        extra: a second number bound in and carried along (a link's position, a generation).
    """
    payload = identity.to_bytes(8, "big") + (extra.to_bytes(3, "big") if extra else b"")
    return base64.urlsafe_b64encode(payload + _mac(purpose, payload)).decode().rstrip("=")


def read_signed(purpose: str, token: str) -> tuple[int, int]:
    """Return identity and extra of a token signed for this purpose.

    Raises:
        Absent: the token is damaged, forged or signed for another purpose; all look alike.
    """
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise Absent from error
    payload, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    if len(payload) not in (8, 11) or not hmac.compare_digest(mac, _mac(purpose, payload)):
        raise Absent
    identity = int.from_bytes(payload[:8], "big")
    if identity > MAX_IDENTITY:
        raise Absent
    return identity, int.from_bytes(payload[8:], "big")


def keyed_hash(purpose: str, value: str) -> str:
    """Return a keyed digest, for recognising a value again without keeping it."""
    return _mac(purpose, value.encode()).hex()


def _mac(purpose: str, payload: bytes) -> bytes:
    key = str(current_app.config["SECRET_KEY"]).encode()
    text = purpose.encode() + b"\x00" + payload
    return hmac.new(key, text, hashlib.sha256).digest()[:MAC_BYTES]
