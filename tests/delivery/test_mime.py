"""The quick writer says exactly what the standard library's says, and no input breaks out of it."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest
from hypothesis import given
from hypothesis import strategies as some

from commsplan.delivery.mime import write
from commsplan.foundation.mail import Mail, build, header_safe

TEXTS = some.text(some.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=300)
LINES = some.lists(TEXTS, max_size=5).map("\n".join)


def _mail(**changes: object) -> Mail:
    values: dict[str, object] = {
        "to_name": "Zoë O'Hara",
        "to_address": "zoe@northwind.example",
        "subject": "One page for everything",
        "text": "Hello\n.\n.. there\nFrom here = on\n",
        "html": "<p>Größe</p>\n",
        "sender": "Northwind Rail <comms@northwind.example>",
        "message_id": "d7.0123456789abcdef@northwind.example",
        "headers": {"List-Unsubscribe": "<https://x.example/u/abc>", "Auto-Submitted": "no"},
        **changes,
    }
    return Mail(**values)  # type: ignore[arg-type]


def _read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)  # type: ignore[return-value]


def _parts(message: EmailMessage) -> list[tuple[str, list[str]]]:
    return [
        (part.get_content_type(), part.get_content().splitlines()) for part in message.iter_parts()
    ]


def test_it_says_what_the_standard_library_says() -> None:
    ours, theirs = _read(write(_mail())), _read(build(_mail()).as_bytes(policy=SMTP))
    assert _parts(ours) == _parts(theirs)
    for name, value in theirs.items():
        if name not in ("Date", "Content-Type"):
            assert ours[name] == value


@given(subject=TEXTS, name=TEXTS, text=LINES)
def test_whatever_is_written_is_read_again(subject: str, name: str, text: str) -> None:
    read = _read(write(_mail(subject=subject, to_name=name, text=text)))
    assert " ".join(read["Subject"].split()) == header_safe(subject)
    assert read["To"].addresses[0].addr_spec == "zoe@northwind.example"
    assert _parts(read)[0][1] == (text.splitlines() or [""])


@pytest.mark.parametrize(
    "evil",
    [
        "Hello\r\nBcc: everybody@northwind.example",
        "=?utf-8?q?=0ABcc:_e=40x?=",
        "=?utf-8?b?SGVsbG8KQmNjOiB4QHk=?=",
        "Hello\u2028Bcc: x@y",
        'a" <x@y>, "b',
    ],
)
@pytest.mark.parametrize("where", ["subject", "to_name", "sender"])
def test_no_value_makes_a_header_or_an_addressee(evil: str, where: str) -> None:
    value = f"{evil} <comms@northwind.example>" if where == "sender" else evil
    try:
        read = _read(write(_mail(**{where: value})))
    except ValueError:
        return
    assert read["Bcc"] is None
    assert len(read["To"].addresses) == 1
    assert [name for name in read if name == "From"] == ["From"]


@pytest.mark.parametrize(
    "address", ["", "nobody", "a b@c", "a@b>, <x@y", "a@b\r\nBcc: x@y", "zoë@northwind.example"]
)
def test_an_address_that_cannot_stand_in_a_header_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"not"):
        write(_mail(to_address=address))


def test_no_line_is_longer_than_mail_allows() -> None:
    raw = write(_mail(subject="ä" * 300, to_name="Ø" * 200, text="word " * 500))
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
