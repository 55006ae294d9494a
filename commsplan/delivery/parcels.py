"""What goes onto the wire and what comes back from it."""

from __future__ import annotations

from typing import NamedTuple

from commsplan.delivery.rules import Outcome


class Parcel(NamedTuple):
    """One copy, ready for the wire."""

    delivery_id: int
    fence: int
    sender: str
    """The envelope's MAIL FROM (VERP: its own for each copy); "" is the null sender."""
    address: str
    """RCPT TO."""
    body: bytes
    """The whole message: CRLF, dot-stuffed, ends in CRLF; the final ".\\r\\n" is the wire's."""


class Done(NamedTuple):
    """A copy the wire has finished with."""

    parcel: Parcel
    outcome: Outcome
    relay: str
    """The relay's name "host:port", "" if none was involved."""
