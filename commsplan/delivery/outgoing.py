"""The one way out over HTTP: no redirects, no private networks, certificates verified, short.

requests-hardened resolves a host once, refuses private, loopback and link-local addresses, and
connects to exactly the address it looked at, so that a second answer of the name server cannot lead
elsewhere. Hosts that the setting WEBHOOK_PRIVATE_HOSTS names may be private and without TLS.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import requests
from flask import current_app
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.exceptions import HTTPError as WireError
from urllib3.exceptions import MaxRetryError

from commsplan.delivery.channel import wait_asked
from commsplan.foundation.clock import now_utc

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0  # chat services answer in one or two; a workflow behind a webhook may not
READING_SECONDS = 10.0  # then an answer that trickles in is left
ANSWER_LIMIT = 65_536  # bytes; what counts is the status, the rest is for the note
WORDS_LIMIT = 300
TOKEN_LENGTH = 8  # a shorter part of an address is a word, not a token
_LIMITS = re.compile(r"[/?&=]")
AGENT = "commsplan"

Opener = Callable[[str], requests.Session]
"""Given a host, returns the session that may speak to it."""


class StraightSession(HTTPSession):  # type: ignore[misc]  # requests-hardened carries no types
    """A session that does not even look where a redirect leads.

    requests reads the whole body of a redirect to prepare the next request, even when it is told
    not to follow; here such an answer is an answer like any other.
    """

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Say that there is nothing to follow."""
        return None


class NotPermitted(requests.RequestException):
    """This address must not be used: without TLS, or of a kind that is never reached from here."""


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


def private_hosts() -> frozenset[str]:
    """Return the hosts that the setting exempts from the rules for public ones."""
    return frozenset(str(current_app.config["WEBHOOK_PRIVATE_HOSTS"]).lower().split())


def open_session(host: str) -> requests.Session:
    """Return a session that may speak to a host, and to private addresses only if it may."""
    config = Config(
        ip_filter_enable=host.lower() not in private_hosts(),
        ip_filter_allow_loopback_ips=False,
        never_redirect=True,
        default_timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
        user_agent_override=AGENT,
    )
    session = StraightSession(config)
    session.trust_env = False  # no .netrc and no proxy: both would undo the choice of the address
    session.verify = str(current_app.config["CA_BUNDLE"]) or True
    return session


def exchange(
    method: str, url: str, opener: Opener = open_session, **more: object
) -> tuple[Exchange, requests.Response]:
    """Send one request; return what came of it, and the answer with its body cut short.

    Args:
        more: data, headers, params, auth, as requests takes them.

    Raises:
        requests.RequestException: no answer came; `failed` says what that means.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and host.lower() not in private_hosts():
        raise NotPermitted
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
    return Exchange(method, parts.path, answer.status_code, words, wait), answer


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
