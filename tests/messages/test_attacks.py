"""Neither a writer nor a person's name can smuggle anything into a copy."""

import time
from dataclasses import replace

import pytest
from flask import Flask

from commsplan.foundation.mail import Mail, build
from commsplan.messages.markdown import Fault, is_address, read_body
from commsplan.messages.rendering import compose, web_body
from commsplan.messages.rules import BODY_LIMIT, LINK_LIMIT
from tests.cast import Cast
from tests.messages.stage import PLACES, READER, make_message

SCRIPTS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "<svg/onload=alert(1)>",
    '<https://x.example/"onmouseover=alert(1)>',
    '[x](https://x.example/ "\' onclick=alert(1) title=")',
    "\ue000page\ue001<script>",
    "`</code><script>alert(1)</script>`",
]
NAMES = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "**bold** [x](javascript:alert(1))",
    "{{ manager_name }}",
    "\ue000page\ue001",
    "Ada\r\nBcc: everyone@x.example",
]
TAGS = ("<script", "<img", "<svg", "onerror=", "onclick=", "javascript:", "vbscript:", "data:")


def _tags(html: str) -> list[str]:
    """Everything between < and >, in lower case: what a browser would act on."""
    return [part.split(">")[0].lower() for part in html.split("<")[1:]]


@pytest.mark.parametrize("text", SCRIPTS)
def test_a_text_brings_no_script_along(text: str) -> None:
    tags = _tags(read_body(text).html)
    assert not any(bad.strip("<") in tag for tag in tags for bad in TAGS)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_only_ever_words(cast: Cast, name: str) -> None:
    message = make_message(cast, body="Hello {{ name }}, *bye*", subject="One")
    reader = replace(READER, name=name)
    clean = compose(message.latest, message, replace(READER, name="Ada"), PLACES)
    copy = compose(message.latest, message, reader, PLACES)
    assert _tags(copy.html) == _tags(clean.html)
    assert _tags(web_body(message.latest, reader, str)) == ["p", "em", "/em", "/p"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_starts_no_header(cast: Cast, name: str) -> None:
    message = make_message(cast, subject="For {{ name }}")
    copy = compose(message.latest, message, replace(READER, name=name), PLACES)
    mail = build(
        Mail(
            to_name=name,
            to_address="ada@northwind.example",
            subject=copy.subject,
            text=copy.text,
            html=copy.html,
            sender="News <news@northwind.example>",
            message_id="1@northwind.example",
        )
    )
    assert mail["Bcc"] is None
    assert b"\nBcc:" not in mail.as_bytes().split(b"\r\n\r\n")[0]


@pytest.mark.parametrize("text", ["{{ 7*7 }}", "{{ config }}", "{% for x in y %}", "{{ name.x }}"])
def test_a_template_is_text(cast: Cast, text: str) -> None:
    message = make_message(cast, body=text, subject="One")
    assert text in compose(message.latest, message, READER, PLACES).text


@pytest.mark.parametrize("text", ["{{ 7*7 }}", "{{ config }}", "{{ name.__class__ }}"])
def test_what_is_no_field_is_refused_at_saving(cast: Cast, text: str) -> None:
    message = make_message(cast)
    answer = cast.as_(cast.lead).post(
        f"/messages/{message.id}", data={"subject": "One", "body": text, "base": 1}
    )
    assert answer.status_code == 422
    assert "There is no field" in answer.text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("[x](javascript:alert(1))", "is not an address"),
        ("[x](/somewhere)", "is not an address"),
        ("![x](https://x.example/y.png)", "Pictures are not sent"),
        ("[x](https://x.example/{{ name }})", "cannot stand inside an address"),
        ("[x](https://user:pass@x.example/)", "is not an address"),
        ("[x](https://x.example/) " * (LINK_LIMIT + 1), "at most 50 are counted"),
        ("x" * (BODY_LIMIT + 1), "at most 20000 fit"),
        ("x" * 1_000_000, "at most 20000 fit"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_in_words(cast: Cast, body: str, words: str) -> None:
    message = make_message(cast)
    answer = cast.as_(cast.lead).post(
        f"/messages/{message.id}", data={"subject": "One", "body": body, "base": 1}
    )
    assert answer.status_code == 422
    assert words in answer.text


@pytest.mark.parametrize(
    "pattern", ["[", "> ", "*a ", "**a_", "- ", "`", "![", "<", "[a](", "{{", "|", "a|b\n-|-\n"]
)
def test_no_text_takes_long_to_read(app: Flask, pattern: str) -> None:
    began = time.process_time()
    read_body((pattern * BODY_LIMIT)[:BODY_LIMIT])
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "address",
    ["https://", "http:x", "//x.example", "https://x .example", "https://a\\b", "mailto:nobody"],
)
def test_half_an_address_is_none(address: str) -> None:
    assert not is_address(address)


def test_a_picture_leaves_its_words() -> None:
    body = read_body("See ![the plan of the depot](https://x.example/y.png)")
    assert body.faults == ((Fault.PICTURE, "the plan of the depot"),)
    assert body.html == "<p>See the plan of the depot</p>\n"


def test_every_problem_of_a_text_is_named_at_once(cast: Cast) -> None:
    message = make_message(cast)
    body = "{{ fristname }} [x](javascript:alert(1))"
    answer = cast.as_(cast.lead).post(
        f"/messages/{message.id}", data={"subject": "One", "body": body, "base": 1}
    )
    assert "Did you mean “first_name”?" in answer.text
    assert "is not an address" in answer.text
