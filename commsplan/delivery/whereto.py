"""Through which mail servers and to which domains a send goes, and when it goes on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from commsplan.delivery.models import Send
from commsplan.delivery.queries import next_try
from commsplan.delivery.rules import ARRIVED, OPEN, SendState, State
from commsplan.delivery.tallies import Standing, standings
from commsplan.delivery.watch_rules import OTHERS, largest
from commsplan.delivery.waves import from_json
from commsplan.foundation.clock import now_utc

SHOWN = 20
WENT_WRONG = frozenset({State.FAILED, State.BOUNCED})


@dataclass(frozen=True)
class Line:
    """How many copies of one mail server or one domain stand where."""

    name: str
    sent: int
    failed: int
    waiting: int
    doubtful: int


@dataclass(frozen=True)
class Whereto:
    """What the tables of a send's page show."""

    relays: list[Line]
    domains: list[Line]


def whereto(send: Send) -> Whereto:
    """Return how a send stands by mail server and by domain."""
    found = standings(send.id)
    tried = [one for one in found if one.relay]
    return Whereto(
        relays=_lines(tried, lambda one: one.relay),
        domains=_lines(found, lambda one: one.domain),
    )


def _lines(found: Sequence[Standing], name_of: Callable[[Standing], str]) -> list[Line]:
    """Add up what has the same name; small ones beyond the largest are one line together."""
    sizes = Counter[str]()
    for one in found:
        sizes[name_of(one)] += one.copies
    names = largest(sizes, SHOWN)
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in found:
        name = name_of(one)
        sums[name if name in names else OTHERS][_column(one.state)] += one.copies
    columns = ("sent", "failed", "waiting", "doubtful")
    return [Line(name, *(sums[name][column] for column in columns)) for name in names]


def _column(state: State) -> str:
    if state in ARRIVED:
        return "sent"
    if state in OPEN:
        return "waiting"
    if state in WENT_WRONG:
        return "failed"
    return "doubtful" if state is State.UNCERTAIN else "withheld"


def parts_of_send(send: Send) -> int:
    """Return in how many parts a send goes out: one, or its waves and everybody else."""
    return len(from_json(send.waves)) + 1


def next_moment(send: Send) -> datetime | None:
    """Return when the next waiting copies may go, if that is still to come."""
    moment = next_try(send) if send.state == SendState.RUNNING else None
    return moment if moment and moment > now_utc() else None
