"""Personal fields, what a message is made of, and its states, as values."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date
from difflib import get_close_matches
from enum import StrEnum

SUBJECT_LIMIT = 200  # characters, as the column
PREVIEW_LIMIT = 200
BODY_LIMIT = 20_000  # characters: eight pages; brackets take quadratic time to read
LINK_LIMIT = 50  # addresses in one text
FALLBACK_LIMIT = 80
VALUE_LIMIT = 300  # characters one field may add to a copy

PERSONAL_FIELDS = (
    "first_name",
    "name",
    "title",
    "department",
    "location",
    "country",
    "manager_name",
)
"""About the reader, from the directory."""
MESSAGE_FIELDS = ("action_due", "contact_name", "plan_title", "organisation")
"""About the message; the same for everybody, in the reader's language."""
ADDRESS_FIELDS = ("survey_link", "calendar_link", "page_link")
"""Addresses of the reader's own copy; they stand where a link's address stands."""
FIELDS = (*PERSONAL_FIELDS, *MESSAGE_FIELDS, *ADDRESS_FIELDS)

_PLACEHOLDER = re.compile(r"\{\{([^{}]{0,200})\}\}")
_FIELD = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*(?:\|([^|]*))?")

SLOT = re.compile("\ue000([a-z_]+[0-9]*)(?:\ue002([0-9a-f]*))?\ue001")
"""A gap that is filled for each copy: a name and, after a divider, its fallback as hexadecimal.

Three characters of Unicode's private use area, which `clean` takes out of whatever people type, so
that nobody can write a slot by hand.
"""
GAP = "https://slot.invalid/"
"""Stands before a slot in an address, so that a sanitiser sees one (RFC 6761 keeps it unused)."""
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ue000-\uf8ff]")


class MessageState(StrEnum):
    """How far a message has come."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    CANCELLED = "cancelled"


EDITABLE = frozenset({MessageState.DRAFT, MessageState.CANCELLED})


@dataclass(frozen=True)
class Unknown:
    """A placeholder that names no field."""

    written: str
    meant: str | None
    """The field it most resembles, if any."""


@dataclass(frozen=True)
class Content:
    """Everything a version fixes: what the reader gets to read and is asked to do."""

    subject: str
    preview: str = ""
    body: str = ""
    action_what: str = ""
    action_due_on: date | None = None
    action_address: str = ""
    action_otherwise: str = ""

    @property
    def hash(self) -> str:
        """SHA-256 over all of it, hexadecimal."""
        return hashlib.sha256(json.dumps(asdict(self), default=str).encode()).hexdigest()


CONTENT_FIELDS = tuple(field.name for field in fields(Content))


@dataclass(frozen=True)
class MessageWish:
    """What somebody wants a message to be."""

    content: Content
    audience_id: int | None = None
    activity_id: int | None = None
    purpose: str = ""
    contact_id: int | None = None
    mandatory: bool = False
    mandated_by_id: int | None = None
    base: int = 0
    """The version the writer started from; 0 for a new message."""


def clean(text: str) -> str:
    """Return text with one kind of line end, without controls and private-use characters."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """Return text on one line: for a subject, or for a value put into a copy."""
    if text.isprintable():  # then `clean` would find nothing, in ten times the time
        return " ".join(text.split())
    return " ".join(clean(text).split())


def with_slots(text: str) -> str:
    """Replace each known placeholder, such as {{ first_name | there }}, by a slot."""

    def slot(match: re.Match[str]) -> str:
        found = _FIELD.fullmatch(match[1])
        if found is None or found[1] not in FIELDS:
            return match[0]
        fallback = one_line(found[2] or "")[:FALLBACK_LIMIT]
        return make_slot(found[1], fallback)

    return _PLACEHOLDER.sub(slot, clean(text))


def make_slot(name: str, fallback: str = "") -> str:
    """Return the slot of a name."""
    return (
        f"\ue000{name}\ue002{fallback.encode().hex()}\ue001" if fallback else f"\ue000{name}\ue001"
    )


def slot_words(text: str) -> str:
    """Return text with each slot as words: its fallback, or the field's name."""
    return SLOT.sub(lambda slot: unhex(slot[2]) or slot[1].replace("_", " "), text)


def plain(text: str) -> str:
    """Return a subject as a list shows it: each placeholder by its fallback or its name."""
    return slot_words(with_slots(text))


def unhex(fallback: str | None) -> str:
    """Return a fallback as it was typed."""
    return bytes.fromhex(fallback or "").decode()


def unknown_fields(*texts: str) -> list[Unknown]:
    """Return every placeholder that names no field, each with the field that was perhaps meant."""
    return list(dict.fromkeys(problem for text in texts for problem in _unknown_in(text)))


def _unknown_in(text: str) -> Iterator[Unknown]:
    for written in _PLACEHOLDER.findall(text):
        found = _FIELD.fullmatch(written)
        name = found[1] if found else written.split("|")[0].strip()
        if found is None or name not in FIELDS:
            close = get_close_matches(name.lower(), FIELDS, n=1, cutoff=0.6)
            yield Unknown(name.strip(), close[0] if close else None)


def fields_in(*texts: str) -> dict[str, str]:
    """Return the known fields that texts use, each with its fallback ("" for none)."""
    return {
        found[1]: (found[2] or "").strip()
        for text in texts
        for written in _PLACEHOLDER.findall(text)
        if (found := _FIELD.fullmatch(written)) and found[1] in FIELDS
    }
