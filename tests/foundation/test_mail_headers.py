"""No value can start a header of its own, whatever it hides in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commsplan.foundation.mail import Mail, build, header_safe

ATTACKS = [
    "Hello\r\nBcc: e@x.example",
    "Hello =?utf-8?q?=0ABcc:_e=40x.example?=",
    "=?utf-8?b?PT91dGYtOD9xPz0wQUJjYzpfZT00MHguZXhhbXBsZT89?=",
    "Hello\u2028Bcc: e@x.example",
    "Hello\x00\x0bBcc: e@x.example",
]


def _mail(subject: str, name: str = "Ada") -> Mail:
    return Mail(
        to_name=name,
        to_address="ada@northwind.example",
        subject=subject,
        text="Hello",
        html="<p>Hello</p>",
        sender=f"{subject} <news@northwind.example>".replace("<<", "<")
        if subject.isalnum()
        else "News <news@northwind.example>",
        message_id="1.abc@northwind.example",
        headers={"List-Id": subject},
    )


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_stays_inside_its_header(attack: str) -> None:
    raw = build(_mail(attack, name=attack)).as_bytes()
    assert b"\nbcc:" not in raw.lower()


@given(st.text(max_size=120))
def test_any_text_becomes_one_line(text: str) -> None:
    safe = header_safe(text)
    assert safe.splitlines() in ([], [safe])
    assert "=?" not in safe
