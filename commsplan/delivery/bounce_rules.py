"""What a report about a copy means: for the copy, and for the address it went to.

A report that says "failed" ends the copy either way. Whether the *address* is at fault is a second
question: "hard" only where the code or the words say that nobody can be reached there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from commsplan.delivery.rules import State

WORDS_LIMIT = 500  # characters of a server's words that are kept
SOFT_LIMIT = 3  # soft bounces, each on a day of its own …
SOFT_WINDOW = timedelta(days=14)  # … within this, and nothing delivered between
SOFT_PAUSE = timedelta(days=30)  # then the address is left alone for this long


class Kind(StrEnum):
    """What a mail that came in is."""

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    AUTO_REPLY = "auto-reply"
    OTHER = "other"


class Action(StrEnum):
    """What a delivery report says was done (RFC 3464 §2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


@dataclass(frozen=True)
class Fate:
    """What a report says of one recipient."""

    action: Action
    status: str = ""
    """Enhanced status code as "5.1.1", or empty."""
    words: str = ""
    """The server's own words."""
    addresses: frozenset[str] = frozenset()
    """Original and final recipient, in lower case."""


NOBODY_THERE = {
    "5.1.1": "no such mailbox",
    "5.1.2": "no such domain",
    "5.1.3": "not an address",
    "5.1.4": "fits several mailboxes",
    "5.1.6": "moved without a forwarding address",
    "5.1.10": "the domain takes no mail (null MX, RFC 7505)",
    "5.2.1": "mailbox disabled",
    "5.4.4": "no route to the domain",
    "5.4.310": "no such domain (Exchange Online)",
    "5.7.17": "the mailbox has another owner now (RFC 7293)",
    "5.7.18": "the domain has another owner now (RFC 7293)",
}
"""Codes that say that nobody can be reached at this address (RFC 3463 §3; IANA registry "SMTP
Enhanced Status Codes"). Not among them: 5.1.7 to 5.1.9 speak of the sender or the relay, 5.2.2 of
a full mailbox, 5.2.3 and 5.3.4 of the size, 5.7.1 and most of 5.7 of policy towards us; 4.x.x and
what has no code speak of this message. Those are soft: only their repetition counts."""

SAYS_LITTLE = frozenset({"", "5.0.0", "5.1.0", "5.2.0", "5.3.0", "5.4.0", "5.5.0"})
"""With these the words decide ("other or undefined status", RFC 3463 §3.1 ff.)."""

NO_SUCH_USER = re.compile(
    r"user unknown|unknown user|unknown recipient|unknown or illegal alias|unrouteable address"
    r"|no such (?:user|mailbox|recipient|address|person)|no mailbox here|unknown local"
    r"|(?:user|recipient|mailbox|account|address)[^.;]{0,40}(?:not found|(?:does not|doesn't)"
    r" exist|no longer (?:exists|available|valid)|is disabled|has been disabled|is closed)"
    r"|invalid (?:recipient|mailbox)|not a valid (?:mailbox|user|recipient)"
    r"|(?:user|recipient) (?:is )?unknown|(?:doesn't|does not) have an? \S{1,80} account"
    r"|(?:host|domain) not found|no such domain|null mx",
    re.IGNORECASE,
)
REJECTED_AT_THE_EDGE = re.compile(r"recipient address rejected: access denied", re.IGNORECASE)
"""Exchange Online says this with 5.4.1 for an address that is not in its directory."""

ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
AN_ADDRESS = re.compile(r"<?[^\s<>@:;,()\[\]\"']{1,64}@[^\s<>@:;,()\[\]\"']{1,255}>?")


def status_of(status: str, words: str) -> str:
    """Return the enhanced status code: the field's own, or the one in the words if it says more."""
    own = ENHANCED.search(status[:200])
    code = own.group(1) if own else ""
    if code.endswith(".0.0") or not code:
        said = ENHANCED.search(words[:WORDS_LIMIT])
        return said.group(1) if said else code
    return code


def kind_of(fate: Fate) -> Kind:
    """Return what one recipient's fate means."""
    match fate.action:
        case Action.FAILED:
            return Kind.HARD if is_hard(fate.status, fate.words) else Kind.SOFT
        case Action.DELAYED:
            return Kind.DELAYED
    return Kind.DELIVERED


def is_hard(status: str, words: str) -> bool:
    """Tell whether a failure says that nobody can be reached at the address."""
    if status in NOBODY_THERE:
        return True
    if status == "5.4.1":
        return bool(REJECTED_AT_THE_EDGE.search(words))
    return status in SAYS_LITTLE and bool(NO_SUCH_USER.search(words))


MILDEST_FIRST = (
    Action.DELIVERED,
    Action.RELAYED,
    Action.EXPANDED,
    Action.DELAYED,
    Action.FAILED,
)


def fate_of(fates: Sequence[Fate], address: str) -> Fate | None:
    """Return which of a report's fates is about an address.

    Without one that names it (it was forwarded, or stands for several people), the mildest counts:
    an address works as long as one behind it does.
    """
    named = [fate for fate in fates if address.strip().lower() in fate.addresses]
    candidates = named or fates
    if not candidates:
        return None
    return min(
        candidates, key=lambda fate: (MILDEST_FIRST.index(fate.action), kind_of(fate) is Kind.HARD)
    )


def state_after(state: State, fate: Fate | None) -> State | None:
    """Return where a copy goes by a report about it, or None where it stays.

    Terminal stays, but accepted → delivered or bounced. A copy in doubt is settled by whatever was
    written about it: nobody can report on a copy that never left.
    """
    if state not in (State.ACCEPTED, State.UNCERTAIN):
        return None
    match fate.action if fate else None:
        case Action.FAILED:
            return State.BOUNCED
        case Action.DELIVERED:
            return State.DELIVERED
    return State.ACCEPTED if state is State.UNCERTAIN else None


def is_worn_out(moments: Iterable[datetime], delivered_at: datetime | None, now: datetime) -> bool:
    """Tell whether soft bounces have piled up so that an address is left alone for a while.

    Args:
        moments: when soft bounces of the address came, the present one included.
        delivered_at: when something last reached it, as far as is known.
        now: the present moment.
    """
    since = now - SOFT_WINDOW
    if delivered_at is not None:
        since = max(since, delivered_at)
    return len({moment.date() for moment in moments if moment > since}) >= SOFT_LIMIT


def without_addresses(words: str) -> str:
    """Return words fit to be kept: one line, nothing unprintable, no e-mail address, ≤ 500 long."""
    short = words[: 4 * WORDS_LIMIT]
    clean = "".join(char if char.isprintable() else " " for char in short)
    return " ".join(AN_ADDRESS.sub("…", clean).split())[:WORDS_LIMIT]
