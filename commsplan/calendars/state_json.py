"""A calendar's state as programs read and ask it: moments with their offset, names and values."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from commsplan.calendars.override_actions import end_of
from commsplan.calendars.state import Said, Verdict
from commsplan.foundation.errors import Unreadable

FIRST_YEAR, LAST_YEAR = 2000, 2199
_LOST_PLUS = re.compile(r" (\d\d:?\d\d)$")


def read_moment(raw: str, now: datetime) -> datetime:
    """Read a moment with its offset (RFC 3339); without one it is the present.

    Raises:
        Unreadable: it is no moment, or has no offset: "09:00" alone is another moment everywhere.
    """
    text = _LOST_PLUS.sub(r"+\1", raw.strip())  # "+" in an address means a space
    if not text:
        return now
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unreadable("`at` is a moment such as 2026-12-24T10:00:00+01:00.") from error
    if found.tzinfo is None:
        raise Unreadable("`at` needs an offset, such as 2026-12-24T10:00:00+01:00 or …Z.")
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Unreadable(f"`at` lies between {FIRST_YEAR} and {LAST_YEAR}.")
    return found.astimezone(UTC)


def as_json(verdict: Verdict) -> dict[str, object]:
    """Return an answer as programs read it; moments are RFC 3339 in UTC."""
    turn = verdict.answer.turn
    return {
        "state": str(verdict.answer.state),
        "at": written(verdict.at),
        "next_transition": {"at": written(turn.at), "state": str(turn.to)} if turn else None,
        "looked_until": written(verdict.looked_until),
        "calendars": [_one(said) for said in verdict.said],
    }


def written(moment: datetime) -> str:
    """Return a moment as RFC 3339 in UTC, without the parts of a second that it does not have."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _one(said: Said) -> dict[str, object]:
    turn, override = said.answer.turn, said.override
    return {
        "calendar": said.asked.slug,
        "state": str(said.answer.state),
        "next_transition": {"at": written(turn.at), "state": str(turn.to)} if turn else None,
        "because": [
            {
                "title": one.title,
                "starts": written(one.stretch.starts),
                "ends": written(one.stretch.ends),
            }
            for one in said.because
        ],
        "override": {
            "until": written(end_of(override)),
            "sponsor": override.sponsor.name if override.sponsor else "",
            "reason": override.reason,
        }
        if override
        else None,
        "doubt": said.doubt,
        "unread_lines": said.unread_lines,
    }
