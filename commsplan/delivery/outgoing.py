"""One short exchange with somebody else's server, and what came of it (foundation/outgoing.py)."""

from __future__ import annotations

import io
import re
import time
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import requests
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.exceptions import HTTPError as WireError
from urllib3.exceptions import MaxRetryError

from commsplan.delivery.channel import wait_asked
from commsplan.foundation.clock import now_utc
from commsplan.foundation.outgoing import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    NotPermitted,
    Opener,
    open_session,
    permit,
)

READING_SECONDS = 10.0  # then an answer that trickles in is left
ANSWER_LIMIT = 65_536  # bytes; what counts is the status, the rest is for the note
WORDS_LIMIT = 300
TOKEN_LENGTH = 8  # a shorter part of an address is a word, not a token
_LIMITS = re.compile(r"[/?&=]")

BROKEN = "The line broke before the answer."
SILENT = "There was no answer in time."
UNREACHABLE = "It cannot be reached."
UNVERIFIED = "Its certificate cannot be verified."
PRIVATE = "The address leads into a private network, which is not allowed."
INSECURE = "The address does not begin with https://."
UNUSABLE = "The address cannot be used."
BARRED: tuple[tuple[type[requests.RequestException], str], ...] = (
    (InvalidIPAddress, PRIVATE),
    (NotPermitted, INSECURE),
    (requests.exceptions.InvalidURL, UNUSABLE),
    (requests.exceptions.InvalidSchema, UNUSABLE),
    (requests.exceptions.MissingSchema, UNUSABLE),
)
"""What no later try will change."""


@dataclass(frozen=True)
class Exchange:
    """One request and what came of it."""

    method: str
    path: str
    """Without the query; holds tokens at some services, so it goes nowhere."""
    status: int = 0
    """0 when there was no answer."""
    words: str = ""
    wait: timedelta | None = None
    lost: bool = False
    """The request was written, or may have been, and no answer came."""
    barred: bool = False
    """The address must not be used."""

    @property
    def is_fine(self) -> bool:
        """Whether the service took it, as far as HTTP tells."""
        return 200 <= self.status < 300


def exchange(
    method: str, url: str, opener: Opener = open_session, **more: object
) -> tuple[Exchange, requests.Response]:
    """Send one request; return what came of it, and the answer with its body cut short.

    Args:
        more: data, headers, params, auth, as requests takes them.

    Raises:
        requests.RequestException: no answer came; `failed` says what that means.
    """
    host, path = permit(url), urlsplit(url).path
    headers = {"Accept-Encoding": "identity", **dict(more.pop("headers", None) or {})}  # type: ignore[call-overload]  # a mapping, as requests takes it
    with opener(host) as session:
        answer = session.request(
            method,
            url,
            headers=headers,
            allow_redirects=False,
            stream=True,
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            **more,  # type: ignore[arg-type]  # as requests takes them
        )
        body = _beginning(answer)
        answer.close()
    answer.raw = io.BytesIO(body)  # what `content` reads: never more than was taken here
    wait = wait_asked(answer.headers.get("Retry-After"), now_utc())
    words = without_tokens(_words(answer, body), answer.request.url or url)
    return Exchange(method, path, answer.status_code, words, wait), answer


def failed(method: str, url: str, error: requests.RequestException) -> Exchange:
    """Say what it means that no answer came. The error's own words hold the address: not kept."""
    path = urlsplit(url).path
    for kind, words in BARRED:
        if isinstance(error, kind):
            return Exchange(method, path, words=words, barred=True)
    if isinstance(error, requests.exceptions.SSLError):
        return Exchange(method, path, words=UNVERIFIED)
    lost = was_sent(error)
    broken = SILENT if isinstance(error, requests.ReadTimeout) else BROKEN
    return Exchange(method, path, words=broken if lost else UNREACHABLE, lost=lost)


def was_sent(error: requests.RequestException) -> bool:
    """Tell whether the request may have left: everything but a failure to resolve or connect.

    requests wraps what urllib3 says: MaxRetryError for a connection that was never made (there is
    no retrying here), ProtocolError and the like for one that broke.
    """
    if isinstance(error, requests.ReadTimeout):
        return True
    if isinstance(error, requests.ConnectTimeout):
        return False
    inner = error.args[0] if error.args else None
    return isinstance(inner, WireError | OSError) and not isinstance(inner, MaxRetryError)


def _beginning(answer: requests.Response) -> bytes:
    """Read an answer's body as far as it may go, in length and in time."""
    until, body = time.monotonic() + READING_SECONDS, bytearray()
    try:
        while len(body) < ANSWER_LIMIT and time.monotonic() < until:
            piece = answer.raw.read1(ANSWER_LIMIT - len(body))
            if not piece:
                break
            body += piece
    except (WireError, OSError):
        pass  # the status has been read, and it alone decides
    return bytes(body)


def _words(answer: requests.Response, body: bytes) -> str:
    """Return the first line of a plain answer; a page of HTML says nothing to anybody."""
    text = body[: 4 * WORDS_LIMIT].decode("utf-8", "replace").strip()
    if text.startswith("<") or not text:
        return str(answer.reason or "")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:WORDS_LIMIT]


def without_tokens(words: str, url: str) -> str:
    """Return a service's words without the long parts of the address that they may repeat."""
    parts = urlsplit(url)
    for part in _LIMITS.split(f"{parts.path}/{parts.query}"):
        for spelled in {part, unquote(part)}:
            if len(spelled) >= TOKEN_LENGTH:
                words = words.replace(spelled, "…")
    return words
