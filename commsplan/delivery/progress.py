"""How far a send is, at what rate, when it ends, and what holds it up, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from commsplan.delivery.actions import CONFIRMED, SEND_AGAIN
from commsplan.delivery.bouncing import ANSWERED, COMPLAINED
from commsplan.delivery.changed_minds import LEFT
from commsplan.delivery.leases import WORKER_LOST
from commsplan.delivery.models import Send
from commsplan.delivery.placing import UNSUBSCRIBED, WITHOUT_ADDRESS
from commsplan.delivery.pulses import rate_of
from commsplan.delivery.queries import (
    counts,
    failures,
    is_late,
    last_movement,
    next_try,
)
from commsplan.delivery.relay_models import Relay
from commsplan.delivery.relays import nobody_takes
from commsplan.delivery.rules import ARRIVED, MISSED, OPEN, STOPPABLE, SendState, State
from commsplan.delivery.suppressions import ADDRESS_SUPPRESSED
from commsplan.foundation.bell import is_answering
from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import show_moment

QUIET_AFTER = timedelta(seconds=20)  # then the queue server is asked whether it lives
STUCK_AFTER = timedelta(minutes=2)
START_AFTER = timedelta(seconds=60)  # a timetable that lives starts a due send within seconds

STATE_WORDS = {
    State.PLANNED: lazy_gettext("waiting"),
    State.SENDING: lazy_gettext("on the wire"),
    State.ACCEPTED: lazy_gettext("handed to the mail server"),
    State.DELIVERED: lazy_gettext("delivered"),
    State.BOUNCED: lazy_gettext("came back"),
    State.FAILED: lazy_gettext("could not be delivered"),
    State.UNCERTAIN: lazy_gettext("in doubt"),
    State.CANCELLED: lazy_gettext("stopped"),
    State.SUPPRESSED: lazy_gettext("unsubscribed or withheld"),
    State.SKIPPED_LATE: lazy_gettext("skipped: it would have come too late"),
}
STATE_KINDS = {
    State.ACCEPTED: "good",
    State.DELIVERED: "good",
    State.BOUNCED: "bad",
    State.FAILED: "bad",
    State.UNCERTAIN: "warn",
    State.SENDING: "info",
}
PAUSED = "paused"
"""Running, but nothing leaves until somebody lets it go on."""
SEND_WORDS: dict[str, object] = {
    PAUSED: lazy_gettext("Paused"),
    SendState.SCHEDULED: lazy_gettext("Scheduled"),
    SendState.RUNNING: lazy_gettext("Going out"),
    SendState.FINISHED: lazy_gettext("Sent"),
    SendState.CANCELLED: lazy_gettext("Stopped"),
}
SEND_KINDS: dict[str, str] = {
    PAUSED: "warn",
    SendState.SCHEDULED: "neutral",
    SendState.RUNNING: "info",
    SendState.FINISHED: "good",
    SendState.CANCELLED: "warn",
}


def word_of(send: Send) -> str:
    """Return where a send stands, as a key of SEND_WORDS and SEND_KINDS."""
    paused = send.state == SendState.RUNNING and send.paused_at is not None
    return PAUSED if paused else send.state


@dataclass(frozen=True)
class Trouble:
    """Something that holds a send up, in words."""

    title: str
    text: str


@dataclass(frozen=True)
class Progress:
    """Where a send stands at this moment."""

    counts: dict[State, int]
    total: int
    done: int
    """Copies with which nothing more happens by itself."""
    left: int
    stoppable: int
    """Copies that a cancel still prevents."""
    per_minute: int
    ends_at: datetime | None
    reasons: list[tuple[str, int]]
    waiting_for: list[tuple[str, int]]
    troubles: list[Trouble]
    next_at: datetime | None = None
    """When the next copies leave, if all that wait do so for the hour that was planned."""

    @property
    def arrived(self) -> int:
        """How many copies the mail server took and did not send back."""
        return sum(self.counts[state] for state in ARRIVED)

    def of(self, state: str) -> int:
        """How many copies are in a state."""
        return self.counts[State(state)]

    @property
    def doubtful(self) -> int:
        """How many copies nobody knows about."""
        return self.counts[State.UNCERTAIN]

    @property
    def missing(self) -> int:
        """How many people did not get it, as far as is known."""
        return sum(self.counts[state] for state in MISSED)


def progress_of(send: Send, zone: str) -> Progress:
    """Return where a send stands; moments in words are in the reader's zone."""
    found = counts(send)
    now = now_utc()
    left = sum(found[state] for state in OPEN)
    total = sum(found.values())
    arrived = sum(found[state] for state in ARRIVED)
    rate = rate_of(send, arrived, now) if send.state == SendState.RUNNING else 0
    waiting_for = [one for one in failures(send, State.PLANNED) if one[0]]
    return Progress(
        counts=found,
        total=total,
        done=total - left,
        left=left,
        stoppable=sum(found[state] for state in STOPPABLE),
        per_minute=rate,
        ends_at=now + timedelta(minutes=left / rate) if rate and left else None,
        reasons=failures(send),
        waiting_for=waiting_for,
        troubles=_troubles(send, found, bool(waiting_for), now, zone),
        next_at=None if waiting_for else _next_part(send, now),
    )


def _next_part(send: Send, now: datetime) -> datetime | None:
    """Return when the next copies leave, if all that wait do so for the hour that was planned."""
    again = next_try(send) if word_of(send) == SendState.RUNNING else None
    return again if again is not None and again > now else None


def _troubles(
    send: Send, found: dict[State, int], refused: bool, now: datetime, zone: str
) -> list[Trouble]:
    if send.state == SendState.SCHEDULED:
        return _not_started(send, now)
    if word_of(send) != SendState.RUNNING or not found[State.PLANNED]:
        return []
    troubles = [_stall(send, zone)] if send.stalled_at else []
    troubles += [_mail_server(one, zone) for one in nobody_takes()]
    again = next_try(send)
    if refused and again is not None and again > now and not found[State.SENDING]:
        troubles.append(
            Trouble(
                _("Waiting for the mail server"),
                _("The next try is on %(moment)s.", moment=show_moment(again, zone)),
            )
        )
    if again is not None and again <= now and not found[State.SENDING]:
        quiet_for = now - max(last_movement(send) or now, again)
        troubles += _nobody_works(quiet_for) if quiet_for > QUIET_AFTER else []
    return troubles


def _stall(send: Send, zone: str) -> Trouble:
    since = show_moment(send.idle_since or send.stalled_at, zone)
    return Trouble(
        _("This send has come to a halt"),
        _(
            "It could go on, but nothing has happened since %(moment)s. Nothing is lost: it goes "
            "on by itself when the cause is gone.",
            moment=since,
        ),
    )


def _mail_server(relay: Relay, zone: str) -> Trouble:
    if relay.switched_off_at:
        return Trouble(
            _("The mail server is switched off"),
            _("%(name)s takes nothing until somebody switches it on again.", name=relay.name),
        )
    return Trouble(
        _("The mail server cannot be used"),
        _(
            "%(name)s: %(words)s. The next try is on %(moment)s.",
            name=relay.name,
            words=relay.said,
            moment=show_moment(relay.away_until, zone),
        ),
    )


def _not_started(send: Send, now: datetime) -> list[Trouble]:
    if is_late(send) or now - send.due_at < START_AFTER:
        return []
    return [
        Trouble(
            _("It should have started"),
            _(
                "Nothing has started it. Is the timetable process running? It starts within "
                "seconds once it is; nothing is lost."
            ),
        )
    ]


def _nobody_works(quiet_for: timedelta) -> list[Trouble]:
    troubles = []
    if not is_answering():
        troubles.append(
            Trouble(
                _("The queue server does not answer"),
                _("Workers look into the database themselves meanwhile. Nothing is lost."),
            )
        )
    if quiet_for < STUCK_AFTER:
        return troubles
    minutes = int(quiet_for.total_seconds() // 60)
    return [
        *troubles,
        Trouble(
            ngettext(
                "No worker has taken a copy for %(num)s minute",
                "No worker has taken a copy for %(num)s minutes",
                minutes,
            ),
            _("Is a worker running? It goes on by itself once one is; nothing is lost."),
        ),
    ]


NOTE_WORDS = {
    WITHOUT_ADDRESS: lazy_gettext("There is no usable e-mail address in the staff list."),
    LEFT: lazy_gettext("Left the organisation before it could be sent."),
    UNSUBSCRIBED: lazy_gettext("Unsubscribed from this plan's mails."),
    ADDRESS_SUPPRESSED: lazy_gettext(
        "Nothing is sent to this address: it is on the suppression list."
    ),
    ANSWERED: lazy_gettext("Something came back for it, so it had arrived."),
    COMPLAINED: lazy_gettext("The reader's mail provider passed on a complaint."),
    CONFIRMED: lazy_gettext("Confirmed that it arrived."),
    SEND_AGAIN: lazy_gettext("Sent again: it had not arrived."),
    WORKER_LOST: lazy_gettext("The worker was lost while this copy was on the wire."),
}


def say(note: str) -> str:
    """Return a copy's note in the reader's language; a mail server's own words stay as they are."""
    return str(NOTE_WORDS.get(note, note))
