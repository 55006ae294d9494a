"""What pages say about outlets and postings."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from commsplan.delivery.channel_board import ON_THE_BOARD
from commsplan.delivery.channel_chat import NO_ROOM
from commsplan.delivery.outgoing import (
    BROKEN,
    INSECURE,
    PRIVATE,
    SILENT,
    UNREACHABLE,
    UNUSABLE,
    UNVERIFIED,
)
from commsplan.delivery.outlet_models import Outlet, Posting
from commsplan.delivery.posting_actions import IT_IS_THERE, POST_AGAIN
from commsplan.delivery.postings import WORKER_LOST
from commsplan.delivery.rules import State

KIND_WORDS = {
    "chat": lazy_gettext("Chat room"),
    "webhook": lazy_gettext("Webhook"),
    "board": lazy_gettext("Notice board"),
}
STATE_WORDS = {
    State.PLANNED: lazy_gettext("waiting"),
    State.SENDING: lazy_gettext("on the wire"),
    State.ACCEPTED: lazy_gettext("posted"),
    State.FAILED: lazy_gettext("could not be posted"),
    State.UNCERTAIN: lazy_gettext("in doubt"),
    State.CANCELLED: lazy_gettext("stopped"),
}
STATE_KINDS = {
    State.ACCEPTED: "good",
    State.FAILED: "bad",
    State.UNCERTAIN: "warn",
    State.SENDING: "info",
}
NOTE_WORDS = {
    ON_THE_BOARD: lazy_gettext("It is on the notice board."),
    IT_IS_THERE: lazy_gettext("Somebody looked: it is there."),
    POST_AGAIN: lazy_gettext("Somebody looked: it was not there. It is posted again."),
    WORKER_LOST: lazy_gettext("The worker was lost while this was on the wire."),
    NO_ROOM: lazy_gettext("The address names no room that can be posted to."),
    BROKEN: lazy_gettext("The line broke before the answer."),
    SILENT: lazy_gettext("There was no answer in time."),
    UNREACHABLE: lazy_gettext("It cannot be reached."),
    UNVERIFIED: lazy_gettext("Its certificate cannot be verified."),
    PRIVATE: lazy_gettext("The address leads into a private network, which is not allowed."),
    INSECURE: lazy_gettext("The address does not begin with https://."),
    UNUSABLE: lazy_gettext("The address cannot be used."),
}
"""Our own notes in the reader's language; a service's words stay as they came."""


def kind_of(outlet: Outlet) -> str:
    """Return what an outlet is: "Chat room · Slack"."""
    kind = str(KIND_WORDS[outlet.kind])
    return f"{kind} · {outlet.service}" if outlet.service else kind


def standing(outlet: Outlet) -> tuple[str, str]:
    """Return whether an outlet works, as kind and word for `status`."""
    if outlet.switched_off_at is not None:
        return "neutral", _("Switched off")
    if outlet.last_words:
        return "warn", _("Did not take the last post")
    if outlet.last_ok_at is not None or outlet.kind == "board":
        return "good", _("Works")
    return "info", _("Not tried yet")


def said(note: str) -> str:
    """Return a note in the reader's language where it is ours."""
    return str(NOTE_WORDS.get(note, note))


def state_of(posting: Posting) -> tuple[str, str]:
    """Return where a posting stands, as kind and word for `status`."""
    state = State(posting.state)
    return STATE_KINDS.get(state, "neutral"), str(STATE_WORDS[state])
