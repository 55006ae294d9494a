"""Fetching a calendar from its address: only what changed, never from a private network, bounded.

The address was typed by a person, so every hop of it goes through the one safe way out
(foundation/outgoing.py): https, a public address looked up once, no proxy, no credentials.
"""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import requests
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.exceptions import HTTPError as WireError

from commsplan.foundation.errors import Unreadable
from commsplan.foundation.outgoing import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    NotPermitted,
    Opener,
    is_plainly_private,
    open_session,
    permit,
    private_hosts,
)

READING_SECONDS = 30.0  # 10 MB on a slow line; a server that drips is left
PIECE = 65_536
MOST_HOPS = 3  # http → https → the real server; more is a loop
ADDRESS_LIMIT = 2000  # characters; longer ones no server takes
WAIT_LIMIT = timedelta(days=1)
FAILURES: tuple[tuple[type[requests.RequestException], str], ...] = (
    (InvalidIPAddress, "private"),
    (NotPermitted, "insecure"),
    (requests.exceptions.InvalidURL, "unusable"),
    (requests.exceptions.InvalidSchema, "unusable"),
    (requests.exceptions.MissingSchema, "unusable"),
    (requests.exceptions.SSLError, "unverified"),
    (requests.exceptions.ReadTimeout, "silent"),
)
"""What it means that no answer came; anything else: it cannot be reached."""


class BadAddress(Unreadable):
    """An address that cannot be used; its word says why: incomplete, insecure or private."""


@dataclass(frozen=True)
class Version:
    """By what a server knows what we have (RFC 9110 §13.1)."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class Fetched:
    """What came of one look at an address."""

    body: bytes | None = None
    """None: it has not changed, or it failed."""
    version: Version = Version()
    failure: str = ""
    """A named value, such as "silent" or "status 404"; empty when it went well."""
    wait: timedelta | None = None
    """How long the server asked to be left alone."""


def read_address(text: str) -> tuple[str, str]:
    """Return a typed address as it is used, and the host of it, which alone is shown.

    Raises:
        BadAddress: it is incomplete, not https, or leads into a private network.
    """
    address = text.strip()
    for before, after in (("webcal://", "https://"), ("webcals://", "https://")):
        if address.lower().startswith(before):
            address = after + address[len(before) :]
    if len(address) > ADDRESS_LIMIT or not address.isprintable() or " " in address:
        raise BadAddress("incomplete")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise BadAddress("incomplete") from error
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or port == 0 or parts.username is not None:
        raise BadAddress("incomplete")
    if host.lower() not in private_hosts():
        if parts.scheme != "https":
            raise BadAddress("insecure")
        if is_plainly_private(host):
            raise BadAddress("private")
    return address, host


def fetch(address: str, known: Version, limit: int, opener: Opener = open_session) -> Fetched:
    """Look whether a calendar has changed, and take it if so.

    Args:
        address: as `read_address` returned it.
        known: what the server called the version that is here; it is asked for a newer one.
        limit: the most bytes that are taken.
        opener: opens a session to a host; the safe one unless a test says otherwise.
    """
    url = address
    try:
        for _hop in range(MOST_HOPS + 1):
            found = _one(url, known, limit, opener)
            if isinstance(found, Fetched):
                return found
            url = found
    except requests.RequestException as error:
        return Fetched(failure=_failure(error))
    except ValueError:  # a redirect to what is no address at all, as "https://[::1"
        return Fetched(failure="unusable")
    return Fetched(failure="redirects")


def _one(url: str, known: Version, limit: int, opener: Opener) -> Fetched | str:
    """Ask once; return what came of it, or where to ask next."""
    headers = {"Accept": "text/calendar, */*;q=0.1", "Accept-Encoding": "identity"}
    if known.etag:
        headers["If-None-Match"] = known.etag
    if known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    with (
        opener(permit(url)) as session,
        session.get(
            url,
            headers=headers,
            allow_redirects=False,
            stream=True,
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
        ) as answer,
    ):
        if answer.status_code in (301, 302, 303, 307, 308):
            return urljoin(url, answer.headers.get("Location", ""))
        if answer.status_code == 304:
            return Fetched(version=known)
        if answer.status_code != 200:
            return Fetched(failure=f"status {answer.status_code}", wait=_wait(answer))
        return _taken(answer, limit)


def _taken(answer: requests.Response, limit: int) -> Fetched:
    """Take the body, as far as it may go in length and in time."""
    until, body = time.monotonic() + READING_SECONDS, bytearray()
    try:
        while piece := answer.raw.read1(PIECE):
            body += piece
            if len(body) > limit:
                return Fetched(failure="too large")
            if time.monotonic() > until:
                return Fetched(failure="silent")
    except (WireError, OSError):
        return Fetched(failure="broken")
    whole = _unpacked(bytes(body), answer.headers.get("Content-Encoding", ""), limit)
    if whole is None:
        return Fetched(failure="too large")
    headers = answer.headers
    version = Version(headers.get("ETag", "")[:300], headers.get("Last-Modified", "")[:80])
    return Fetched(whole, version)


def _unpacked(body: bytes, encoding: str, limit: int) -> bytes | None:
    """Return what a server compressed although it was asked not to; None when it is too large."""
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return body
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        whole = unpacker.decompress(body, limit + 1)
    except zlib.error:
        return body  # read as it is, it says itself that it is no calendar
    return whole if len(whole) <= limit else None


def _wait(answer: requests.Response) -> timedelta | None:
    asked = answer.headers.get("Retry-After", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        return None
    return min(timedelta(seconds=int(asked)), WAIT_LIMIT)


def _failure(error: requests.RequestException) -> str:
    return next((name for kind, name in FAILURES if isinstance(error, kind)), "unreachable")
