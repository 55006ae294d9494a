"""The address that an invitation comes from, and that its answers go to: one for each invitation.

`meetings+i<invitation id>.<MAC>@host` is ORGANIZER, From and return path at once, so that a reply,
a bounce and an out-of-office note all say whose invitation they are about. Whoever has not seen the
invitation has to guess 80 bits (RFC 2104 §5). Without an address of that kind in the settings there
is only MAIL_FROM's, and a reply is matched by its UID and its sender alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from email.utils import parseaddr

from flask import current_app

MAC_BYTES = 10  # 80 bits, 16 letters of base32; lower case survives servers that fold local parts
LOCAL_PART = re.compile(r"i(\d{1,18})\.([a-z2-7]{16})")
MAX_IDENTITY = 2**63 - 1


def reply_address(invitation_id: int) -> str:
    """Return where the answers to one invitation go."""
    base = _base()
    if not base:
        return parseaddr(str(current_app.config["MAIL_FROM"]))[1]
    name, _at, host = base.rpartition("@")
    return f"{name}+i{invitation_id}.{_mac(invitation_id)}@{host}"


def is_signed() -> bool:
    """Tell whether each invitation has an address of its own."""
    return bool(_base())


def invitation_id_in(address: str) -> int | None:
    """Return whose invitation an address belongs to; None for a foreign or forged one."""
    name, _at, host = _base().lower().rpartition("@")
    local, _at, their_host = address.strip().strip("<>").lower().rpartition("@")
    if not host or their_host != host or not local.startswith(f"{name}+"):
        return None
    found = LOCAL_PART.fullmatch(local.removeprefix(f"{name}+"))
    if found is None or int(found.group(1)) > MAX_IDENTITY:
        return None
    genuine = hmac.compare_digest(found.group(2), _mac(int(found.group(1))))
    return int(found.group(1)) if genuine else None


def _base() -> str:
    config = current_app.config
    return str(config["INVITATION_ADDRESS"] or config["BOUNCE_ADDRESS"])


def _mac(invitation_id: int) -> str:
    key = hmac.digest(str(current_app.config["SECRET_KEY"]).encode(), b"invitation reply", "sha256")
    made = hashlib.blake2s(b"%d" % invitation_id, key=key, digest_size=MAC_BYTES)
    return base64.b32encode(made.digest()).decode("ascii").lower()
