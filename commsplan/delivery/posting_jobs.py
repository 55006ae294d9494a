"""What a worker does for a send's chat rooms, webhooks and notice boards."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from datetime import timedelta

from commsplan.delivery.buckets import take, wait_for
from commsplan.delivery.channel import held_back
from commsplan.delivery.handing_over import channel_for, post_of
from commsplan.delivery.outlet_models import Posting
from commsplan.delivery.posting_clockwork import POST
from commsplan.delivery.postings import claim, sends_with_postings, settle_posting
from commsplan.delivery.rules import Outcome, refused
from commsplan.foundation.bell import QueueName, closing, ring
from commsplan.foundation.database import db
from commsplan.foundation.errors import CommsplanError
from commsplan.foundation.logs import log
from commsplan.foundation.outgoing import Opener, open_session

SHORTEST_WAIT_SECONDS = 0.1  # a token that comes back this very moment
TURN_SECONDS = 30.0  # then the bell rings again: mails and chores get their turn
CANNOT_BE_WRITTEN = (CommsplanError, ValueError, LookupError)
"""What a post that cannot be written raises: it fails alone, never the send."""


Pace = Callable[[str], float]
"""Given a channel ("slack", "webhook"), takes a token of its limit, or says for how many seconds
there is none."""


def by_the_limit(channel: str) -> float:
    """Draw from the channel's bucket, which every worker draws from."""
    key = ("channel", channel)
    return 0.0 if take({key: 1})[key] else max(wait_for(key), SHORTEST_WAIT_SECONDS)


def post(send_id: int, opener: Opener = open_session, pace: Pace = by_the_limit) -> None:
    """Put postings of a send on the wire until none may go or the time is up, then ring again."""
    worker, until = f"{socket.gethostname()}:{os.getpid()}", time.monotonic() + TURN_SECONDS
    while not closing.is_set() and time.monotonic() < until:
        claimed = claim(send_id, worker)
        if claimed is None:
            return
        outcome = _hand_over(claimed.posting_id, opener, pace)
        kept = settle_posting(claimed, outcome)
        log().info(
            "posting.settled", posting=claimed.posting_id, state=outcome.state.value, kept=kept
        )
    if not closing.is_set() and send_id in sends_with_postings():
        ring(QueueName.SENDS, POST, send_id, at_most=1)


def post_without_bell() -> None:
    """Work on every running send: for a worker that the queue server cannot call."""
    for send_id in sends_with_postings():
        if not closing.is_set():
            post(send_id)


def _hand_over(posting_id: int, opener: Opener, pace: Pace) -> Outcome:
    """Write one post and hand it to its channel; one that cannot be written fails alone."""
    posting = db.session.get_one(Posting, posting_id, populate_existing=True)
    kind, service = posting.outlet.kind, posting.outlet.service
    wait = pace((service or kind).lower())
    if wait > 0:
        return held_back(timedelta(seconds=wait))
    try:
        written = post_of(posting)
    except CANNOT_BE_WRITTEN as error:
        return refused(f"This cannot be written: {error}")
    db.session.rollback()  # nothing was changed; no snapshot is held while a service thinks
    return channel_for(kind, opener).hand_over(written)
