"""Mail about invitations, among all that comes in: the reader that stands in front of the others.

It is about an invitation when it came to the address of one, or brings a calendar that answers.

1. A calendar part with a METHOD is an answer, whatever else the mail claims to be: rooms and
   assistants mark theirs as automatic (RFC 3834) and mean it.
2. Otherwise the other readers say what it is: a bounce, an out-of-office note, a complaint.
3. What none of them knows is a person's own words.

Only the calendar is handed on; what counts is decided in calendars/reply_taking.py.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from email.utils import parseaddr

from commsplan.calendars.invitation_rules import NOTE_LENGTH
from commsplan.calendars.reply_address import invitation_id_in
from commsplan.calendars.reply_taking import (
    Sender,
    take_automatic,
    take_bounce,
    take_reply,
    take_words,
)
from commsplan.delivery.bounce_rules import Action, without_addresses
from commsplan.delivery.report_mail import RETURNED, Incoming, Reading, reading_of
from commsplan.delivery.reports import READERS

CALENDAR_TYPES = ("text/calendar", "application/ics")
MOST_PARTS = 100
QUOTED = re.compile(
    r"^(?:>|-{3,}|_{8,}|(?:On|Am|Le|El)\b.{5,200}\b(?:wrote|schrieb|écrit|escribió)\b)"
)
"""Lines that mail programs put in front of what they quote."""
BOUNCED = frozenset({Action.FAILED})


def invitation_answer(mail: Incoming) -> Reading | None:
    """Recognise mail about an invitation."""
    invitation_id = _invitation_meant(mail)
    calendar = next(_calendars(mail.message), None)
    if calendar is not None:
        return _answered(mail, calendar, invitation_id)
    return _otherwise(mail, invitation_id) if invitation_id is not None else None


def _invitation_meant(mail: Incoming) -> int | None:
    """Return whose invitation's address a mail came to."""
    recipients = (mail.recipient, *reading_of(mail, "other").recipients)
    known = (invitation_id_in(address) for address in recipients)
    return next((found for found in known if found is not None), None)


def _calendars(message: Message) -> Iterator[bytes]:
    """Return the calendar parts that are this mail's own, not those of a mail it returns."""
    for part in _own_parts(message):
        if part.get_content_type() in CALENDAR_TYPES:
            octets = part.get_payload(decode=True)
            octets = octets if isinstance(octets, bytes) else b""
            if part.get_param("method") or b"METHOD" in octets.upper():
                yield octets


def _own_parts(message: Message) -> Iterator[Message]:
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(0), seen + 1
        yield part
        payload = part.get_payload()
        if isinstance(payload, list) and part.get_content_type() not in RETURNED:
            waiting = [one for one in payload if isinstance(one, Message)] + waiting


def _answered(mail: Incoming, calendar: bytes, invitation_id: int | None) -> Reading:
    address = parseaddr(mail.header("From"))[1].strip().lower()
    sender = Sender(address, invitation_id)
    reading = reading_of(mail, "invitation", words=mail.header("Subject"))
    content = hashlib.sha256(repr((sender, calendar)).encode()).hexdigest()
    own_id = f"{reading.own_id} {content}" if reading.own_id else ""
    return replace(
        reading,
        own_id=own_id,  # nobody keeps an answer out by writing under its Message-ID first
        effect=lambda _copy: _done(take_reply(calendar, sender)),
    )


def _otherwise(mail: Incoming, invitation_id: int) -> Reading:
    """Say what a mail without a calendar is, by the other readers."""
    others = (reader(mail) for reader in READERS)
    reading = next((found for found in others if found is not None), None)
    if reading is None:
        words = _first_words(mail)
        reading = reading_of(mail, "invitation", words=mail.header("Subject"))
        return replace(reading, effect=lambda _copy: _done(take_words(invitation_id, words)))
    words = without_addresses(reading.words)[:NOTE_LENGTH]
    if any(fate.action in BOUNCED for fate in reading.fates):
        return replace(reading, effect=lambda _copy: _done(take_bounce(invitation_id, words)))
    return replace(reading, effect=lambda _copy: _done(take_automatic(invitation_id, words)))


def _first_words(mail: Incoming) -> str:
    """Return what a person wrote, without what their program quotes below it."""
    lines: list[str] = []
    for line in mail.text.splitlines():
        if QUOTED.match(line.strip()) and lines:
            break
        lines.append(line.strip())
    return without_addresses(" ".join(filter(None, lines)))[:NOTE_LENGTH]


def _done(_verdict: object) -> None:
    """End an effect: what became of it stands in the database."""
