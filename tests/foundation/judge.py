"""dkimpy as the judge of our signatures: its own reading of headers, bodies, tags and records.

For Ed25519 it wants PyNaCl, for the one step of verifying 64 octets; here `cryptography` takes
that step, so that nothing more has to be installed.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from types import SimpleNamespace

import dkim
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from commsplan.foundation.dkim import Key
from commsplan.foundation.dkim_keys import record_name, record_text


class _VerifyKey:
    """As nacl.signing.VerifyKey, as far as dkimpy uses it."""

    def __init__(self, key: bytes, encoder: object) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(b64decode(key))

    def verify(self, message: bytes, signature: bytes) -> bytes:
        try:
            self._key.verify(signature, message)
        except InvalidSignature as error:
            raise _exceptions.BadSignatureError from error
        return message


_exceptions = SimpleNamespace(BadSignatureError=type("BadSignatureError", (Exception,), {}))
_nacl = SimpleNamespace(
    signing=SimpleNamespace(VerifyKey=_VerifyKey),
    encoding=SimpleNamespace(Base64Encoder=None),
    exceptions=_exceptions,
)


def accepts(raw: bytes, keys: Sequence[Key], at: int = 0) -> bool:
    """Tell whether dkimpy accepts the signature at a place, with the keys' records in the DNS."""

    def dns(name: bytes, timeout: float = 0) -> bytes | None:
        records = {f"{record_name(key)}.".encode(): record_text(key) for key in keys}
        text = records.get(name)
        return text.encode() if text else None

    dkim.nacl = _nacl
    try:
        return bool(dkim.DKIM(raw).verify(idx=at, dnsfunc=dns))
    except dkim.DKIMException:  # of another body, or of a second From
        return False
