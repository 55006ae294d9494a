"""One copy as bytes: the message in the reader's words, with addresses that are theirs alone."""

from __future__ import annotations

from commsplan.delivery.leases import Held
from commsplan.delivery.models import Delivery
from commsplan.delivery.moulds import mould_of
from commsplan.delivery.rules import Outcome, refused
from commsplan.delivery.smtp import Parcel
from commsplan.messages.models import Message, Version
from commsplan.messages.rendering import language_for, reader_of


def write_copy(held: Held, row: Delivery, version: Version, message: Message) -> Parcel | Outcome:
    """Return one copy ready for the wire, or why it cannot be written: it fails alone."""
    reader = reader_of(row.person)
    try:
        mould = mould_of(version, message, language_for(reader))
        body = mould.pour(row.id, row.address, reader)
    except ValueError as error:
        return refused(f"This copy cannot be written: {error}")
    return Parcel(held.delivery_id, held.fence, row.address, body)
