"""One copy as bytes: the message in the reader's words, with addresses that are theirs alone."""

from __future__ import annotations

from email.errors import MessageError
from email.utils import parseaddr

from flask import current_app

from commsplan.calendars.queries import shows_dates
from commsplan.delivery.leases import Lease
from commsplan.delivery.mime import write
from commsplan.delivery.models import Send
from commsplan.delivery.parcels import Parcel
from commsplan.delivery.rules import Outcome, refused
from commsplan.delivery.windows import Row
from commsplan.foundation import addresses
from commsplan.foundation.errors import CommsplanError
from commsplan.foundation.mail import Mail
from commsplan.foundation.tokens import keyed_hash
from commsplan.messages.models import Message
from commsplan.messages.rendering import Places, Reader, compose
from commsplan.people.queries import spoken

CANNOT_BE_WRITTEN = (CommsplanError, MessageError, ValueError, LookupError, TypeError)
"""What a copy that cannot be rendered raises: it fails alone, never the send."""


def message_id(delivery_id: int) -> str:
    """Return the Message-ID of a copy: derived, so that a repeat carries the same one."""
    host = parseaddr(current_app.config["MAIL_FROM"])[1].rpartition("@")[2] or "localhost"
    return f"d{delivery_id}.{keyed_hash('message-id', str(delivery_id))[:16]}@{host}"


def delivery_id_in(written: str) -> int | None:
    """Return which copy a Message-ID of ours belongs to, or None for a foreign or forged one."""
    bare = written.strip().strip("<>")
    number = bare.partition(".")[0].removeprefix("d")
    if not number.isdecimal() or len(number) > 18 or message_id(int(number)) != bare:
        return None
    return int(number)


def may_leave(message: Message) -> bool:
    """Tell whether the reader of a message may unsubscribe from its plan."""
    return message.plan.may_unsubscribe and not message.mandatory


def places_of(delivery_id: int, message: Message, may_unsubscribe: bool) -> Places:
    """Return the addresses of one copy."""
    return Places(
        page=addresses.message_address(delivery_id),
        link=lambda position: addresses.link_address(delivery_id, position),
        pixel=addresses.pixel_address(delivery_id),
        unsubscribe=addresses.unsubscribe_address(delivery_id) if may_unsubscribe else None,
        survey=addresses.survey_address(delivery_id),
        calendar=addresses.subscribe_address(delivery_id) if shows_dates(message.plan) else None,
        measured=True,
    )


def headers_of(delivery_id: int, message: Message) -> dict[str, str]:
    """Return the headers beside the usual ones.

    Auto-Submitted keeps out-of-office replies away (RFC 3834 §5), the header after it those of
    Exchange (MS-OXCMAIL §2.1.3.2.20); List-Unsubscribe-Post is RFC 8058's one click; Feedback-ID
    lets mailbox providers tell one plan's mail from another's.
    """
    headers = {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Feedback-ID": f"m{message.id}:p{message.plan_id}:commsplan:commsplan",
    }
    if message.contact:
        headers["Reply-To"] = message.contact.email
    if may_leave(message):
        headers["List-Unsubscribe"] = f"<{addresses.unsubscribe_address(delivery_id)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


class Writer:
    """Writes the copies of one send."""

    def __init__(self, send: Send) -> None:
        self.version = send.version
        self.message = send.message
        self.may_leave = may_leave(send.message)
        self.sender = parseaddr(current_app.config["MAIL_FROM"])[1]

    def write(self, lease: Lease, row: Row) -> Parcel | Outcome:
        """Return one copy ready for the wire, or why it cannot be written."""
        reader = reader_from(row)
        try:
            places = places_of(row.delivery_id, self.message, self.may_leave)
            copy = compose(self.version, self.message, reader, places)
            mail = Mail(
                to_name=row.name,
                to_address=row.address,
                subject=copy.subject,
                text=copy.text,
                html=copy.html,
                sender=current_app.config["MAIL_FROM"],
                message_id=message_id(row.delivery_id),
                headers=headers_of(row.delivery_id, self.message),
                language=reader.language,
            )
            body = write(mail)
        except CANNOT_BE_WRITTEN as error:
            return refused(f"This copy cannot be written: {error}")
        return Parcel(row.delivery_id, lease.fence, self.sender, row.address, body)


def reader_from(row: Row) -> Reader:
    """Return the personal fields of a copy's reader."""
    return Reader(
        first_name=row.first_name or row.name.split(" ")[0],
        name=row.name,
        title=row.title,
        department=row.department,
        location=row.location,
        country=row.country,
        manager_name=row.manager_name,
        language=spoken(row.chosen_language, row.language),
    )
