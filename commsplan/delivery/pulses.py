"""The pulse of running sends, felt every ten seconds: how fast each goes, and whether it stalls.

A rate is the difference of two pulses. So it costs no look at the copies, is the same for whoever
asks, and a chunk that was begun twice counts what arrived once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, exists, or_, select, update

from commsplan.delivery.buckets import tokens_now
from commsplan.delivery.leases import goes_out
from commsplan.delivery.ledger_models import Chunk, Pulse
from commsplan.delivery.models import Send
from commsplan.delivery.rates import Scope
from commsplan.delivery.rules import ARRIVED, OPEN, SendState
from commsplan.delivery.tallies import QUIET, Standing, standings
from commsplan.delivery.watch_rules import Look, idle_since, is_stalled, largest, per_minute
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.logs import log

KEPT = timedelta(minutes=15)
RATE_OVER = timedelta(minutes=1)
AS_OLD_AS = timedelta(minutes=2)  # a pulse older than this says nothing about now
SOON = timedelta(minutes=1)  # a mail server that is away moves its copies by seconds at a time
DOMAINS = 20


def feel_pulses() -> None:
    """Look at every running send: note how it stands, and whether it has come to a halt."""
    limited = _is_limited()
    for send_id in db.session.scalars(
        select(Send.id).where(Send.state == SendState.RUNNING).order_by(Send.id)
    ).all():
        _feel(send_id, limited)
    with transaction() as database:
        database.execute(delete(Pulse).where(Pulse.at < now_utc() - KEPT))
        ended = (Send.state != SendState.RUNNING, Send.idle_since.is_not(None))
        database.execute(update(Send).where(*ended).values(CALM).execution_options(**QUIET))


CALM = {"idle_since": None, "stalled_at": None, "stall_told_at": None}


def _feel(send_id: int, limited: bool) -> None:
    found, now = standings(send_id), now_utc()
    settled = sum(one.copies for one in found if one.state not in OPEN)
    look = Look(
        settled,
        is_ready=_is_ready(send_id, now),
        is_paused=not db.session.scalar(select(Send.id).where(Send.id == send_id, goes_out(now))),
        is_limited=limited,
    )
    last = db.session.scalars(
        select(Pulse).where(Pulse.send_id == send_id).order_by(Pulse.at.desc()).limit(1)
    ).first()
    before = last.settled if last else None
    with transaction() as database:
        database.add(_pulse(send_id, now, settled, found))
        send = database.get_one(Send, send_id, populate_existing=True)
        _judge(send, idle_since(look, before, send.idle_since, now), now)


def _judge(send: Send, since: datetime | None, now: datetime) -> None:
    """Note a stall, or that it is over."""
    send.idle_since = since
    after = timedelta(minutes=current_app.config["STALL_AFTER_MINUTES"])
    if is_stalled(since, now, after):
        if send.stalled_at is None:
            send.stalled_at = now
            log().warning("send.stalled", send=send.id, idle_since=str(since))
    elif send.stalled_at is not None:
        send.stalled_at = send.stall_told_at = None
        log().info("send.moves_again", send=send.id)


def _pulse(send_id: int, now: datetime, settled: int, found: Sequence[Standing]) -> Pulse:
    by_relay, by_domain = Counter[str](), Counter[str]()
    for one in found:
        if one.state in ARRIVED:
            by_relay[one.relay] += one.copies
            by_domain[one.domain] += one.copies
    return Pulse(
        send_id=send_id,
        at=now,
        settled=settled,
        arrived=by_relay.total(),
        by_relay=by_relay,
        by_domain=largest(by_domain, DOMAINS),
    )


def _is_ready(send_id: int, now: datetime) -> bool:
    """Tell whether copies are due, or with a worker that has not begun or settled them yet."""
    due = or_(Chunk.state == "leased", Chunk.not_before <= now + SOON)
    open_ones = (Chunk.send_id == send_id, Chunk.state != "closed")
    return bool(db.session.scalar(select(exists().where(*open_ones, due))))


def _is_limited() -> bool:
    """Tell whether a limit that concerns every copy lets none go just now.

    A domain's limit lets at least one copy a minute go, so it explains no stall.
    """
    return any(
        tokens < 1 for (scope, _name), tokens in tokens_now().items() if scope != Scope.DOMAIN
    )


def rate_of(send: Send, arrived: int, now: datetime) -> int:
    """Return how many copies a send delivers a minute, by its pulse of a minute ago.

    Args:
        send: a running send.
        arrived: how many copies mail servers have taken by now.
        now: this moment.
    """
    pulses = db.session.scalars(
        select(Pulse)
        .where(Pulse.send_id == send.id, Pulse.at >= now - AS_OLD_AS)
        .order_by(Pulse.at)
    ).all()
    base = _a_minute_before(pulses, now)
    begun = send.started_at
    if base is None or (begun is not None and begun > now - RATE_OVER):
        return per_minute(arrived, 0, (now - (send.started_at or now)).total_seconds())
    return per_minute(arrived, base.arrived, (now - base.at).total_seconds())


def _a_minute_before(pulses: Sequence[Pulse], now: datetime) -> Pulse | None:
    """Return the pulse nearest to a minute ago, of those that are in order; None of none."""
    earlier = [one for one in pulses if one.at <= now - RATE_OVER]
    return earlier[-1] if earlier else pulses[0] if pulses else None


def rates_by_relay_and_domain() -> tuple[dict[str, int], dict[str, int]]:
    """Return how many copies a minute each mail server took and each domain got, of all sends."""
    now = now_utc()
    by_send: defaultdict[int, list[Pulse]] = defaultdict(list)
    for pulse in db.session.scalars(
        select(Pulse).where(Pulse.at >= now - AS_OLD_AS).order_by(Pulse.at)
    ):
        by_send[pulse.send_id].append(pulse)
    relays, domains = Counter[str](), Counter[str]()
    for pulses in by_send.values():
        last, base = pulses[-1], _a_minute_before(pulses[:-1], pulses[-1].at)
        if base is None:
            continue
        seconds = (last.at - base.at).total_seconds()
        for found, new, old in (
            (relays, last.by_relay, base.by_relay),
            (domains, last.by_domain, base.by_domain),
        ):
            for name, arrived in new.items():
                found[name] += per_minute(arrived, old.get(name, 0), seconds)
    return dict(relays), dict(domains)
