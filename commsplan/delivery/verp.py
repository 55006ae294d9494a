"""The return path of each copy: an address of its own, so that a bounce says which copy it means.

VERP, variable envelope return paths (https://cr.yp.to/proto/verp.txt): the envelope sender is
`bounces+<delivery id>.<MAC>@host`. Whoever writes to such an address without having seen the copy
has to guess 80 bits; RFC 2104 §5 names 80 bits as the least a truncated MAC should keep.
"""

from __future__ import annotations

import hashlib
import hmac
from email.utils import parseaddr
from functools import lru_cache

from flask import current_app

MAC_BYTES = 10  # 80 bits, 20 hexadecimal digits: lower case survives servers that fold local parts
LOCAL_PART_LIMIT = 64  # octets, RFC 5321 §4.5.3.1.1
LONGEST_SUFFIX = len("+") + 19 + len(".") + 2 * MAC_BYTES  # an id has at most 19 digits
LONGEST_BASE = LOCAL_PART_LIMIT - LONGEST_SUFFIX
MAX_IDENTITY = 2**63 - 1


class Verp:
    """Writes and reads return paths; the key is derived once, a copy costs one short hash."""

    def __init__(self, bounce_address: str, secret: str) -> None:
        """Prepare for an address such as bounces@news.example.org.

        Raises:
            ValueError: it is no address, or its local part leaves no room for the suffix.
        """
        base, _, host = bounce_address.rpartition("@")
        if not base or not host:
            raise ValueError(f"BOUNCE_ADDRESS is not an e-mail address: {bounce_address}")
        if len(base.encode()) > LONGEST_BASE:
            raise ValueError(
                f"The part of BOUNCE_ADDRESS before the @ may have {LONGEST_BASE} characters."
            )
        key = hmac.digest(secret.encode(), b"return path", "sha256")
        self._keyed = hashlib.blake2s(key=key, digest_size=MAC_BYTES)
        self._before, self._after = f"{base}+", f"@{host}"
        self._start, self._end = self._before.lower(), self._after.lower()

    def sender(self, delivery_id: int) -> str:
        """Return the envelope sender of one copy."""
        return f"{self._before}{delivery_id}.{self._mac(delivery_id)}{self._after}"

    def delivery_id(self, address: str) -> int | None:
        """Return which copy an address was the sender of; None for a foreign or forged one."""
        written = address.strip().strip("<>").lower()
        if not (written.startswith(self._start) and written.endswith(self._end)):
            return None
        suffix = written[len(self._start) : len(written) - len(self._end)]
        number, _, mac = suffix.partition(".")
        if not (number.isascii() and number.isdecimal() and len(number) <= 19):
            return None
        found = int(number)
        genuine = found <= MAX_IDENTITY and hmac.compare_digest(
            mac.encode(), self._mac(found).encode()
        )
        return found if genuine else None

    def _mac(self, delivery_id: int) -> str:
        mac = self._keyed.copy()
        mac.update(b"%d" % delivery_id)
        return mac.hexdigest()


def verp() -> Verp | None:
    """Return what writes this installation's return paths; None without a BOUNCE_ADDRESS.

    A loop over many copies asks once and keeps it.
    """
    config = current_app.config
    address = config["BOUNCE_ADDRESS"]
    return _verp(address, config["SECRET_KEY"]) if address else None


def verp_sender(delivery_id: int) -> str:
    """Return the envelope sender of one copy: its own, or MAIL_FROM's without a BOUNCE_ADDRESS."""
    config = current_app.config
    address = config["BOUNCE_ADDRESS"]
    if not address:
        return _plain(config["MAIL_FROM"])
    return _verp(address, config["SECRET_KEY"]).sender(delivery_id)


def delivery_id_of(recipient: str) -> int | None:
    """Return the copy whose return path a mail came to; None for any other address."""
    paths = verp()
    return paths.delivery_id(recipient) if paths else None


@lru_cache(maxsize=8)
def _verp(address: str, secret: str) -> Verp:
    return Verp(address, secret)


@lru_cache(maxsize=8)
def _plain(mail_from: str) -> str:
    return parseaddr(mail_from)[1]
