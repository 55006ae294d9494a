"""What an administrator types about speed limits and mail servers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from commsplan.delivery.rates import Key, Limit, Scope
from commsplan.delivery.relay_models import Relay
from commsplan.foundation.database import db
from commsplan.foundation.errors import Unusable

CHANNELS = ("email",)
"""Channels whose copies draw from a bucket."""
FASTEST, LARGEST_BURST = 10_000_000, 1_000_000  # copies a minute, copies
BURST_SECONDS = 10  # a limit without a burst of its own lets so many seconds' worth go at once
MOST_COPIES = 1_000_000
MOST_CONNECTIONS = 64  # of one worker, as the table keeps
MOST_WEIGHT = 1000
DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


@dataclass(frozen=True)
class LimitWish:
    """A speed limit that somebody wants."""

    key: Key
    limit: Limit


@dataclass(frozen=True)
class RelayWish:
    """How somebody wants a mail server to be used."""

    weight: int
    connections: int
    copies_per_connection: int


def read_limit(form: Mapping[str, str]) -> LimitWish | Unusable:
    """Read a speed limit; the burst may be left out."""
    typed = {key: form.get(key, "").strip() for key in ("scope", "name", "per_minute", "burst")}
    problems: dict[str, str] = {}
    scope, name = typed["scope"], typed["name"].lower().removeprefix("@")
    if scope not in set(Scope):
        problems["scope"] = _("Choose what the limit is for.")
    elif problem := _wrong_name(Scope(scope), name):
        problems["name"] = problem
    per_minute = _number(typed["per_minute"], FASTEST)
    if per_minute is None:
        problems["per_minute"] = _("Type how many copies a minute, as a whole number from 1 on.")
    burst = _number(typed["burst"], LARGEST_BURST) if typed["burst"] else usual_burst(per_minute)
    if burst is None:
        problems["burst"] = _("Type how many copies may go at once, or leave it empty.")
    if problems or per_minute is None or burst is None:
        return Unusable(problems, dict(typed))
    return LimitWish((scope, name), Limit(per_minute, burst))


def usual_burst(per_minute: int | None) -> int:
    """Return what may go at once when nobody says: ten seconds' worth."""
    return max((per_minute or 0) * BURST_SECONDS // 60, 1)


def _wrong_name(scope: Scope, name: str) -> str:
    """Return what is wrong with the name of a limit, or nothing."""
    if scope is Scope.CHANNEL and name not in CHANNELS:
        return str(_("Channels with a limit: %(names)s.", names=", ".join(CHANNELS)))
    if scope is Scope.RELAY and not db.session.scalar(select(Relay.id).where(Relay.name == name)):
        return str(_("No mail server is called that. Type host:port as it stands in the list."))
    if scope is Scope.DOMAIN and not DOMAIN.fullmatch(name):
        return str(_("Type a domain such as example.org, as it stands behind the @."))
    return ""


def read_relay(form: Mapping[str, str]) -> RelayWish | Unusable:
    """Read how a mail server is to be used."""
    names = ("weight", "connections", "copies_per_connection")
    typed = {name: form.get(name, "").strip() for name in names}
    most = dict(zip(names, (MOST_WEIGHT, MOST_CONNECTIONS, MOST_COPIES), strict=True))
    numbers = {name: _number(typed[name], most[name]) for name in names}
    problems = {
        name: _("Type a whole number from 1 to %(most)s.", most=most[name])
        for name, number in numbers.items()
        if number is None
    }
    if problems:
        return Unusable(problems, dict(typed))
    return RelayWish(*(number or 1 for number in numbers.values()))


def _number(typed: str, most: int) -> int | None:
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 12):
        return None
    return int(typed) if 1 <= int(typed) <= most else None
