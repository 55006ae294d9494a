"""What goes through each mail server, limit and domain just now, in words and figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from commsplan.delivery.buckets import tokens_now
from commsplan.delivery.pulses import rates_by_relay_and_domain
from commsplan.delivery.rates import Scope
from commsplan.delivery.relay_models import RateLimit, Relay
from commsplan.delivery.relays import IN_USE
from commsplan.delivery.watch_rules import OTHERS
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.dates import show_moment

SCOPE_WORDS = {
    Scope.CHANNEL: lazy_gettext("Channel"),
    Scope.RELAY: lazy_gettext("Mail server"),
    Scope.DOMAIN: lazy_gettext("Recipients at"),
}


@dataclass(frozen=True)
class RelayLine:
    """A mail server as it is just now."""

    relay: Relay
    kind: str
    """good, warn, bad or neutral."""
    word: str
    more: str
    per_minute: int


@dataclass(frozen=True)
class LimitLine:
    """A speed limit as it is just now."""

    limit: RateLimit
    scope: str
    tokens: int
    is_used_up: bool


@dataclass(frozen=True)
class Traffic:
    """Everything that is shown live."""

    relays: list[RelayLine]
    limits: list[LimitLine]
    domains: list[tuple[str, int]]
    per_minute: int


def traffic(zone: str) -> Traffic:
    """Return what goes through now; moments in words are in the reader's zone."""
    by_relay, by_domain = rates_by_relay_and_domain()
    now, tokens = now_utc(), tokens_now()
    relays = db.session.scalars(select(Relay).order_by(Relay.name))
    limits = db.session.scalars(select(RateLimit).order_by(RateLimit.scope, RateLimit.name))
    domains = sorted(by_domain.items(), key=lambda one: (one[0] == OTHERS, -one[1], one[0]))
    return Traffic(
        relays=[_relay(one, by_relay.get(one.name, 0), now, zone) for one in relays],
        limits=[_limit(one, tokens.get((one.scope, one.name), 0.0)) for one in limits],
        domains=[(name or _("all other domains"), number) for name, number in domains],
        per_minute=sum(by_relay.values()),
    )


def _relay(relay: Relay, per_minute: int, now: datetime, zone: str) -> RelayLine:
    if relay.switched_off_at:
        since = _("since %(moment)s", moment=show_moment(relay.switched_off_at, zone))
        return RelayLine(relay, "warn", _("Switched off"), since, per_minute)
    if relay.seen_at is None or relay.seen_at < now - IN_USE:
        return RelayLine(
            relay, "neutral", _("Not in use"), _("no worker has seen it for a day"), per_minute
        )
    if relay.away_until and relay.away_until > now:
        said = _(
            "until %(moment)s: %(words)s",
            moment=show_moment(relay.away_until, zone),
            words=relay.said,
        )
        return RelayLine(relay, "bad", _("Away"), said, per_minute)
    return RelayLine(relay, "good", _("In use"), "", per_minute)


def _limit(limit: RateLimit, tokens: float) -> LimitLine:
    return LimitLine(limit, str(SCOPE_WORDS[Scope(limit.scope)]), max(int(tokens), 0), tokens < 1)
