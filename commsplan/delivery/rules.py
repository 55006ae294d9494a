"""The states of a copy, which lead where, and what a mail server's answer means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    """Where one copy for one person stands."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"
    SKIPPED_LATE = "skipped_late"


OPEN = frozenset({State.PLANNED, State.SENDING})
"""Something still has to happen."""

TERMINAL = frozenset(State) - OPEN - {State.UNCERTAIN}
"""Nothing more happens by itself; `uncertain` waits for evidence or for a person."""

STOPPABLE = frozenset({State.PLANNED})
"""Not on the wire yet: cancelling or unsubscribing still prevents it."""

ARRIVED = frozenset({State.ACCEPTED, State.DELIVERED})
"""The mail server took it, and nothing came back."""

HAS_IT = ARRIVED | {State.SENDING, State.UNCERTAIN}
"""Has the message, or may have it: a repeat of the send leaves these people out."""

HAD_IT = ARRIVED | {State.UNCERTAIN, State.SENDING}
"""Was sent the message: whom a correction or a recall notice concerns."""

AGAIN = frozenset({State.FAILED, State.BOUNCED, State.CANCELLED, State.SKIPPED_LATE})
"""Did not get it, and another try is worth it."""

MISSED = frozenset(
    {
        State.FAILED,
        State.BOUNCED,
        State.UNCERTAIN,
        State.SUPPRESSED,
        State.CANCELLED,
        State.SKIPPED_LATE,
    }
)
"""Did not get it, as far as is known."""


class SendKind(StrEnum):
    """What a send is to its message."""

    FIRST = "first"
    TOP_UP = "top-up"
    REMINDER = "reminder"
    CORRECTION = "correction"
    RECALL = "recall"
    RESEND = "resend"


class SendState(StrEnum):
    """Where one send stands."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"


FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=5)  # RFC 5321 §4.5.4.1: at least 4 to 5 days
RELAY_PAUSE = timedelta(seconds=15)  # a relay that is away is asked again soon: nobody was refused
JITTER = 0.2
NOTE_LENGTH = 500
CLOSING = 421  # RFC 5321 §4.2.1: the server hangs up, whatever was asked


class Trouble(StrEnum):
    """Why a copy that was not accepted goes where it goes."""

    NONE = ""
    REFUSED = "refused"
    """The server will never take this copy."""
    LATER = "later"
    """The server may take this copy another time."""
    DROPPED = "dropped"
    """The line broke before the final dot."""
    CLOSED = "closed"
    """The server hung up on us with 421."""
    AWAY = "away"
    """The server could not be used at all; no copy is to blame."""
    LOST = "lost"
    """The line broke after the final dot."""


@dataclass(frozen=True)
class Outcome:
    """What became of one copy at the mail server."""

    state: State
    note: str = ""
    trouble: Trouble = Trouble.NONE
    tried: bool = True
    """Whether it counts as an attempt: a relay that was away costs the copy nothing."""


def accepted(words: str) -> Outcome:
    """The server said 250 after the final dot: it is the server's now."""
    return Outcome(State.ACCEPTED, words[:NOTE_LENGTH])


def refused(words: str) -> Outcome:
    """This copy will never be taken."""
    return Outcome(State.FAILED, words[:NOTE_LENGTH], Trouble.REFUSED)


def later(words: str) -> Outcome:
    """This copy may be taken another time."""
    return Outcome(State.PLANNED, words[:NOTE_LENGTH], Trouble.LATER)


def dropped(words: str) -> Outcome:
    """The line broke before the final dot: the server has nothing, perhaps because of this copy."""
    return Outcome(State.PLANNED, words[:NOTE_LENGTH], Trouble.DROPPED)


def closed(words: str) -> Outcome:
    """The server hangs up: this copy steps back, and nothing else is asked of it for a moment."""
    return Outcome(State.PLANNED, words[:NOTE_LENGTH], Trouble.CLOSED)


def away(words: str) -> Outcome:
    """The relay cannot be used: the copy waits a moment, at no cost to it."""
    return Outcome(State.PLANNED, words[:NOTE_LENGTH], Trouble.AWAY, tried=False)


def untouched() -> Outcome:
    """Nothing of this copy was put on the wire; it may go at once."""
    return Outcome(State.PLANNED, tried=False)


def doubtful(words: str) -> Outcome:
    """The line died after the final dot: nobody on this side can know (RFC 1047)."""
    return Outcome(State.UNCERTAIN, words[:NOTE_LENGTH], Trouble.LOST)


def judge(code: int, words: str) -> Outcome:
    """Turn a reply to RCPT, DATA or the final dot into an outcome (RFC 5321 §4.2.1)."""
    said = f"{code} {words}".strip()
    if code == CLOSING:
        return closed(said)
    return later(said) if 400 <= code < 500 else refused(said)


def retry_in(outcome: Outcome, attempts: int, chance: float) -> timedelta:
    """Return how long a copy waits before its next try.

    A refusal "for now" waits 5 minutes doubling to 4 hours; a broken line 15 seconds, doubling as
    often as it happens to this copy; a relay that is away 15 seconds, however often.

    Args:
        outcome: what happened.
        attempts: how often the copy was tried, at least 1.
        chance: 0..1, spreads the tries so that they do not all come back at once.
    """
    first = FIRST_RETRY if outcome.trouble is Trouble.LATER else RELAY_PAUSE
    doublings = 0 if outcome.trouble is Trouble.AWAY else min(attempts - 1, 12)
    pause = min(first * int(2**doublings), LONGEST_RETRY)
    return pause * (1 + JITTER * (2 * chance - 1))
