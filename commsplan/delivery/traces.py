"""What workers log: a line for each settled window, one for each copy that was not taken.

They carry ids, states, mail servers and reply codes, never an address, a name or a subject. What a
server said stays with the copy: it may repeat the address.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from commsplan.delivery.rules import Outcome, State, Trouble
from commsplan.foundation.logs import log

REPLY = re.compile(r"(?P<code>[245]\d\d)(?:[ -](?P<status>[245]\.\d{1,3}\.\d{1,3})\b)?")
"""A reply code (RFC 5321 §4.2) and perhaps an enhanced status code (RFC 2034)."""
ADDRESS = re.compile(r"\S+@\S+")


def trace_window(
    send_id: int, chunk_id: int, worker: str, outcomes: Iterable[Outcome], ms: float
) -> None:
    """Note what became of a window, and how long writing it down took."""
    states = Counter(one.state.value for one in outcomes)
    log().info(
        "delivery.settled",
        send=send_id,
        chunk=chunk_id,
        worker=worker,
        states=dict(states),
        ms=round(ms),
    )


def trace_copy(send_id: int, delivery_id: int, outcome: Outcome, relay: str, attempts: int) -> None:
    """Note a copy that was tried and not taken."""
    if outcome.state is State.ACCEPTED or not outcome.tried:
        return
    log().info(
        "delivery.copy",
        send=send_id,
        delivery=delivery_id,
        state=outcome.state.value,
        trouble=outcome.trouble.value or Trouble.REFUSED.value,
        relay=relay,
        attempts=attempts + 1,
        **codes(outcome.note),
    )


def codes(words: str) -> dict[str, str]:
    """Return the reply code, and the enhanced one if there is any, of a server's words."""
    found = REPLY.match(words)
    return {name: code for name, code in found.groupdict().items() if code} if found else {}


def without_addresses(words: str) -> str:
    """Return a server's words with every address left out."""
    return ADDRESS.sub("…", words)
