"""A poured copy says, to any parser, exactly what `compose` says to its reader."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP, compat32, default

import pytest
from flask import Flask
from hypothesis import given

from commsplan.delivery.copies import may_leave, message_id, places_of
from commsplan.delivery.moulds import mould_of
from commsplan.foundation.addresses import message_address, unsubscribe_address
from commsplan.foundation.database import db
from commsplan.foundation.mail import Mail, build, header_safe
from commsplan.messages.models import Message
from commsplan.messages.rendering import Copy, Reader, compose, language_for
from tests.cast import Cast
from tests.delivery.readers import NASTY, READERS, name_in, same_stage
from tests.messages.stage import BODY, READER, make_message

COPY = 4711
TO = "zoe@northwind.example"
MORE = """
You are {{ title | a colleague }} in {{ location }}, {{ country | your country }}: {{ name }}.

    {{ name }} in code

## {{ department }}

[{{ first_name | you }}]({{ page_link }}), [dates]({{ calendar_link }}) until {{ action_due }}.
{{first_name}}{{manager_name}}
"""


@pytest.fixture
def message(cast: Cast) -> Message:
    """A message with every kind of slot, to readers who may leave."""
    message = make_message(
        cast, body=BODY + MORE, preview="For {{ name }}: {{ page_link }}", subject="{{ name }}, one"
    )
    message.plan.may_unsubscribe = True
    message.plan.status = "active"
    db.session.commit()
    return message


def _pour(message: Message, reader: Reader, to: str = TO) -> bytes:
    return mould_of(message.latest, message, language_for(reader)).pour(COPY, to, reader)


def _composed(message: Message, reader: Reader) -> Copy:
    places = places_of(COPY, message, may_leave(message))
    return compose(message.latest, message, reader, places)


def _read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)  # type: ignore[return-value]


def _words(raw: bytes, subtype: str) -> str:
    """Return a part's words as the older of the two parsers reads them."""
    for part in message_from_bytes(raw, policy=compat32).walk():
        if part.get_content_subtype() == subtype:
            return part.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n")  # type: ignore[union-attr]
    raise AssertionError(subtype)


def _same(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _check(message: Message, reader: Reader) -> None:
    raw, copy = _pour(message, reader), _composed(message, reader)
    assert _words(raw, "plain") == _same(copy.text)
    assert _words(raw, "html") == _same(copy.html)
    read = _read(raw)
    text, html = read.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == _same(copy.text)
    assert html.get_content().replace("\r\n", "\n") == _same(copy.html)
    assert str(read["Subject"]) == header_safe(copy.subject)
    folded = message_from_bytes(raw, policy=compat32)["Subject"]
    assert str(make_header(decode_header(re.sub(r"\r?\n", "", folded)))) == header_safe(
        copy.subject
    )
    assert read["To"].addresses[0].addr_spec == TO
    assert name_in(raw) == header_safe(reader.name)


@same_stage
@given(reader=READERS)
def test_any_reader_gets_what_compose_says(message: Message, reader: Reader) -> None:
    _check(message, reader)


@pytest.mark.parametrize("value", NASTY)
def test_so_does_a_reader_of_whom_all_is_nasty(message: Message, value: str) -> None:
    _check(message, Reader(*[value] * 7, language="fr"))


@same_stage
@given(reader=READERS)
def test_any_copy_is_ready_for_the_wire(message: Message, reader: Reader) -> None:
    raw = _pour(message, reader)
    lines = raw.split(b"\r\n")
    assert lines[-1] == b""
    assert b"\r" not in b"".join(lines)
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 78
    assert raw.isascii()
    body = lines[lines.index(b"") :]
    assert max(map(len, body)) <= 76
    assert not any(line.startswith((b".", b"From ")) or line.endswith(b" ") for line in body)


@pytest.mark.parametrize(
    "body",
    [
        ".\n\n..\n\n. {{ name }}\n.\n",
        "From here {{ first_name }}\n\nFrom there\n\n    From  code   with\tblanks  \n    .\n",
        "one\u2028two\u2029three\x85four\x0cfive {{ title }}",
        "    {{ name }}\t{{ department }}   {{ name }}  \n    --=_commsplan",
        "| a | b |\n|---|---|\n| {{ name }} | [x](https://x.example/?a=b&c=%3D) |",
        "=3D =\n= {{ country | =20 }}\n=?utf-8?q?=0ABcc:_e=40x?=",
        "😀" * 200 + "{{ location }}" + "ä" * 200,
        "x" * 2000,
    ],
)
def test_any_text_arrives_as_it_was_written(cast: Cast, body: str) -> None:
    message = make_message(cast, body=body)
    _check(message, READER)
    _check(message, replace(READER, name=". From\u2028=2E ", country=""))
    assert max(map(len, _pour(message, READER).split(b"\r\n"))) <= 78


def test_the_headers_are_those_the_standard_library_writes(message: Message) -> None:
    ours = _read(_pour(message, READER))
    copy = _composed(message, READER)
    theirs = build(
        Mail(
            to_name=READER.name,
            to_address=TO,
            subject=copy.subject,
            text=copy.text,
            html=copy.html,
            sender="Communications <communications@localhost>",
            message_id=message_id(COPY),
            headers={
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "OOF, AutoReply",
                "Feedback-ID": f"m{message.id}:p{message.plan_id}:commsplan:commsplan",
                "Reply-To": message.contact.email,  # type: ignore[union-attr]
                "List-Unsubscribe": f"<{unsubscribe_address(COPY)}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )
    )
    read = _read(theirs.as_bytes(policy=SMTP))
    del ours["Content-Language"]  # the library moves it into the first part
    assert sorted(ours.keys()) == sorted(read.keys())
    for name, value in read.items():
        if name not in ("Date", "Content-Type"):
            assert ours[name] == value


def test_the_message_id_is_the_one_it_always_was(message: Message) -> None:
    assert f"\r\nMessage-ID: <{message_id(COPY)}>\r\n".encode() in _pour(message, READER)


@pytest.mark.parametrize("name", ["has_survey", "may_unsubscribe"])
def test_what_a_message_has_not_stands_in_no_copy(message: Message, name: str) -> None:
    assert getattr(message if name == "has_survey" else message.plan, name)
    setattr(message if name == "has_survey" else message.plan, name, False)
    raw, copy = _pour(message, READER), _composed(message, READER)
    assert _words(raw, "plain") == copy.text
    assert _words(raw, "html") == _same(copy.html)
    assert (b"\r\nList-Unsubscribe" in raw) is (name != "may_unsubscribe")


def test_a_closed_plan_has_no_calendar(message: Message) -> None:
    assert "/c/" in _words(_pour(message, READER), "plain")
    message.plan.status = "archived"
    assert "/c/" not in _words(_pour(message, READER), "plain")


def test_an_address_may_stand_in_the_subject(cast: Cast) -> None:
    message = make_message(cast, subject="{{ page_link }} for {{ first_name }}")
    assert _read(_pour(message, READER))["Subject"] == f"{message_address(COPY)} for Zoë"


def test_a_new_title_makes_a_new_mould(message: Message) -> None:
    before = mould_of(message.latest, message, "en")
    assert mould_of(message.latest, message, "en") is before
    message.plan.title = "Another title"
    assert mould_of(message.latest, message, "en") is not before
    assert "Another title" in _words(_pour(message, READER), "plain")


def test_a_copy_is_labelled_with_the_language_of_its_words(message: Message) -> None:
    assert _read(_pour(message, replace(READER, language="de-AT")))["Content-Language"] == "de"
    assert _read(_pour(message, replace(READER, language="pl")))["Content-Language"] == "en"


def test_more_values_than_are_remembered_are_all_right(message: Message) -> None:
    for number in range(1100):
        raw = _pour(message, replace(READER, department=f"Depot {number}"))
        assert f"Depot {number}".encode() in raw


@pytest.mark.parametrize(
    "to",
    ["", "nobody", "a b@c", "a@b>, <x@y", "a@b\r\nBcc: x@y", "a@b\n", "@x", "a@@b", '"a"@b', "a@"],
)
def test_an_address_that_cannot_stand_in_a_header_fails_alone(message: Message, to: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        _pour(message, READER, to=to)
    assert _pour(message, READER)


def test_half_a_character_fails_alone(message: Message) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        _pour(message, replace(READER, department="\ud83d"))


def test_a_foreign_domain_is_written_in_idna(message: Message) -> None:
    raw = _pour(message, replace(READER, name="Zoe"), to="zoe@bücher.example")
    assert b"To: Zoe <zoe@xn--bcher-kva.example>\r\n" in raw


def test_a_foreign_mailbox_stays_utf_8(message: Message) -> None:
    raw = _pour(message, replace(READER, name="Zoe"), to="zoë@bücher.example")
    assert "To: Zoe <zoë@xn--bcher-kva.example>\r\n".encode() in raw


def test_a_foreign_contact_does_not_make_every_header_foreign(message: Message) -> None:
    message.contact.email = "zoë@northwind.example"  # type: ignore[union-attr]  # it has one
    assert b"\r\nReply-To:" not in _pour(message, READER)


def test_a_sender_beyond_ascii_is_refused(app: Flask, message: Message) -> None:
    before = app.config["MAIL_FROM"]
    app.config["MAIL_FROM"] = "Zoë <zoë@northwind.example>"
    try:
        with pytest.raises(ValueError, match="MAIL_FROM"):
            mould_of(message.latest, message, "en")
    finally:
        app.config["MAIL_FROM"] = before


def test_five_thousand_copies_take_less_than_a_second(message: Message) -> None:
    mould, began = mould_of(message.latest, message, "en"), time.process_time()
    for number in range(5_000):
        mould.pour(number, TO, replace(READER, first_name=f"Zoë {number}", name=f"Zoë {number}"))
    assert time.process_time() - began < 1.0


def test_a_long_subject_is_folded_in_plain_words(app: Flask, cast: Cast) -> None:
    subject = "An agreement about many long words that " * 4 + "end"
    head = _pour(make_message(cast, subject=subject), READER).split(b"\r\nDate:")[0]
    assert b"=?" not in head.split(b"Subject:")[1]
    assert re.sub(rb"\r\n ", b" ", head).endswith(subject.encode())
