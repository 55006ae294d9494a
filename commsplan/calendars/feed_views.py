"""What calendar programmes fetch: one secret address per person and plan."""

from __future__ import annotations

import gzip
import hashlib

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.utils import secure_filename

from commsplan.calendars.actions import note_fetch
from commsplan.calendars.events import farewell_bytes, feed_bytes
from commsplan.calendars.queries import feed_behind
from commsplan.calendars.rules import Standing, client_name
from commsplan.foundation.clock import now_utc
from commsplan.foundation.languages import speak
from commsplan.people.access import public
from commsplan.people.queries import language_of

pages = Blueprint("feeds", __name__)

FRESH_SECONDS = 300
GZIP_LEVEL = 6


@pages.get("/f/<token>.ics")
@public
def fetch(token: str) -> ResponseReturnValue:
    """The calendar behind a secret address; 304 when the client has it already."""
    feed, standing, asked = feed_behind(token)
    speak(language_of(feed.person))
    if standing is Standing.LIVE:
        body = feed_bytes(feed, now_utc())
        digest = hashlib.sha256(body).hexdigest()
        changed = note_fetch(feed, digest, client_name(request.user_agent.string))
    else:
        body = farewell_bytes(feed, standing, asked)
        digest = hashlib.sha256(body).hexdigest()
        changed = feed.revoked_at or feed.renewed_at or feed.created_at
    answer = _answer(body, digest, feed.plan.title)
    answer.last_modified = changed
    return answer.make_conditional(request)


def _answer(body: bytes, digest: str, title: str) -> Response:
    """Wrap a calendar for HTTP; compressed where the client takes it, under an ETag of its own."""
    zipped = request.accept_encodings.quality("gzip") > 0
    answer = Response(
        gzip.compress(body, GZIP_LEVEL, mtime=0) if zipped else body,
        content_type="text/calendar; charset=utf-8",
    )
    if zipped:
        answer.headers["Content-Encoding"] = "gzip"
    answer.set_etag(f"{digest[:32]}{'-gzip' if zipped else ''}")
    name = secure_filename(title)[:60] or "plan"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.ics"'
    answer.headers["Cache-Control"] = f"private, max-age={FRESH_SECONDS}"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
