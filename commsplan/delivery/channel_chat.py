"""Chat rooms and push topics, through apprise, over our own way out.

apprise knows how each service wants a post, but answers only true or false, follows redirects and
goes wherever an address points. Its plugins call `requests.post` and its like through the name
`requests` of their own module. In the modules of the services on our list that name is given a
`Door` instead: it sends through `outgoing.py` and notes every exchange, so that status and
Retry-After decide, and a plugin cannot reach the network by itself. See
docs/decisions/0011-one-door-for-chat.md.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from contextvars import ContextVar
from dataclasses import replace
from datetime import timedelta

import requests
from apprise import NotifyFormat
from apprise.plugins.base import NotifyBase

from commsplan.delivery.channel import Post, judge_status, postponed, unreachable
from commsplan.delivery.chat_services import SERVICES, BadAddress, Room, room_of
from commsplan.delivery.outgoing import Exchange, exchange, failed
from commsplan.delivery.posting_text import shortened
from commsplan.delivery.rules import GIVE_UP_AFTER, Outcome, accepted, doubtful, refused
from commsplan.foundation.outgoing import Opener, open_session

LOG_NOTHING = logging.CRITICAL + 1
PRELIMINARY = re.compile(r"/(login|logout|join(/.*)?|whoami)$")
"""Paths that prepare a post; if such an answer is lost, nothing was posted yet."""
PASSING = re.compile(r"\b(rate_?limited|internal_error|fatal_error|service_unavailable)\b")
"""What Slack says with status 200 and "ok": false although another time would do."""
NO_ROOM = "The address names no room that can be posted to."
TITLE_ROOM = 60  # bytes that services put around a title: marks, line ends

_exchanges: ContextVar[list[Exchange] | None] = ContextVar("exchanges", default=None)
_opener: ContextVar[Opener] = ContextVar("opener", default=open_session)


class Door:
    """Stands where a plugin looks for `requests`: the few names of it that plugins use."""

    codes = requests.codes
    RequestException = requests.RequestException
    TooManyRedirects = requests.TooManyRedirects

    def request(
        self,
        method: str,
        url: str,
        *,
        data: object = None,
        params: object = None,
        headers: object = None,
        auth: object = None,
        **_theirs: object,
    ) -> requests.Response:
        """Send what a plugin wants sent; verification, redirects and timeouts are ours to say."""
        noted = _exchanges.get()
        if noted is None:
            raise requests.ConnectionError("Nobody is posting.")
        if isinstance(data, str):
            data = data.encode()
        try:
            found, answer = exchange(
                method, url, _opener.get(), data=data, params=params, headers=headers, auth=auth
            )
        except requests.RequestException as error:
            noted.append(failed(method, url, error))
            raise
        noted.append(_with_their_wait(found, answer))
        if found.status == requests.codes.too_many_requests:
            raise requests.HTTPError(
                "Too many requests"
            )  # some would sleep as long as they're told
        return answer

    def get(self, url: str, **more: object) -> requests.Response:
        """GET, as plugins call it."""
        return self.request("GET", url, **more)

    def post(self, url: str, **more: object) -> requests.Response:
        """POST, as plugins call it."""
        return self.request("POST", url, **more)

    def put(self, url: str, **more: object) -> requests.Response:
        """PUT, as plugins call it."""
        return self.request("PUT", url, **more)


def _fit_the_door() -> None:
    """Give every plugin on the list the door, and take away its log, which names addresses."""
    for service in SERVICES:
        module = sys.modules[service.plugin.__module__]
        if not hasattr(module, "requests"):
            raise ImportError(f"{module.__name__} does not use requests as it did")
        module.requests = Door()  # type: ignore[attr-defined]  # this is the seam, see above
    log = logging.getLogger("apprise")
    log.setLevel(LOG_NOTHING)
    log.propagate = False


_fit_the_door()


class ChatChannel:
    """Hands posts to chat rooms and push topics."""

    def __init__(self, opener: Opener = open_session) -> None:
        self.opener = opener

    def hand_over(self, post: Post) -> Outcome:
        """Send one post to one room."""
        try:
            room = room_of(post.address)
        except BadAddress:
            return refused(NO_ROOM)
        noted: list[Exchange] = []
        tokens = (_exchanges.set(noted), _opener.set(self.opener))
        try:
            went = _notify(room, post)
            outcome = judge(went, tuple(noted))
            del room  # a plugin that has signed in signs out now, while it can
        finally:
            _exchanges.reset(tokens[0])
            _opener.reset(tokens[1])
        return outcome


def _notify(room: Room, post: Post) -> bool:
    """Let apprise write and send it, in one piece."""
    plugin: NotifyBase = room.plugin
    plugin.request_rate_per_sec = 0  # pauses are the ledger's business
    left = room.service.limit - len(post.title.encode()) - TITLE_ROOM
    body = shortened(post.text if room.service.is_plain else post.markdown, left)
    form = NotifyFormat.TEXT if room.service.is_plain else NotifyFormat.MARKDOWN
    return bool(plugin.notify(title=post.title, body=body, body_format=form))


def judge(went: bool, exchanges: tuple[Exchange, ...]) -> Outcome:
    """Say what became of a post, from what apprise thinks and what really went over the line.

    The exchange that decides is the last one that was not fine: plugins stop there.
    """
    if went:
        return accepted(exchanges[-1].words if exchanges else "")
    unhappy = [one for one in exchanges if not one.is_fine and not one.path.endswith("/logout")]
    if not unhappy:
        words = exchanges[-1].words if exchanges else NO_ROOM
        return postponed(words) if PASSING.search(words) else refused(words)
    last = unhappy[-1]
    if last.status:
        return judge_status(last.status, last.words, last.wait, repeatable=False)
    if last.barred:
        return refused(last.words)
    posted = last.method != "GET" and not PRELIMINARY.search(last.path)
    return doubtful(last.words) if last.lost and posted else unreachable(last.words)


def _with_their_wait(found: Exchange, answer: requests.Response) -> Exchange:
    """Add the wait that Matrix asks for inside the answer (retry_after_ms), if no header did."""
    if found.status != requests.codes.too_many_requests or found.wait is not None:
        return found
    try:
        asked = json.loads(answer.content).get("retry_after_ms")
    except (ValueError, AttributeError):
        return found
    if not isinstance(asked, int) or asked < 0:
        return found
    return replace(found, wait=min(timedelta(milliseconds=min(asked, 10**12)), GIVE_UP_AFTER))
