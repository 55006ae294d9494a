"""A webhook of one's own: JSON over HTTPS, signed, with a key by which a repeat can be told.

The signature is HMAC-SHA256 over `timestamp.body`, hexadecimal, as docs/reference/webhooks.md shows
receivers how to check it. The key goes as Idempotency-Key
(draft-ietf-httpapi-idempotency-key-header): a try whose answer was lost is made again under it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime

import requests

from commsplan.delivery.channel import Post, judge_status, postponed, unreachable
from commsplan.delivery.outgoing import Exchange, exchange, failed
from commsplan.delivery.rules import Outcome, refused
from commsplan.foundation.clock import now_utc
from commsplan.foundation.outgoing import Opener, open_session

VERSION = 1


def body_of(post: Post, at: datetime) -> bytes:
    """Return what is posted, as JSON in UTF-8."""
    content = {
        "version": VERSION,
        "id": post.key,
        "message": post.message_id,
        "plan": post.plan,
        "subject": post.title,
        "text": post.text,
        "html": post.html,
        "url": post.url or None,
        "at": at.isoformat(timespec="seconds"),
    }
    return json.dumps(content, ensure_ascii=False).encode()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return what proves that a body comes from us and when it was written."""
    seal = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={seal.hexdigest()}"


class WebhookChannel:
    """Hands posts to an address that a team has named."""

    def __init__(self, opener: Opener = open_session) -> None:
        self.opener = opener

    def hand_over(self, post: Post) -> Outcome:
        """Send one post, signed at this moment."""
        at = now_utc()
        body, timestamp = body_of(post, at), str(int(at.timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": f'"{post.key}"',  # the draft's form: a quoted string
            "Commsplan-Timestamp": timestamp,
            "Commsplan-Signature": signature(post.secret, timestamp, body),
        }
        try:
            found, _answer = exchange("POST", post.address, self.opener, data=body, headers=headers)
        except requests.RequestException as error:
            return _unanswered(failed("POST", post.address, error))
        return judge_status(found.status, found.words, found.wait, repeatable=True)


def _unanswered(found: Exchange) -> Outcome:
    """Without an answer it goes again: the receiver can tell by the key that it has it already."""
    if found.barred:
        return refused(found.words)
    return postponed(found.words) if found.lost else unreachable(found.words)
