"""Figures for Prometheus, read from the database when they are asked for.

So every web process answers the same, and nothing is counted twice or lost with a process. They are
read from chunks and their tallies; only chunks that a worker holds are looked into. No label names
a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, text

from commsplan.delivery.buckets import limits, tokens_now
from commsplan.delivery.leases import goes_out, holders
from commsplan.delivery.ledger_models import Chunk
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.pulses import rates_by_relay_and_domain
from commsplan.delivery.rates import Scope
from commsplan.delivery.relay_models import Relay
from commsplan.delivery.relays import IN_USE, usable
from commsplan.delivery.rules import SendState, State
from commsplan.delivery.tallies import joined, of_chunk
from commsplan.delivery.watch_rules import workers_wanted
from commsplan.foundation.bell import is_answering
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import Moment, db, is_sqlite

RECENT = timedelta(days=1)  # copies of a send are counted until a day after its end
DOUBT_KEPT = timedelta(days=14)
WANTED_WITHIN_SECONDS = 600  # in which workers_wanted would send what is ready
USUAL_PER_SECOND = 100.0  # of one worker, where nothing is measured: a slow mail server
MOST_WORKERS = 64
PROCESS = CollectorRegistry()
ProcessCollector(registry=PROCESS)
GCCollector(registry=PROCESS)


class Ledger(Collector):
    """The figures of the ledger at this moment."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read them."""
        now = now_utc()
        ready, oldest = _ready(now)
        busy, rates = len(holders()), rates_by_relay_and_domain()[0]
        going = sum(rates.values())
        yield _by("copies", "Copies of sends of the past day.", "state", _copies(now))
        yield _by("sends", "Sends ever made.", "state", _sends())
        yield _one("copies_ready", "Copies that could go now and that no worker holds.", ready)
        yield _one("oldest_ready_seconds", "How long the oldest of them has been due.", oldest)
        yield _one("copies_per_minute", "Copies taken by mail servers in the last minute.", going)
        yield _one("uncertain", "Copies in doubt of the past 14 days.", _uncertain(now))
        yield _one("workers_busy", "Workers that hold copies.", busy)
        yield _one(
            "workers_wanted",
            "Workers that would send what is ready within ten minutes.",
            workers_wanted(
                ready,
                max(going / 60 / busy, 1.0) if busy and going else USUAL_PER_SECOND,
                WANTED_WITHIN_SECONDS,
                _limit_per_second(),
                MOST_WORKERS,
            ),
        )
        yield _one("leases_lapsed", "Chunks whose worker gave no sign of life.", _lapsed(now))
        yield _one("stalled_sends", "Sends that could go on and do not.", _stalled())
        yield _by("relay_up", "Whether a mail server can be used.", "relay", _relays(now))
        yield from _limits()
        yield _one("queue_up", "Whether the queue server answers.", is_answering())


def written() -> bytes:
    """Return everything in the form that Prometheus reads."""
    registry = CollectorRegistry()
    registry.register(Ledger())
    return generate_latest(registry) + generate_latest(PROCESS)


def _one(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"commsplan_{name}", what, value=float(value))


def _by(name: str, what: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"commsplan_{name}", what, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


TALLIED = """
select t.value ->> 0 as state, sum(cast(t.value ->> 3 as integer)) as copies
from send join chunk on chunk.send_id = send.id, {elements}(chunk.tally) as t
where {which} group by 1
"""
OF_PAST_DAY = """(send.state = 'running' or send.finished_at > :since
    or (send.cancelled_at > :since and send.started_at is not null))"""
IN_DOUBT = "send.started_at > :since and t.value ->> 0 = 'uncertain'"


def _tallied(which: str, since: datetime) -> dict[str, int]:
    """Add up the tallies of sends."""
    elements = "json_each" if is_sqlite() else "jsonb_array_elements"
    # both parts are constants of this file
    statement = text(TALLIED.format(elements=elements, which=which))
    moment = bindparam("since", since, type_=Moment())
    rows = db.session.execute(statement.bindparams(moment))
    return {state: int(copies) for state, copies in rows}


def _copies(now: datetime) -> dict[str, int]:
    since = now - RECENT
    found = Counter[str](_tallied(OF_PAST_DAY, since))
    found += _uncounted(or_(Send.state == SendState.RUNNING, Send.finished_at > since))
    return {state.value: found[state] for state in State}


def _uncounted(which: ColumnElement[bool]) -> Counter[str]:
    """Count the copies of chunks that have no tally: those with a worker, or just changed."""
    found = Counter[str]()
    ranges: dict[int, list[tuple[int, int]]] = {}
    for send_id, first, last in db.session.execute(
        select(Chunk.send_id, Chunk.first_id, Chunk.last_id)
        .join(Send)
        .where(which, Chunk.tally.is_(None))
        .order_by(Chunk.send_id, Chunk.first_id)
    ):
        ranges.setdefault(send_id, []).append((first, last))
    for send_id, parts in ranges.items():
        for first, last in joined(parts):
            rows = select(Delivery.state, func.count()).where(of_chunk(send_id, first, last))
            found.update(dict(row for row in db.session.execute(rows.group_by(Delivery.state))))
    return found


def _ready(now: datetime) -> tuple[int, float]:
    """Return how many copies are due and wait for a worker, and how long the oldest has waited."""
    due = (Chunk.state == "ready", Chunk.not_before <= now, goes_out(now))
    oldest = db.session.scalar(select(func.min(Chunk.not_before)).join(Send).where(*due))
    if oldest is None:
        return 0, 0.0
    ready = 0
    for tally, copies in db.session.execute(
        select(Chunk.tally, Chunk.copies).join(Send).where(*due)
    ):
        planned = [one[3] for one in tally or () if one[0] == State.PLANNED]
        ready += sum(planned) if tally is not None else copies
    return ready, (now - oldest).total_seconds()


def _uncertain(now: datetime) -> int:
    of_sends = and_(Send.started_at > now - DOUBT_KEPT, Send.state != SendState.SCHEDULED)
    kept = _tallied(IN_DOUBT, now - DOUBT_KEPT).get(State.UNCERTAIN, 0)
    return kept + _uncounted(of_sends)[State.UNCERTAIN]


def _sends() -> dict[str, int]:
    numbers = dict(
        row for row in db.session.execute(select(Send.state, func.count()).group_by(Send.state))
    )
    return {state.value: numbers.get(state, 0) for state in SendState}


def _lapsed(now: datetime) -> int:
    lapsed = select(func.count()).where(Chunk.state == "leased", Chunk.lease_until < now)
    return db.session.scalar(lapsed) or 0


def _stalled() -> int:
    return db.session.scalar(select(func.count()).where(Send.stalled_at.is_not(None))) or 0


def _relays(now: datetime) -> dict[str, int]:
    names = db.session.scalars(select(Relay.name).where(Relay.seen_at > now - IN_USE)).all()
    there = usable(names)
    return {name: int(name in there) for name in sorted(names)}


def _limit_per_second() -> float | None:
    """Return what the limits on the channel and on mail servers let through in a second."""
    least = [one.per_minute for (scope, _), one in limits().items() if scope != Scope.DOMAIN]
    return min(least) / 60 if least else None


def _limits() -> Iterator[GaugeMetricFamily]:
    tokens = GaugeMetricFamily(
        "commsplan_limit_tokens",
        "Copies that a speed limit lets go at once now.",
        labels=["scope", "name"],
    )
    rates = GaugeMetricFamily(
        "commsplan_limit_per_minute",
        "Copies that a speed limit lets go a minute.",
        labels=["scope", "name"],
    )
    known = limits()
    for key, there in tokens_now().items():
        tokens.add_metric(key, there)
        if key in known:
            rates.add_metric(key, known[key].per_minute)
    yield tokens
    yield rates
