"""Saying something about a meeting to invited people: it is remembered, and put in the outbox.

`Invitation.told` keeps, for each event, the SEQUENCE and the digest of the last calendar mail.
Everything here runs inside the transaction of the change that is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from commsplan.calendars.invitation_models import Invitation, Told
from commsplan.calendars.invitation_rules import MailKind, next_sequence
from commsplan.calendars.meeting_times import (
    CANCELLED,
    WITHDRAWN,
    day_digest,
    digests,
    event_key,
    is_moved,
    is_off,
    undeparted,
)
from commsplan.calendars.outbox import Wish, put
from commsplan.plans.models import Activity

OFF = (CANCELLED, WITHDRAWN)


@dataclass(frozen=True)
class Word:
    """Something that an invited person has to hear."""

    kind: MailKind
    day: str
    moved: bool = False
    """The time is another one, so that they are asked again."""


def sequence_told(told: Told, activity_id: int, day: str = "") -> int:
    """Return the SEQUENCE of the last mail about an event, -1 without one.

    A day without a mail of its own has been told with the whole.
    """
    own = told.get(event_key(activity_id, day)) or told.get(event_key(activity_id))
    return int(str(own[0])) if own else -1


def last_sequence(told: Told, activity_id: int) -> int:
    """Return the highest SEQUENCE that somebody has had of an activity, -1 without any."""
    prefix = event_key(activity_id)
    had = (int(str(one[0])) for key, one in told.items() if key.startswith(prefix))
    return max(had, default=-1)


def digest_told(told: Told, key: str) -> str | None:
    """Return what was last said of an event; None for nothing."""
    return str(told[key][1]) if key in told else None


def is_told(invitation: Invitation, activity_id: int, day: str = "") -> bool:
    """Tell whether an event stands in somebody's calendar because we mailed it."""
    digest = digest_told(invitation.told, event_key(activity_id, day))
    if digest is None and day:
        digest = digest_told(invitation.told, event_key(activity_id))
    return digest is not None and digest not in OFF


def words_for(told: Told, activity: Activity, now: Mapping[str, str], day: str) -> list[Word]:
    """Return what somebody has to hear so that they know a meeting as it is now.

    Args:
        told: what they were told.
        now: `digests` of the activity.
        day: which day of a series they are invited to; empty for the whole.
    """
    if day:
        return _word(told, activity, day, _of_day(activity, now, day))
    whole = event_key(activity.id)
    if now[whole] == CANCELLED or digest_told(told, whole) != now[whole]:
        return _word(told, activity, "", now[whole])
    days = {key.partition("/")[2] for key in (*now, *told) if key.startswith(whole)} - {""}
    return [
        word
        for one in sorted(days)
        for word in _word(told, activity, one, _of_day(activity, now, one))
    ]


def _word(told: Told, activity: Activity, day: str, now: str | None) -> list[Word]:
    """Return what has to be said of one event, if anything."""
    before = digest_told(told, event_key(activity.id, day))
    if before is None and day:
        before = _plain(activity, day)
    if now == before or now is None:
        return []
    if now == CANCELLED:
        return [] if before in (None, *OFF) else [Word(MailKind.CANCELLATION, day)]
    moved = before is None or before in OFF or is_moved(before, now)
    return [Word(MailKind.UPDATE, day, moved)]


def _of_day(activity: Activity, now: Mapping[str, str], day: str) -> str | None:
    if is_off(activity):
        return CANCELLED
    return now.get(event_key(activity.id, day)) or _plain(activity, day) or CANCELLED


def _plain(activity: Activity, day: str) -> str | None:
    """Return what the series itself says of a day."""
    one = undeparted(activity, day) if not is_off(activity) else None
    return day_digest(activity, one) if one else None


def tell_whole(kind: MailKind, activity: Activity, invitations: Sequence[Invitation]) -> None:
    """Tell people about a meeting as it is now, with every day that departs from it."""
    now, wishes = digests(activity), []
    for invitation in invitations:
        sequence = _sequence(kind, activity, invitation)
        others = {
            key: value
            for key, value in invitation.told.items()
            if not key.startswith(event_key(activity.id))
        }
        invitation.told = others | {key: [sequence, digest] for key, digest in now.items()}
        wishes.append(Wish(invitation.id, invitation.person_id, sequence))
    put(kind, activity.id, "", wishes)


def tell_day(
    kind: MailKind, activity: Activity, day: str, invitations: Sequence[Invitation]
) -> None:
    """Tell people about one day of a series as it is now."""
    digest, wishes = _of_day(activity, digests(activity), day), []
    for invitation in invitations:
        sequence = _sequence(kind, activity, invitation)
        key = event_key(activity.id, day)
        invitation.told = invitation.told | {key: [sequence, str(digest)]}
        wishes.append(Wish(invitation.id, invitation.person_id, sequence))
    put(kind, activity.id, day, wishes)


def tell_off(
    activity: Activity, day: str, invitations: Sequence[Invitation], digest: str = CANCELLED
) -> None:
    """Call an event off for people who had heard of it.

    Args:
        digest: CANCELLED for everybody, WITHDRAWN where only these people are no longer invited.
    """
    had, wishes = [one for one in invitations if is_told(one, activity.id, day)], []
    for invitation in had:
        sequence = next_sequence(activity.sequence, last_sequence(invitation.told, activity.id))
        key = event_key(activity.id, day)
        told = dict(invitation.told)
        if not day:  # the days go with the whole
            told = {name: value for name, value in told.items() if not name.startswith(key)}
        invitation.told = told | {key: [sequence, digest]}
        wishes.append(Wish(invitation.id, invitation.person_id, sequence))
    unheard = set(put(MailKind.CANCELLATION, activity.id, day, wishes))
    for invitation in had:
        if invitation.id in unheard:
            key = event_key(activity.id, day)
            invitation.told = {name: one for name, one in invitation.told.items() if name != key}


def _sequence(kind: MailKind, activity: Activity, invitation: Invitation) -> int:
    """Return the SEQUENCE of a mail: what says nothing new repeats the last one."""
    last = last_sequence(invitation.told, activity.id)
    if kind in (MailKind.REMINDER, MailKind.SEAT) and last >= 0:
        return last
    return next_sequence(activity.sequence, last)
