"""Secrets that have to be used again, sealed at rest: addresses that hold tokens, signing keys.

A hash would do for a secret that somebody shows us; these we show to others, so they are encrypted
(Fernet: AES-128-CBC with HMAC-SHA256) under a key derived from SECRET_KEY, another for each purpose
(HKDF, RFC 5869). What is sealed for one purpose cannot be opened for another.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from commsplan.foundation.errors import CommsplanError

KEY_BYTES = 32  # Fernet's: half for AES, half for HMAC


class Unsealable(CommsplanError):
    """The seal cannot be opened: SECRET_KEY has changed, or the value was damaged."""

    status = 500


def seal(purpose: str, secret: str) -> str:
    """Return a secret as it may be kept in the database."""
    return _lock(purpose).encrypt(secret.encode()).decode()


def unseal(purpose: str, sealed: str) -> str:
    """Return what was sealed for this purpose.

    Raises:
        Unsealable: another SECRET_KEY or another purpose sealed it, or it was damaged.
    """
    try:
        return _lock(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unsealable(f"What was kept for “{purpose}” cannot be read any more.") from error


def _lock(purpose: str) -> Fernet:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    info = b"commsplan sealing: " + purpose.encode()
    key = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)
    return Fernet(base64.urlsafe_b64encode(key))
