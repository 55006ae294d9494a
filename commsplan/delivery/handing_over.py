"""From a row to a channel: what is said at an outlet, and by which way."""

from __future__ import annotations

from commsplan.delivery.channel import Channel, Post
from commsplan.delivery.channel_board import BoardChannel
from commsplan.delivery.channel_chat import ChatChannel
from commsplan.delivery.channel_webhook import WebhookChannel
from commsplan.delivery.outlet_models import Outlet, Posting
from commsplan.delivery.posting_text import words_of
from commsplan.foundation.outgoing import Opener, open_session
from commsplan.foundation.sealing import unseal
from commsplan.foundation.tokens import keyed_hash

ADDRESS = "outlet address"
SECRET = "webhook secret"  # noqa: S105  # the purpose of a seal, not a secret


def channel_for(kind: str, opener: Opener = open_session) -> Channel:
    """Return the channel that serves a kind of outlet."""
    match kind:
        case "chat":
            return ChatChannel(opener)
        case "webhook":
            return WebhookChannel(opener)
        case _:
            return BoardChannel()


def key_of(posting_id: int) -> str:
    """Return the key of a posting: derived, so that a repeat carries the same one."""
    return keyed_hash("posting", str(posting_id))


def post_of(posting: Posting) -> Post:
    """Return what a row of the ledger says.

    Raises:
        Unsealable: SECRET_KEY has changed since the outlet was made.
    """
    words = words_of(posting.send.version, posting.message)
    return Post(
        title=words.title,
        text=words.text,
        markdown=words.markdown,
        html=words.html,
        url=words.url,
        address=address_of(posting.outlet),
        secret=secret_of(posting.outlet),
        key=key_of(posting.id),
        message_id=posting.message_id,
        plan=posting.message.plan.title,
    )


def address_of(outlet: Outlet) -> str:
    """Return where an outlet leads, with its token: for the wire alone."""
    return unseal(ADDRESS, outlet.address) if outlet.address else ""


def secret_of(outlet: Outlet) -> str:
    """Return what a webhook is signed with: for the wire alone."""
    return unseal(SECRET, outlet.secret) if outlet.secret else ""
