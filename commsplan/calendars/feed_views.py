"""What calendar programmes fetch: one secret address per person and calendar, or a public one."""

from __future__ import annotations

import gzip
import hashlib

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.utils import secure_filename

from commsplan.calendars.feeds import farewell_bytes, make_feed
from commsplan.calendars.heads import name_of
from commsplan.calendars.keeping import keep, note_fetch
from commsplan.calendars.models import Feed
from commsplan.calendars.queries import Glance, feed_for_making, glance_at, glance_behind
from commsplan.calendars.rules import (
    CACHE_SECONDS,
    ETAG_DIGITS,
    ZIPPED,
    Standing,
    client_name,
)
from commsplan.calendars.shelf import shelf
from commsplan.foundation.clock import now_utc
from commsplan.foundation.languages import speak
from commsplan.people.access import public
from commsplan.people.queries import language_of

pages = Blueprint("feeds", __name__)

GZIP_LEVEL = 6


@pages.get("/f/<token>.ics")
@public
def fetch(token: str) -> ResponseReturnValue:
    """The calendar behind a secret address; 304 when the client has it already."""
    return _answer(glance_behind(token), "private")


@pages.get("/calendars/<slug>.ics")
@public
def fetch_public(slug: str) -> ResponseReturnValue:
    """The calendar of a plan that everybody may have."""
    return _answer(glance_at(slug), "public")


def _answer(glance: Glance, whose: str) -> Response:
    """Answer from the one row where that is enough, else with the calendar."""
    if glance.standing is not Standing.LIVE:
        return _say_farewell(glance, whose)
    zipped = _takes_gzip()
    body = shelf.get(glance.digest) if glance.is_current else None
    if glance.is_current and (same := _not_modified(glance, zipped, whose)):
        _note(glance)
        return same
    if body is None:
        glance, body = _made(glance)
    _note(glance)
    return _wrap(body, glance, zipped, whose)


def _made(glance: Glance) -> tuple[Glance, bytes]:
    feed = feed_for_making(glance.feed_id)
    _speak(feed)
    made = make_feed(feed, now_utc())
    shelf.put(made.digest, made.body)
    return keep(glance, made), made.body


def _note(glance: Glance) -> None:
    if request.method == "GET":
        note_fetch(glance, client_name(request.user_agent.string))


def _say_farewell(glance: Glance, whose: str) -> Response:
    feed = feed_for_making(glance.feed_id)
    _speak(feed)
    body = farewell_bytes(feed, glance.standing, glance.asked)
    changed = feed.revoked_at or feed.renewed_at or feed.created_at
    ended = glance.at(0, hashlib.sha256(body).hexdigest(), changed, None)
    return _wrap(body, ended, _takes_gzip(), whose)


def _not_modified(glance: Glance, zipped: bool, whose: str) -> Response | None:
    answer = _bare(b"", glance, zipped, whose)
    answer.make_conditional(request)
    return answer if answer.status_code == 304 else None


def _wrap(body: bytes, glance: Glance, zipped: bool, whose: str) -> Response:
    """Wrap a calendar for HTTP; compressed where the client takes it, under an ETag of its own."""
    answer = _bare(_zipped(body, glance.digest) if zipped else body, glance, zipped, whose)
    name = secure_filename(name_of(feed_for_making(glance.feed_id)))[:60] or "calendar"
    answer.headers["Content-Disposition"] = f'{_place()}; filename="{name}.ics"'
    if zipped:
        answer.headers["Content-Encoding"] = "gzip"
    answer.make_conditional(request)
    return answer


def _bare(body: bytes, glance: Glance, zipped: bool, whose: str) -> Response:
    answer = Response(body, content_type="text/calendar; charset=utf-8")
    answer.set_etag(f"{glance.digest[:ETAG_DIGITS]}{ZIPPED if zipped else ''}")
    answer.last_modified = glance.changed_at
    answer.headers["Cache-Control"] = f"{whose}, max-age={CACHE_SECONDS}"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _place() -> str:
    return "attachment" if "download" in request.args else "inline"


def _takes_gzip() -> bool:
    return bool(current_app.config["FEED_GZIP"]) and request.accept_encodings.quality("gzip") > 0


def _zipped(body: bytes, digest: str) -> bytes:
    found = shelf.get(digest + ZIPPED)
    if found is None:
        found = gzip.compress(body, GZIP_LEVEL, mtime=0)
        shelf.put(digest + ZIPPED, found)
    return found


def _speak(feed: Feed) -> None:
    default = str(current_app.config["DEFAULT_LANGUAGE"])
    speak(language_of(feed.person) if feed.person else default)
