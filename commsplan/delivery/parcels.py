"""What goes over the wire, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass

from commsplan.delivery.rules import Outcome


@dataclass(frozen=True, slots=True)
class Parcel:
    """One copy, ready for the wire."""

    delivery_id: int
    fence: int
    sender: str
    """Envelope sender (MAIL FROM); "" is the null sender."""
    address: str
    """Envelope recipient (RCPT TO)."""
    body: bytes
    """The whole message with CRLF, dot-stuffed, ending in CRLF; the final dot is the wire's."""


@dataclass(frozen=True, slots=True)
class Done:
    """A copy the wire has finished with."""

    parcel: Parcel
    outcome: Outcome
    relay: str
    """Which mail server answered, as host:port; "" if none was involved."""
