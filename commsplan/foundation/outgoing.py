"""The one way out over HTTP: no redirects, no private networks, certificates verified.

requests-hardened resolves a host once, refuses private, loopback and link-local addresses, and
connects to exactly the address it looked at, so that a second answer of the name server cannot lead
elsewhere. Hosts that the setting WEBHOOK_PRIVATE_HOSTS names may be private and without TLS.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import requests
from flask import current_app
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress, filter_host

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0  # chat services answer in one or two; a workflow behind a webhook may not
AGENT = "commsplan"

HTTPS_PORT = 443
HERE = ("localhost", "localhost.localdomain", "ip6-localhost")
_NUMBERS = re.compile(r"[0-9a-fx.:]+", re.I)

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


def permit(url: str) -> str:
    """Return the host of an address that may be used.

    Raises:
        NotPermitted: it does not begin with https://, and the host is not one that may do without.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and host.lower() not in private_hosts():
        raise NotPermitted
    return host


def private_hosts() -> frozenset[str]:
    """Return the hosts that the setting exempts from the rules for public ones."""
    return frozenset(str(current_app.config["WEBHOOK_PRIVATE_HOSTS"]).lower().split())


def is_plainly_private(host: str) -> bool:
    """Tell whether a host is a private one by its looks; names are looked up when they are used."""
    if host.lower() not in HERE and not _NUMBERS.fullmatch(host):
        return False
    try:
        filter_host(host, HTTPS_PORT, allow_loopback=False)
    except InvalidIPAddress:
        return True
    except (requests.ConnectionError, UnicodeError):  # it has no address, or is no name at all
        return False
    return False


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
