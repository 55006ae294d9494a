"""The one small interface behind which every other channel stands, and what answers mean there.

A mail server speaks SMTP and has codes for "later" and "never"; here it is HTTP's status codes
(RFC 9110 §15) and Retry-After (§10.2.3) that say which is which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

from commsplan.delivery.rules import (
    GIVE_UP_AFTER,
    NOTE_LENGTH,
    Outcome,
    State,
    Trouble,
    accepted,
    doubtful,
    refused,
)

LATER = frozenset({408, 425, 429, 500, 503, 507, 529})
"""Not taken, perhaps another time. 500 and 503 are the receiver's own word that it did not work."""
UNKNOWN = frozenset({502, 504})
"""A gateway's word about a server behind it that may have taken the request (RFC 9110 §15.6.3)."""
_SECONDS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Post:
    """What is to be said at one outlet."""

    title: str
    text: str
    markdown: str
    html: str
    url: str
    """Where the reader can do something about it; may be empty."""
    address: str
    """The outlet's own address, unsealed: it holds a token and goes into no log."""
    key: str
    """The same for every try of this posting: the receiver can tell a repeat by it."""
    message_id: int = 0
    plan: str = ""
    secret: str = ""
    """What a webhook is signed with."""


@dataclass(frozen=True)
class Postponed(Outcome):
    """To be tried again, not before a moment that the service named."""

    wait: timedelta | None = None


class Channel(Protocol):
    """Anything a post can be handed to."""

    def hand_over(self, post: Post) -> Outcome:
        """Put one post on the wire once, and say what became of it. Raises nothing for a service
        that is away, refuses or is silent: that is an outcome."""


def postponed(words: str, wait: timedelta | None = None) -> Postponed:
    """It may be taken another time."""
    return Postponed(State.PLANNED, words[:NOTE_LENGTH], Trouble.LATER, wait=wait)


def held_back(wait: timedelta) -> Postponed:
    """A speed limit is used up: nothing was tried, and nothing is to blame."""
    return Postponed(State.PLANNED, tried=False, wait=wait)


def unreachable(words: str) -> Postponed:
    """Nothing was sent: the service cannot be reached at all."""
    return Postponed(State.PLANNED, words[:NOTE_LENGTH], Trouble.DROPPED)


def judge_status(
    status: int, words: str, wait: timedelta | None = None, *, repeatable: bool
) -> Outcome:
    """Turn an HTTP answer into an outcome.

    Args:
        status: 100..599.
        words: what the service said beside it, without secrets.
        wait: what Retry-After asked for.
        repeatable: whether the receiver can tell a repeat, so that doubt may be tried again.
    """
    said = f"{status} {words}".strip()
    if 200 <= status < 300:
        return accepted(said)
    if status in LATER or (500 <= status < 600 and repeatable):
        return postponed(said, wait)
    if status in UNKNOWN:
        return doubtful(said)
    if 300 <= status < 400:
        return refused(f"{said} (it points elsewhere, which is not followed)")
    return refused(said)


def wait_asked(value: str | None, now: datetime) -> timedelta | None:
    """Return how long a Retry-After header asks to wait: seconds, or a date (RFC 9110 §10.2.3).

    A date that has passed asks for nothing; nobody is kept waiting longer than five days, after
    which a posting has failed anyway; anything unreadable is no wish.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return min(timedelta(seconds=int(text)), GIVE_UP_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta()), GIVE_UP_AFTER)
