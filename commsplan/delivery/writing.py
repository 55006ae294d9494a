"""The copies of one send as bytes, each in its reader's language."""

from __future__ import annotations

from commsplan.delivery.copies import fields_from_row, reader_from_row
from commsplan.delivery.leases import Lease
from commsplan.delivery.models import Send
from commsplan.delivery.moulds import Mould, mould_of
from commsplan.delivery.parcels import Parcel
from commsplan.delivery.rules import Outcome, refused
from commsplan.delivery.verp import verp_sender
from commsplan.delivery.windows import Row
from commsplan.messages.rendering import language_for


class Writer:
    """Writes the copies of one send; the mould of each language is made once."""

    def __init__(self, send: Send) -> None:
        self._version = send.version
        self._message = send.message
        self._moulds: dict[str, Mould] = {}

    def write(self, lease: Lease, row: Row) -> Parcel | Outcome:
        """Return one copy ready for the wire, or why it cannot be written: it fails alone."""
        fields, language = fields_from_row(row.reader)
        try:
            mould = self._moulds.get(language) or self._mould(row, language)
            body = mould.fill(row.delivery_id, row.address, fields)
        except ValueError as error:
            return refused(f"This copy cannot be written: {error}")
        sender = verp_sender(row.delivery_id)
        return Parcel(row.delivery_id, lease.fence, sender, row.address, body)

    def _mould(self, row: Row, language: str) -> Mould:
        reader = reader_from_row(row.reader)
        mould = mould_of(self._version, self._message, language_for(reader))
        self._moulds[language] = mould
        return mould
