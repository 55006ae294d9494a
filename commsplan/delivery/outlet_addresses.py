"""Whether an outlet's address can be used, and the part of it that may be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from requests_hardened.ip_filter import InvalidIPAddress, filter_host

from commsplan.delivery.chat_services import ADDRESS_LIMIT, BadAddress, room_of
from commsplan.foundation.outgoing import private_hosts

HTTPS_PORT = 443
_NUMBERS = re.compile(r"[0-9a-fx.:]+", re.I)
HERE = ("localhost", "localhost.localdomain", "ip6-localhost")


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
    if _is_private(shown.host):
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


def _is_private(host: str) -> bool:
    """Tell whether a host is plainly a private one; names are looked up when something is sent."""
    if host.lower() not in HERE and not _NUMBERS.fullmatch(host):
        return False
    try:
        filter_host(host, HTTPS_PORT, allow_loopback=False)
    except InvalidIPAddress:
        return True
    except (requests.ConnectionError, UnicodeError):  # it has no address, or is no name at all
        return False
    return False
