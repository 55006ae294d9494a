"""`commsplan relays` and `commsplan limits`: mail servers and speed from the command line."""

from __future__ import annotations

import click
from flask import Flask
from sqlalchemy import select

from commsplan.delivery.buckets import tokens_now
from commsplan.delivery.limit_actions import remove_limit, set_limit
from commsplan.delivery.limit_forms import LimitWish, RelayWish, read_limit, read_relay
from commsplan.delivery.rates import Scope
from commsplan.delivery.relay_actions import set_relay, switch_off, switch_on
from commsplan.delivery.relay_models import RateLimit, Relay
from commsplan.delivery.traffic import traffic
from commsplan.foundation.database import db
from commsplan.foundation.errors import Unusable

SCOPE = click.Choice([scope.value for scope in Scope])


@click.group()
def relays() -> None:
    """Look at mail servers, and say how they are used."""


@relays.command("list")
@click.pass_obj
def list_relays(app: Flask) -> None:
    """List the mail servers that workers have found in SMTP_URL."""
    with app.test_request_context():
        for one in traffic("UTC").relays:
            relay = one.relay
            click.echo(
                f"{relay.name:<30} weight {relay.weight:<4} {relay.connections} connections of "
                f"{relay.copies_per_connection} copies  {one.word} {one.more}".rstrip()
            )


@relays.command("set")
@click.argument("name")
@click.option("--weight", help="Its share of the copies, beside the others' weights.")
@click.option("--connections", help="How many connections each worker opens to it.")
@click.option("--copies", help="After how many copies a connection is replaced.")
@click.pass_obj
def set_one(
    app: Flask, name: str, weight: str | None, connections: str | None, copies: str | None
) -> None:
    """Say how a mail server is used; what is not given stays."""
    with app.test_request_context():
        relay = _relay(name)
        wish = read_relay(
            {
                "weight": weight or str(relay.weight),
                "connections": connections or str(relay.connections),
                "copies_per_connection": copies or str(relay.copies_per_connection),
            }
        )
        if isinstance(wish, Unusable):
            raise click.ClickException(_problems(wish))
        _set(relay, wish)
        click.echo(f"{name} is used so from the workers' next turn on.")


def _set(relay: Relay, wish: RelayWish) -> None:
    set_relay(relay.id, wish.weight, wish.connections, wish.copies_per_connection, None)


@relays.command()
@click.argument("name")
@click.pass_obj
def off(app: Flask, name: str) -> None:
    """Let nothing begin at a mail server any more."""
    with app.app_context():
        done = switch_off(_relay(name).id, None)
        click.echo(f"{name} is switched off." if done else f"{name} was switched off already.")


@relays.command()
@click.argument("name")
@click.pass_obj
def on(app: Flask, name: str) -> None:
    """Use a mail server again."""
    with app.app_context():
        done = switch_on(_relay(name).id, None)
        click.echo(f"{name} is used again." if done else f"{name} was not switched off.")


@click.group()
def limits() -> None:
    """Look at speed limits, and change them while mails go out."""


@limits.command("list")
@click.pass_obj
def list_limits(app: Flask) -> None:
    """List the limits, with what each lets go at once now."""
    with app.app_context():
        tokens = tokens_now()
        for one in db.session.scalars(
            select(RateLimit).order_by(RateLimit.scope, RateLimit.name)
        ).all():
            now = max(int(tokens.get((one.scope, one.name), 0.0)), 0)
            click.echo(
                f"{one.scope:<8} {one.name:<30} {one.per_minute} a minute, now {now} of {one.burst}"
            )


@limits.command("set")
@click.argument("scope", type=SCOPE)
@click.argument("name")
@click.argument("per_minute")
@click.option(
    "--burst", default="", help="At most so many at once; ten seconds' worth if left out."
)
@click.pass_obj
def set_limit_to(app: Flask, scope: str, name: str, per_minute: str, burst: str) -> None:
    """Let at most so many copies go a minute."""
    form = {"scope": scope, "name": name, "per_minute": per_minute, "burst": burst}
    with app.test_request_context():
        match read_limit(form):
            case Unusable() as wrong:
                raise click.ClickException(_problems(wrong))
            case LimitWish(key, limit):
                set_limit(key, limit, None)
                click.echo(f"{limit.per_minute} a minute, at most {limit.burst} at once.")


@limits.command()
@click.argument("scope", type=SCOPE)
@click.argument("name")
@click.pass_obj
def remove(app: Flask, scope: str, name: str) -> None:
    """Lift a limit."""
    with app.app_context():
        if not remove_limit((scope, name.lower()), None):
            raise click.ClickException(f"There is no limit for {scope} {name}.")
        click.echo(f"{scope} {name} has no limit any more.")


def _relay(name: str) -> Relay:
    relay = db.session.scalars(select(Relay).where(Relay.name == name)).one_or_none()
    if relay is None:
        raise click.ClickException(f"There is no mail server {name}; see “commsplan relays list”.")
    return relay


def _problems(wrong: Unusable) -> str:
    return " ".join(str(one) for one in wrong.problems.values())
