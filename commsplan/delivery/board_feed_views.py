"""What feed readers fetch: the notice board behind one secret address per person."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.delivery.board_actions import note_content
from commsplan.delivery.board_feeds import Board, atom, json_feed, rss
from commsplan.delivery.board_queries import Notice, board_feed_behind, notices_for
from commsplan.delivery.outlet_models import BoardFeed
from commsplan.foundation.addresses import absolute, board_address
from commsplan.foundation.languages import speak
from commsplan.people.access import public
from commsplan.people.queries import language_of

pages = Blueprint("board_feeds", __name__)

FRESH_SECONDS = 300
WRITERS: dict[str, tuple[str, Callable[[Board, Sequence[Notice]], bytes]]] = {
    "rss": ("application/rss+xml; charset=utf-8", rss),
    "atom": ("application/atom+xml; charset=utf-8", atom),
    "json": ("application/feed+json; charset=utf-8", json_feed),
}


@pages.get("/board/feed/<token>.<any(rss, atom, json):form>")
@public
def fetch(token: str, form: str) -> ResponseReturnValue:
    """The board behind a secret address; 304 when the reader has it already."""
    feed = board_feed_behind(token)
    speak(language_of(feed.person))
    notices = notices_for(feed.person)
    kind, write = WRITERS[form]
    body = write(_board(feed, form), notices)
    shown = hashlib.sha256(json_feed(_board(feed, "json"), notices)).hexdigest()
    answer = Response(body, content_type=kind)
    answer.last_modified = note_content(feed, shown)
    answer.set_etag(hashlib.sha256(body).hexdigest()[:32])
    answer.headers["Cache-Control"] = f"private, max-age={FRESH_SECONDS}"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer.make_conditional(request)


def _board(feed: BoardFeed, form: str) -> Board:
    organisation = str(current_app.config["ORGANISATION"])
    return Board(
        title=_("Notice board of %(organisation)s", organisation=organisation),
        about=_("What was announced to %(name)s.", name=feed.person.name),
        author=organisation,
        page=absolute("/board/"),
        address=board_address(feed.person_id, feed.generation, form),
        language=str(current_app.config["DEFAULT_LANGUAGE"]),
        since=feed.created_at,
    )
