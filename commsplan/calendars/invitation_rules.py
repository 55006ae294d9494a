"""Words and decisions of invitations: answers, mails and their states, when a reply counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

GRACE = timedelta(minutes=2)
"""So long after its last change a meeting's update waits: a slip can be undone, edits gather."""
CLOCKS_DIFFER = timedelta(hours=1)
"""A reply's DTSTAMP this far ahead of our clock is cut to now: a wrong clock, or somebody who
wants that no later reply is newer."""
REMIND_AGAIN_AFTER = timedelta(hours=20)
"""Nobody is reminded twice on one day, however often the button is pressed."""
NOTE_LENGTH = 500


class Answer(StrEnum):
    """What somebody said to an invitation; in capitals it is the PARTSTAT (RFC 5545 §3.2.12)."""

    NONE = "needs-action"
    YES = "accepted"
    NO = "declined"
    MAYBE = "tentative"


GIVEN = (Answer.YES, Answer.NO, Answer.MAYBE)
"""What can be said; nobody says that they say nothing."""


class Via(StrEnum):
    """By what way an answer came."""

    MAIL = "mail"
    PAGE = "page"
    TEAM = "team"


class MailKind(StrEnum):
    """Why a mail goes to somebody who is invited."""

    INVITATION = "invitation"
    UPDATE = "update"
    CANCELLATION = "cancellation"
    REMINDER = "reminder"
    CHOICE = "choice"
    """Several sessions to choose from."""
    WAITING = "waiting"
    """All places are taken: they stand on the waiting list."""
    SEAT = "seat"
    """A place became free for them."""
    COUNTER = "counter"
    """Another time was proposed, and it stays as it is."""
    NOTE = "note"
    """To the organiser: somebody proposed another time."""


METHODS = {
    MailKind.INVITATION: "REQUEST",
    MailKind.UPDATE: "REQUEST",
    MailKind.REMINDER: "REQUEST",
    MailKind.SEAT: "REQUEST",
    MailKind.CANCELLATION: "CANCEL",
    MailKind.COUNTER: "DECLINECOUNTER",
}
"""The iTIP method of a mail (RFC 5546 §3.2); the others carry no calendar part."""
SAYS_WHAT_IT_IS = frozenset({MailKind.INVITATION, MailKind.UPDATE, MailKind.CANCELLATION})
"""Of several such mails about one event that wait for the same person, the newest says it all."""


class MailState(StrEnum):
    """Where one mail of the outbox stands; the words are those of the delivery ledger."""

    PLANNED = "planned"
    SENDING = "sending"
    ACCEPTED = "accepted"
    BOUNCED = "bounced"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


WRONG = (MailState.BOUNCED, MailState.FAILED, MailState.UNCERTAIN, MailState.SUPPRESSED)
"""States that the team has to hear of: the invitation may not have reached anybody."""


class Verdict(StrEnum):
    """What became of a mail that answers an invitation."""

    TAKEN = "taken"
    UNREADABLE = "unreadable"
    """Its calendar part is none, or too large, or hostile."""
    NO_ANSWER = "no answer"
    """A calendar part that answers nothing: a request, a cancellation, a PARTSTAT we do not use."""
    UNKNOWN = "unknown event"
    UNPROVEN = "unproven"
    """It came to an address that is not the one in the invitation, so anybody may have sent it."""
    STRANGER = "wrong sender"
    """Whoever sent it is not whom it speaks for."""
    GONE = "no longer invited"
    OVER = "meeting is over"
    OLD = "older version"
    """It answers a version that has changed since (RFC 5546 §2.1.5)."""
    REPEATED = "not newer"
    """A newer answer of the same person is known."""
    COUNTER = "proposal declined"
    WORDS = "in words"
    """A person wrote something instead of answering with the calendar."""
    AWAY = "automatic answer"
    BOUNCED = "came back"


@dataclass(frozen=True)
class Standing:
    """What is known of somebody when a reply of theirs comes."""

    sequence: int
    """Of the last calendar mail about this event to this person; -1 without one."""
    stamp: datetime | None
    """When they last answered, by whatever way."""
    withdrawn: bool
    ends_at: datetime


def judge(
    known: Standing, sequence: int, stamp: datetime, sender_fits: bool, now: datetime
) -> Verdict:
    """Decide whether a reply counts (RFC 5546 §2.1.5, §3.2.3).

    1. Whoever sent it is whom it speaks for.
    2. They are still invited, to something that is not over.
    3. It answers the newest version that was mailed to them.
    4. It is newer than what they said before.

    Args:
        known: what is known of them.
        sequence: the reply's SEQUENCE.
        stamp: its DTSTAMP, as `stamp_of` has cut it.
        sender_fits: its From is its ATTENDEE, and that is whom we invited.
        now: the present moment.
    """
    if not sender_fits:
        return Verdict.STRANGER
    if known.withdrawn or known.sequence < 0:
        return Verdict.GONE
    if known.ends_at <= now:
        return Verdict.OVER
    if sequence < known.sequence:
        return Verdict.OLD
    if known.stamp is not None and stamp <= known.stamp:
        return Verdict.REPEATED
    return Verdict.TAKEN


def stamp_of(stamp: datetime, now: datetime) -> datetime:
    """Return when a reply was written; what lies far ahead is cut to now."""
    return now if stamp > now + CLOCKS_DIFFER else stamp


def next_sequence(own: int, last: int) -> int:
    """Return the SEQUENCE of a mail that says something new.

    Args:
        own: the activity's, which the feeds show too.
        last: that of the last mail to this person, -1 without one; a person who was invited, let
            go and invited again has had more of them than the activity.
    """
    return max(own, last + 1)


def places_left(capacity: int | None, seated: int) -> int | None:
    """Return how many places are free; None where there is room for everybody."""
    return None if capacity is None else max(0, capacity - seated)
