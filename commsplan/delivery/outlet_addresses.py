"""Whether an outlet's address can be used, and the part of it that may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from commsplan.delivery.chat_services import ADDRESS_LIMIT, BadAddress, room_of
from commsplan.foundation.outgoing import is_plainly_private, private_hosts


@dataclass(frozen=True)
class Shown:
    """What pages show of an address."""

    service: str
    host: str


def understood(kind: str, address: str) -> Shown:
    """Read an address that somebody typed.

    Raises:
        BadAddress: as `room_of` says, or "insecure" or "private".
    """
    match kind:
        case "chat":
            room = room_of(address)
            shown, is_secure = Shown(room.service.name, room.host), room.is_secure
        case "webhook":
            shown, is_secure = _webhook(address)
        case _:
            return Shown("", "")
    if shown.host.lower() in private_hosts():
        return shown
    if not is_secure:
        raise BadAddress("insecure")
    if is_plainly_private(shown.host):
        raise BadAddress("private")
    return shown


def _webhook(address: str) -> tuple[Shown, bool]:
    address = address.strip()
    if len(address) > ADDRESS_LIMIT or not address.isprintable() or " " in address:
        raise BadAddress("long")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise BadAddress("incomplete") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise BadAddress("incomplete")
    if parts.username is not None or parts.fragment:
        raise BadAddress("incomplete")
    return Shown("", parts.hostname), parts.scheme == "https"
