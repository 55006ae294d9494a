"""A plan's activities as the grid that `grid_rows` reads back unchanged."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Exported(Protocol):
    """What a row needs of an activity."""

    kind: str
    title: str
    mechanism: str
    key_message: str
    comments: str
    starts_local: datetime
    ends_local: datetime
    zone: str
    all_day: bool
    frequency: str
    place: str
    conference: str
    status: str


def row_of(activity: Exported, audience: str, owner: str) -> tuple[str, ...]:
    """Return one activity as texts, in the order of `spreadsheet.COLUMNS`."""
    starts, ends = activity.starts_local, activity.ends_local
    if activity.all_day:
        clock, end = "all day", "" if ends.date() == starts.date() else ends.date().isoformat()
    else:
        clock, same_day = f"{starts:%H:%M}", ends.date() == starts.date()
        end = f"{ends:%H:%M}" if same_day else f"{ends:%Y-%m-%d %H:%M}"
    return (
        starts.date().isoformat(),
        clock,
        end,
        activity.zone,
        activity.title,
        activity.kind,
        audience,
        activity.mechanism,
        activity.key_message,
        owner,
        activity.status,
        activity.frequency,
        activity.comments,
        activity.place,
        activity.conference,
    )
