"""What a line asks of the relay that it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from commsplan.delivery.parcels import Parcel
from commsplan.delivery.rules import Outcome

if TYPE_CHECKING:
    from commsplan.delivery.smtp_line import Line


class Owner(Protocol):
    """Where copies come from and go to."""

    def now(self) -> float:
        """Return the clock's reading of this round of the loop."""

    def next_parcel(self) -> Parcel | None:
        """Return a copy that may be begun now."""

    def begun(self, parcel: Parcel) -> None:
        """Write into the journal that its body is about to go out."""

    def answered(self, parcel: Parcel, code: int) -> None:
        """Write into the journal what was answered to its dot."""

    def finish(self, parcel: Parcel, outcome: Outcome) -> None:
        """Take the outcome of a copy."""

    def give_back(self, parcel: Parcel) -> None:
        """Take back a copy about which nothing was decided; another line may have it."""

    def mail_judged(self, refusal: str) -> None:
        """Take note that a sender was taken ("") or refused: many in a row are no copy's fault."""

    def refuses_us(self, words: str) -> None:
        """Take note that the relay takes no mail from us at all."""


class LineOwner(Owner, Protocol):
    """Who also keeps the sockets."""

    def send_soon(self, line: Line) -> None:
        """Let the line send what it has queued, when the journal is written."""

    def watch(self, line: Line) -> None:
        """Wake the line when the kernel takes more, or no longer."""

    def rest(self, line: Line) -> None:
        """Take note that the line has nothing to do."""

    def lost(self, line: Line, words: str, *, held: bool) -> None:
        """Close the line: it died, with a copy on it or without."""
