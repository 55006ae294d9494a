"""What the engine sends through a real Postfix reaches the mailbox as it was meant."""

from __future__ import annotations

import time
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commsplan.delivery.copies import may_leave, places_of
from commsplan.delivery.models import Delivery
from commsplan.foundation.database import db
from commsplan.foundation.mail import header_safe
from commsplan.messages.rendering import Copy, compose, reader_of
from commsplan.messages.rules import Content, clean
from tests.postfix.conftest import Mailing

pytestmark = pytest.mark.mainline

EXAMPLES, PEOPLE = 4, 50  # 200 copies
NASTY = (
    ".", "..", ". a dot first", "From here", "=?utf-8?q?=0ABcc:_evil=40x.example?=",
    "a\r\nBcc: x@y", 'quote " and \\ backslash', "<b>bold</b> & co", "Zoë Ünïcode", "李小龙",
    "عمر الخيام", "👩🏽‍🚀🚀" * 20, "x" * 200, "é" * 200, "a b " * 50, "=3D=20=", "{{ first_name }}",
    "a space at the end ", "\u202eto the left", "comma, Comma; (and) a comment",
)  # fmt: skip
PRINTABLE = st.characters(exclude_categories=("Cs", "Co", "Cc"))
NAMES = st.lists(
    st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=("Cs",)), min_size=1),
    min_size=PEOPLE,
    max_size=PEOPLE,
).map(lambda names: [name.replace("\0", "")[:200] or "." for name in names])
SUBJECTS = st.text(PRINTABLE, min_size=1, max_size=150)
LINES = st.sampled_from(
    [".", "..", ".hidden", "From me", "=20", "-- ", "x" * 2000, "é" * 1100, "🚀" * 600]
)
BODIES = st.lists(LINES | st.text(PRINTABLE, max_size=300), min_size=1, max_size=12)
numbers = count()


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=list(HealthCheck),
    phases=settings.default.phases[:3],
)
@given(names=NAMES, subject=SUBJECTS, lines=BODIES)
def test_nasty_names_and_texts_arrive_as_they_were_meant(
    mailing: Mailing, names: list[str], subject: str, lines: list[str]
) -> None:
    body = clean("\n\n".join([*lines, "Hello {{ name }} at {{ location | . }}"]))
    run = next(numbers)
    people = {f"p{run}.{at}@northwind.example": name for at, name in enumerate(names)}
    content = Content(subject=clean(subject + " {{ first_name }}")[:200], body=body)
    send_id = mailing.send(people, content)
    mailing.made.wait_for(send_id, 60)
    assert mailing.made.states(send_id) == {"accepted": PEOPLE}
    arrived = _arrived(mailing, set(people))
    for address, (name, copy) in _meant(mailing, send_id).items():
        assert _read(arrived[address]) == _as_meant(address, name, copy)


def _arrived(mailing: Mailing, addresses: set[str]) -> dict[str, EmailMessage]:
    """Wait until each address has exactly one mail; return them."""
    end = time.monotonic() + 60
    while True:
        mails = [one for one in mailing.server.mails() if one["X-Original-To"] in addresses]
        if len(mails) >= len(addresses) or time.monotonic() > end:
            break
        time.sleep(0.2)
    found = {str(mail["X-Original-To"]): mail for mail in mails}
    assert len(found) == len(mails) == len(addresses), mailing.server.log()[-2000:]
    return found


def _meant(mailing: Mailing, send_id: int) -> dict[str, tuple[str, Copy]]:
    """Return name and text of each copy, composed by the renderer that the previews use."""
    with mailing.made.app.app_context():
        rows = db.session.query(Delivery).filter_by(send_id=send_id).all()
        found = {
            row.address: (
                row.person.name,
                compose(
                    row.send.version,
                    row.message,
                    reader_of(row.person),
                    places_of(row.id, row.message, may_leave(row.message)),
                ),
            )
            for row in rows
        }
        db.session.remove()
    return found


def _read(mail: EmailMessage) -> dict[str, object]:
    """Return what a mail says, as Python's own parser reads it."""
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert page is not None
    return {
        "to": _mailbox(mail),
        "subject": mail["Subject"],
        "hidden": mail["Bcc"],
        "text": _lines(text.get_content()),
        "page": _lines(page.get_content()),
        "defects": mail.defects,
    }


def _mailbox(mail: EmailMessage) -> tuple[str, str]:
    """Return name and address of the To header.

    Not by `mail["To"].addresses`: in a name of several encoded words CPython 3.11 keeps the blanks
    between them, against RFC 2047 §6.2.
    """
    raw = dict(mail.raw_items())["To"].replace("\n", "")
    name, address = parseaddr(raw)
    return str(make_header(decode_header(name))), address


def _as_meant(address: str, name: str, copy: Copy) -> dict[str, object]:
    return {
        "to": (header_safe(name), address),
        "subject": header_safe(copy.subject),
        "hidden": None,
        "text": _lines(copy.text),
        "page": _lines(copy.html),
        "defects": [],
    }


def _lines(text: str) -> list[str]:
    return text.rstrip().splitlines()
