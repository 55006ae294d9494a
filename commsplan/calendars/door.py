"""Says "nothing has changed" before the web application wakes up: the answer of most fetches.

Calendar programmes ask every half hour and nearly always have the calendar already. That is settled
here with the address's signature and one row, in a tenth of the time that sessions, forms and
templates take to get ready. Whatever is not plainly so goes on to the application, which decides
everything anew: an unusual header, a feed that ended, a fetch to be written down. See
docs/decisions/0017.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy import (
    BigInteger,
    Engine,
    String,
    bindparam,
    cast,
    create_engine,
    event,
    func,
    select,
)

from commsplan.calendars.edition import edition_of
from commsplan.calendars.models import Feed
from commsplan.calendars.queries import SCOPE
from commsplan.calendars.rules import CACHE_SECONDS, ETAG_DIGITS, ZIPPED
from commsplan.foundation import logs
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import CLIENT_PATIENCE
from commsplan.foundation.errors import Absent
from commsplan.foundation.revisions import number_of
from commsplan.foundation.tokens import read_with, stamp_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX, ENDING = "/f/", ".ics"
ROUTE = "/f/<token>.ics"

_UNCHANGED = select(Feed.content_hash).where(
    Feed.id == bindparam("feed", type_=BigInteger()),
    Feed.generation == bindparam("generation", type_=BigInteger()),
    Feed.quiet_until > bindparam("now", type_=BigInteger()),
    Feed.basis
    == cast(func.coalesce(number_of(SCOPE), 0), String) + bindparam("edition", type_=String()),
)
"""The hash of a feed that is as it was, and of which nothing is to be written down."""


class Door:
    """Stands before the application; see above."""

    def __init__(self, app: Flask, inside: WSGIApplication, engine: Engine) -> None:
        self._app, self._inside, self._engine = app, inside, _without_ceremony(engine)
        compiled = _UNCHANGED.compile(dialect=engine.dialect)
        self._sql, self._order = str(compiled), getattr(compiled, "positiontup", None)
        self._fixed = {key: one for key, one in compiled.params.items() if one is not None}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer 304, or let the application answer."""
        if environ["PATH_INFO"].startswith(PREFIX) and "HTTP_IF_NONE_MATCH" in environ:
            began = time.monotonic()
            if etag := self._unchanged(environ):
                return _say_so(etag, start_response, began)
        return self._inside(environ, start_response)

    def _unchanged(self, environ: WSGIEnvironment) -> str:
        """Return the ETag that the client has, if the feed is still the same."""
        token = environ["PATH_INFO"].removeprefix(PREFIX)
        encodings = environ.get("HTTP_ACCEPT_ENCODING", "")
        plain = "*" not in encodings and "q=0" not in encodings  # else the application reads it
        if environ["REQUEST_METHOD"] != "GET" or not token.endswith(ENDING) or not plain:
            return ""
        try:
            stamp = stamp_of(str(self._app.config["SECRET_KEY"]), "feed")
            feed, generation = read_with(stamp, token.removesuffix(ENDING))
        except Absent:
            return ""
        digest = self._digest(feed, generation)
        zipped = "gzip" in encodings and self._app.config["FEED_GZIP"]
        etag = f'"{digest[:ETAG_DIGITS]}{ZIPPED if zipped else ""}"'
        return etag if digest and environ["HTTP_IF_NONE_MATCH"] == etag else ""

    def _digest(self, feed: int, generation: int) -> str:
        now = now_utc()
        edition = f".{edition_of(self._app.config, now)}"
        given: dict[str, Any] = {
            "feed": feed,
            "generation": generation,
            "now": int(now.timestamp()),
            "edition": edition,
            **self._fixed,
        }
        values = [given[name] for name in self._order] if self._order else given
        try:
            found = self._first(values)
        except self._engine.dialect.loaded_dbapi.Error:  # the server went away, or comes back
            self._engine.dispose()
            return ""
        return str(found[0]) if found else ""

    def _first(self, values: list[Any] | dict[str, Any]) -> tuple[str] | None:
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(self._sql, values)
            found: tuple[str] | None = cursor.fetchone()
            cursor.close()
        finally:
            connection.close()  # back to the pool
        return found


def _without_ceremony(engine: Engine) -> Engine:
    """Return the engine for single reads: one exchange with the server instead of four.

    SQLite has no server. On PostgreSQL a few connections of their own neither begin nor end a
    transaction, nor are asked beforehand whether they live: whoever finds one dead goes inside.
    """
    if engine.dialect.name == "sqlite":
        return engine
    own = create_engine(
        engine.url,
        connect_args=CLIENT_PATIENCE,
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
    )
    event.listen(engine, "engine_disposed", lambda _engine: own.dispose())
    return own


def _say_so(etag: str, start: StartResponse, began: float) -> Iterable[bytes]:
    """Answer as RFC 9110 §15.4.5 wants it, and log it as the application does."""
    identity = logs.begin("request")
    start(
        "304 NOT MODIFIED",
        [
            ("ETag", etag),
            ("Cache-Control", f"private, max-age={CACHE_SECONDS}"),
            ("Vary", "Accept-Encoding"),
            ("X-Robots-Tag", "noindex"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Request-Id", identity),
        ],
    )
    took = round(1000 * (time.monotonic() - began))
    logs.log().info("request", method="GET", route=ROUTE, status=304, ms=took)
    return ()
