"""A mould: one version in one language, encoded once, into which each copy's values are poured.

Markdown, MJML, Jinja, the breaking of lines, quoted-printable and the folding of headers happen
once for all copies. A copy is a join of bytes: what stays the same, and what is the reader's, each
value encoded for where it stands.
"""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter

from flask import current_app

from commsplan.delivery.casting import Body, Subject, Token, Ways
from commsplan.delivery.copies import Fields, host_of_ids, may_leave, places_of
from commsplan.delivery.header_words import date_of, mailbox
from commsplan.delivery.heads import Post, Seals, form_of, headers_of, way_out
from commsplan.foundation import addresses
from commsplan.foundation.clock import now_utc
from commsplan.foundation.dkim_keys import signing_keys
from commsplan.foundation.tokens import Stamp, payload_of
from commsplan.messages.models import Message, Version
from commsplan.messages.rendering import Reader, content_of, sheet_of
from commsplan.messages.rules import PERSONAL_FIELDS
from commsplan.messages.skeleton import Sheet, Skeleton, skeleton_of

MOULDS = 32  # kept: a few sends at once, each in a few languages
NAME = PERSONAL_FIELDS.index("name")
_fields_of = attrgetter(*PERSONAL_FIELDS)


def mould_of(version: Version, message: Message, language: str) -> Mould:
    """Return the mould of a version for readers of one language, as `language_for` tells it.

    Kept by all that changes its bytes: it is made once for a send, and anew once a setting or the
    plan's title has changed. Needs the application's context.

    Raises:
        ValueError: sender or contact cannot stand in a header, so that no copy can be written.
        Unreadable: a key that should sign cannot be read.
    """
    leave, config = may_leave(message), current_app.config
    sheet = sheet_of(content_of(version), message, language, places_of(0, message, leave))
    post = Post(
        base=str(config["BASE_URL"]),
        key=str(config["SECRET_KEY"]),
        sender=str(config["MAIL_FROM"]),
        host=host_of_ids(),
        reply_to=message.contact.email if message.contact else "",
        feedback=f"m{message.id}:p{message.plan_id}:commsplan:commsplan",
        may_leave=leave,
        language=language,
        keys=signing_keys(),
    )
    return _cast(sheet, post)


@lru_cache(maxsize=MOULDS)
def _cast(sheet: Sheet, post: Post) -> Mould:
    return Mould(sheet, skeleton_of(sheet), post)


class Mould:
    """All that the copies of one version in one language share, as bytes with gaps."""

    def __init__(self, sheet: Sheet, skeleton: Skeleton, post: Post) -> None:
        key = post.key.encode()
        ways = _ways(sheet, post, key)
        boundary = f"=_commsplan.{sheet.content.hash[:16]}"  # quoted-printable never writes "=_"
        self._body = Body(skeleton, ways, boundary, sheet.language)
        self._subject = Subject(skeleton.subject, ways, sheet.language)
        headers = headers_of(post, boundary)
        self._head = form_of(headers)
        self._seals = Seals(headers, post.keys) if post.keys else None
        self._ids = Stamp(key, "message-id").mac
        self._host = post.host.encode("ascii")
        self._way_out = way_out(post.base + addresses.UNSUBSCRIBE.path)
        self._leave_at = self._body.place_of.get(Token(addresses.UNSUBSCRIBE), 0)

    def pour(self, delivery_id: int, address: str, reader: Reader) -> bytes:
        """Return one copy, as `fill` does."""
        return self.fill(delivery_id, address, _fields_of(reader))

    def fill(self, delivery_id: int, address: str, fields: Fields) -> bytes:
        """Return one copy, ready for the wire: CRLF, no line that begins with a dot.

        Raises:
            ValueError: it cannot be written; it fails alone, never the send.
        """
        values = self._body.values(fields, payload_of(delivery_id))
        second = int(now_utc().timestamp())
        own = [  # in the order of heads.Own
            mailbox("To", fields[NAME], address),
            self._subject.filled(fields, delivery_id),
            date_of(second),
            self._message_id(delivery_id),
            b"%b%b>" % (self._way_out, values[self._leave_at]),
        ]
        head, body = self._head.pieces(own), self._body.pieces(values)
        if self._seals:
            head = self._seals.headers(own, b"".join(body), second) + head
        return b"".join(head + body)

    def _message_id(self, delivery_id: int) -> bytes:
        """Return what `copies.message_id` returns, in its brackets."""
        mark = self._ids(str(delivery_id).encode())[:8].hex()
        return b"<d%d.%b@%b>" % (delivery_id, mark.encode(), self._host)


def _ways(sheet: Sheet, post: Post, key: bytes) -> Ways:
    """Return the addresses a copy has, by the names the skeleton gives them."""
    named = {"page": addresses.MESSAGE, "page_link": addresses.MESSAGE}
    for there, name, way in (
        (sheet.has_pixel, "pixel", addresses.PIXEL),
        (sheet.has_unsubscribe, "unsubscribe", addresses.UNSUBSCRIBE),
        (sheet.has_survey, "survey_link", addresses.SURVEY),
        (sheet.has_calendar, "calendar_link", addresses.CALENDAR),
    ):
        if there:
            named[name] = way
    return Ways(post.base, key, named)
