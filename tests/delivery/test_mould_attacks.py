"""Nobody's name adds a header, an addressee, a part or a tag to a copy."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser

import pytest
from hypothesis import given

from commsplan.delivery.moulds import mould_of
from commsplan.messages.models import Message
from commsplan.messages.rendering import Reader
from tests.cast import Cast
from tests.delivery.readers import NASTY, READERS, same_stage
from tests.messages.stage import BODY, READER, make_message


@pytest.fixture
def message(cast: Cast) -> Message:
    """Every personal field stands in its subject and its body."""
    fields = " {{ name }} {{ title }} {{ department }} {{ location }} {{ country }}"
    return make_message(cast, subject="Hello" + fields + " {{ manager_name }}", body=BODY + fields)


class _Tags(HTMLParser):
    """Keeps each tag with the names of its attributes; the subject stands in one's value."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, [name for name, _value in attrs]))


def _shape(message: Message, reader: Reader) -> tuple[object, ...]:
    """Return names of headers, types of parts, number of addressees, and tags."""
    raw = mould_of(message.latest, message, "en").pour(7, "zoe@northwind.example", reader)
    read = message_from_bytes(raw, policy=default)
    html = read.get_body(("html",)).get_content()  # type: ignore[union-attr]
    return (
        read.keys(),
        [part.get_content_type() for part in read.walk()],
        len(read["To"].addresses) + len(read["From"].addresses),
        _Tags(html).seen,
    )


@same_stage
@given(reader=READERS)
def test_no_reader_changes_the_shape_of_a_copy(message: Message, reader: Reader) -> None:
    assert _shape(message, reader) == _shape(message, READER)


@pytest.mark.parametrize("value", NASTY)
@pytest.mark.parametrize("field", ["first_name", "name", "department", "manager_name", "country"])
def test_no_value_known_to_be_nasty_does(message: Message, field: str, value: str) -> None:
    reader = Reader(**{**READER.__dict__, field: value})
    assert _shape(message, reader) == _shape(message, READER)


def test_a_sender_s_name_makes_no_header(message: Message, cast: Cast) -> None:
    before = cast.app.config["MAIL_FROM"]
    cast.app.config["MAIL_FROM"] = "=?utf-8?q?=0ABcc:_e=40x?= <comms@northwind.example>"
    try:
        raw = mould_of(message.latest, message, "en").pour(7, "zoe@northwind.example", READER)
    finally:
        cast.app.config["MAIL_FROM"] = before
    assert message_from_bytes(raw, policy=default)["Bcc"] is None
    assert b"\nBcc:" not in raw
