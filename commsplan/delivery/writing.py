"""One copy as bytes: the message in the reader's words, with addresses that are theirs alone."""

from __future__ import annotations

from email.utils import parseaddr

from flask import current_app

from commsplan.delivery.leases import Lease
from commsplan.delivery.models import Send
from commsplan.delivery.moulds import Mould, mould_of
from commsplan.delivery.parcels import Parcel
from commsplan.delivery.rules import Outcome, refused
from commsplan.delivery.windows import Row
from commsplan.messages.rendering import Reader, language_for
from commsplan.people.queries import spoken


class Writer:
    """Writes the copies of one send; asks the database once for each language."""

    def __init__(self, send: Send) -> None:
        self.version = send.version
        self.message = send.message
        self.sender = parseaddr(current_app.config["MAIL_FROM"])[1]
        self._moulds: dict[str, Mould] = {}

    def write(self, lease: Lease, row: Row) -> Parcel | Outcome:
        """Return one copy ready for the wire, or why it cannot be written: it fails alone.

        Raises:
            Unreadable: a key that should sign cannot be read, which is no copy's fault.
        """
        reader = reader_from(row)
        try:
            mould = self._moulds.get(reader.language) or self._mould(reader)
            body = mould.pour(row.delivery_id, row.address, reader)
        except ValueError as error:
            return refused(f"This copy cannot be written: {error}")
        return Parcel(row.delivery_id, lease.fence, self.sender, row.address, body)

    def _mould(self, reader: Reader) -> Mould:
        mould = mould_of(self.version, self.message, language_for(reader))
        self._moulds[reader.language] = mould
        return mould


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
