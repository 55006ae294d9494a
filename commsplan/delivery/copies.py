"""What is one copy's own: its Message-ID and its addresses."""

from __future__ import annotations

from email.utils import parseaddr
from functools import cache

from flask import current_app

from commsplan.calendars.queries import shows_dates
from commsplan.foundation import addresses
from commsplan.foundation.tokens import keyed_hash
from commsplan.messages.models import Message
from commsplan.messages.rendering import Places, Reader
from commsplan.messages.rules import PERSONAL_FIELDS

Fields = tuple[str, ...]
"""What a reader's personal fields hold, in the order of PERSONAL_FIELDS."""
ReaderRow = tuple[str, str, str, str, str, str, str, str, str | None]
"""Name, first name, title, department, location, country, language, chosen language, manager."""


def host_of_ids() -> str:
    """Return what stands behind the @ of every Message-ID."""
    return _host_of(current_app.config["MAIL_FROM"])


@cache
def _host_of(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def message_id(delivery_id: int) -> str:
    """Return the Message-ID of a copy: derived, so that a repeat carries the same one."""
    mark = keyed_hash("message-id", str(delivery_id))[:16]
    return f"d{delivery_id}.{mark}@{host_of_ids()}"


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


def fields_from_row(row: ReaderRow) -> tuple[Fields, str]:
    """Return what `reader_of` tells, from the columns alone: the personal fields and the language.

    As a tuple, for a `Reader` takes 3 µs to make, a thirtieth of what a copy may take.
    """
    name, first_name, title, department, location, country, language, chosen, manager = row
    first = first_name or name.split(" ")[0]
    fields = (first, name, title, department, location, country, manager or "")
    return fields, chosen or language


def reader_from_row(row: ReaderRow) -> Reader:
    """Return the same reader as `reader_of`, from the columns alone."""
    fields, language = fields_from_row(row)
    return Reader(language=language, **dict(zip(PERSONAL_FIELDS, fields, strict=True)))
