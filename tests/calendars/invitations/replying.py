"""Answers as calendar programs write them, made from the invitation that they answer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage, Message
from email.utils import parseaddr

from commsplan.foundation.clock import now_utc
from tests.calendars.invitations.conftest import events_of


def reply_ics(
    invitation: Message,
    partstat: str,
    *,
    method: str = "REPLY",
    stamp: datetime | None = None,
    **changes: str,
) -> bytes:
    """Return the calendar that a program sends back.

    Args:
        invitation: the mail that is answered.
        partstat: ACCEPTED, DECLINED, TENTATIVE.
        stamp: DTSTAMP; soon, by default, as if the person took a minute.
        changes: other lines, by name: uid, sequence, attendee, comment, extra (a whole line).
    """
    event = events_of(invitation)[0]
    written = (stamp or now_utc() + timedelta(minutes=1)).astimezone(UTC)
    attendee = changes.get("attendee", str(event["ATTENDEE"]).removeprefix("mailto:"))
    lines = [
        *("BEGIN:VCALENDAR", "PRODID:-//Some client//EN", "VERSION:2.0", f"METHOD:{method}"),
        "BEGIN:VEVENT",
        f"UID:{changes.get('uid', event['UID'])}",
        f"DTSTAMP:{written:%Y%m%dT%H%M%SZ}",
        f"ORGANIZER:{event['ORGANIZER']}",
        f"ATTENDEE;PARTSTAT={partstat}:mailto:{attendee}",
        f"SEQUENCE:{changes.get('sequence', str(event['SEQUENCE']))}",
        *([f"COMMENT:{changes['comment']}"] if "comment" in changes else []),
        *([changes["extra"]] if "extra" in changes else []),
        *("END:VEVENT", "END:VCALENDAR", ""),
    ]
    return "\r\n".join(lines).encode()


def reply_mail(
    invitation: Message,
    calendar: bytes,
    *,
    sender: str = "",
    to: str = "",
    headers: Sequence[tuple[str, str]] = (),
) -> EmailMessage:
    """Return the mail that carries a calendar back to where the invitation came from."""
    mail = EmailMessage()
    mail["From"] = sender or str(parseaddr(invitation["To"])[1])
    mail["To"] = to or parseaddr(invitation["From"])[1]
    mail["Subject"] = "Accepted: the meeting"
    mail["Message-ID"] = f"<{hashlib.sha256(calendar).hexdigest()[:20]}@client.example>"
    for name, value in headers:
        mail[name] = value
    mail.set_content("I have answered.")
    mail.add_alternative(
        calendar, maintype="text", subtype="calendar", params={"method": "REPLY"}, cte="base64"
    )
    return mail


def reply(invitation: Message, partstat: str, **changes: str) -> EmailMessage:
    """Return the mail with which somebody answers an invitation."""
    return reply_mail(invitation, reply_ics(invitation, partstat, **changes))
