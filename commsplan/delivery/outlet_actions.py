"""What a team can do with its outlets. No address and no secret goes into the audit trail."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import escape
from sqlalchemy import delete, select

from commsplan.delivery.channel import Post
from commsplan.delivery.handing_over import ADDRESS, SECRET, address_of, channel_for, secret_of
from commsplan.delivery.outlet_addresses import understood
from commsplan.delivery.outlet_models import MessageOutlet, Outlet
from commsplan.delivery.outlet_queries import board_of, outlet_named
from commsplan.delivery.rules import Outcome, State
from commsplan.foundation.audit import record
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.foundation.errors import NotNow
from commsplan.foundation.outgoing import Opener, open_session
from commsplan.foundation.sealing import seal
from commsplan.foundation.tokens import keyed_hash
from commsplan.messages.models import Message
from commsplan.people.models import Person, Team

SECRET_BYTES = 32  # as many as SHA-256 gives; more would not make the signature stronger
BEFORE_IT_LEAVES = frozenset({"draft", "scheduled", "cancelled"})


class NameTaken(NotNow):
    """The team has an outlet of that name already, perhaps a switched-off one."""


class BoardThere(NotNow):
    """The team has its notice board already."""


@dataclass(frozen=True)
class Made:
    """A new outlet; a webhook's signing secret is known now and never again."""

    outlet: Outlet
    secret: str


def make_outlet(team: Team, name: str, kind: str, address: str, by: Person) -> Made:
    """Add an outlet to a team.

    Raises:
        NameTaken: the team uses the name already.
        BoardThere: the team has a notice board already.
        BadAddress: the address cannot be used.
    """
    shown = understood(kind, address)
    secret = secrets.token_urlsafe(SECRET_BYTES) if kind == "webhook" else ""
    with transaction() as database:
        if outlet_named(team, name):
            raise NameTaken
        if kind == "board" and board_of(team):
            raise BoardThere
        outlet = Outlet(
            team_id=team.id,
            name=name.strip(),
            kind=kind,
            service=shown.service,
            host=shown.host,
            address=seal(ADDRESS, address.strip()) if kind != "board" else "",
            secret=seal(SECRET, secret) if secret else "",
            created_by_id=by.id,
            created_at=now_utc(),
        )
        database.add(outlet)
        database.flush()
        _record(outlet, "outlet.made", by)
    return Made(outlet, secret)


def change_outlet(outlet: Outlet, name: str, address: str, by: Person) -> None:
    """Give an outlet another name and, unless it is empty, another address.

    Raises:
        NameTaken, BadAddress.
    """
    shown = understood(outlet.kind, address) if address else None
    with transaction():
        same = outlet_named(outlet.team, name)
        if same and same.id != outlet.id:
            raise NameTaken
        outlet.name = name.strip()
        if shown:
            outlet.service, outlet.host = shown.service, shown.host
            outlet.address = seal(ADDRESS, address.strip())
            outlet.last_ok_at, outlet.last_words = None, ""
        _record(outlet, "outlet.changed", by)


def renew_secret(outlet: Outlet, by: Person) -> str:
    """Give a webhook another signing secret; the old one signs nothing any more."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction():
        outlet.secret = seal(SECRET, secret)
        _record(outlet, "outlet.secret_renewed", by)
    return secret


def switch_off(outlet: Outlet, by: Person) -> None:
    """Post nothing there any more; messages that had chosen it leave it out."""
    with transaction():
        outlet.switched_off_at = outlet.switched_off_at or now_utc()
        _record(outlet, "outlet.switched_off", by)


def switch_on(outlet: Outlet, by: Person) -> None:
    """Post there again."""
    with transaction():
        outlet.switched_off_at = None
        _record(outlet, "outlet.switched_on", by)


def choose_outlets(message: Message, outlet_ids: Sequence[int], by: Person) -> None:
    """Say where a message also goes, of the outlets that its plan's team has in use.

    Raises:
        NotNow: it has left already.
    """
    with transaction() as database:
        if message.state not in BEFORE_IT_LEAVES:
            raise NotNow("The message has left already.")
        allowed = database.scalars(
            select(Outlet.id).where(
                Outlet.team_id == message.plan.team_id,
                Outlet.switched_off_at.is_(None),
                Outlet.id.in_(outlet_ids),
            )
        ).all()
        database.execute(delete(MessageOutlet).where(MessageOutlet.message_id == message.id))
        database.add_all(MessageOutlet(message_id=message.id, outlet_id=one) for one in allowed)
        after: dict[str, object] = {"outlets": sorted(allowed)}
        record(f"person {by.id}", "message.outlets_chosen", f"message {message.id}", after=after)


def send_test(
    outlet: Outlet, title: str, text: str, by: Person, opener: Opener = open_session
) -> Outcome:
    """Post a few words at an outlet at once, and remember what it said.

    Raises:
        Unsealable: SECRET_KEY has changed since the outlet was made.
    """
    now, kind = now_utc(), outlet.kind
    post = Post(
        title=title,
        text=text,
        markdown=text,
        html=str(escape(text)),
        url="",
        address=address_of(outlet),
        key=keyed_hash("test post", f"{outlet.id} {now.isoformat()}"),
        secret=secret_of(outlet),
    )
    db.session.rollback()  # nothing was changed; no snapshot is held while a service thinks
    outcome = channel_for(kind, opener).hand_over(post)
    with transaction():
        if outcome.state is State.ACCEPTED:
            outlet.last_ok_at, outlet.last_words = now_utc(), ""
        else:
            outlet.last_words = outcome.note
        _record(outlet, "outlet.tested", by)
    return outcome


def _record(outlet: Outlet, action: str, by: Person) -> None:
    after: dict[str, object] = {"name": outlet.name, "kind": outlet.kind, "host": outlet.host}
    record(f"person {by.id}", action, f"outlet {outlet.id}", after=after)
