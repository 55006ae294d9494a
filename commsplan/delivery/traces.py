"""What workers log: a line for each settled window, one for each copy that was not taken.

They carry ids, states, mail servers and reply codes, never an address, a name or a subject. What a
server said stays with the copy: it may repeat the address.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from commsplan.delivery.leases import Lease
from commsplan.delivery.rules import State
from commsplan.delivery.windows import Result
from commsplan.foundation.logs import log

REPLY = re.compile(r"(?P<code>[245]\d\d)(?:[ -](?P<status>[245]\.\d{1,3}\.\d{1,3})\b)?")
"""A reply code (RFC 5321 §4.2) and perhaps an enhanced status code (RFC 2034)."""
ADDRESS = re.compile(r"\S+@\S+")


def trace_window(lease: Lease, results: Sequence[Result], seconds: float) -> None:
    """Note what became of a window and how long writing it down took; then who was not taken."""
    if not results:
        return
    states = Counter(one.outcome.state.value for one in results)
    log().info(
        "delivery.settled",
        send=lease.send_id,
        chunk=lease.chunk_id,
        worker=lease.worker,
        states=dict(states),
        ms=round(1000 * seconds),
    )
    for one in results:
        if one.outcome.tried and one.outcome.state is not State.ACCEPTED:
            _trace_copy(lease.send_id, one)


def _trace_copy(send_id: int, one: Result) -> None:
    log().info(
        "delivery.copy",
        send=send_id,
        delivery=one.delivery_id,
        state=one.outcome.state.value,
        trouble=one.outcome.trouble.value,
        relay=one.relay,
        attempts=one.attempts + 1,
        **codes(one.outcome.note),
    )


def codes(words: str) -> dict[str, str]:
    """Return the reply code, and the enhanced one if there is any, of a server's words."""
    found = REPLY.match(words)
    return {name: code for name, code in found.groupdict().items() if code} if found else {}


def without_addresses(words: str) -> str:
    """Return a server's words with every address left out."""
    return ADDRESS.sub("…", words)
