"""Requests about invitations read into wishes, or named problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from commsplan.calendars.meeting_times import day_of_name
from commsplan.foundation.errors import Unusable
from commsplan.plans.fields import Fields
from commsplan.plans.series import day_of


@dataclass(frozen=True)
class InviteWish:
    """Whom somebody wants to invite."""

    person_id: int | None
    """One person; None for everybody of the audience who is not invited yet."""


@dataclass(frozen=True)
class SessionWish:
    """When and where somebody wants to offer a meeting once more."""

    starts_local: datetime
    place: str


def read_day(form: Mapping[str, str]) -> str:
    """Return the day of a series that a request is about; empty for none, or for nonsense."""
    raw = form.get("day", "")
    return day_of_name(raw) if day_of(raw) is not None else ""


def read_invite(form: Mapping[str, str]) -> Unusable | InviteWish:
    """Read whom to invite."""
    if form.get("whom") == "audience":
        return InviteWish(None)
    fields = Fields(form)
    person_id = fields.person("guest", _("Say who: an e-mail address or a name."))
    return fields.unusable() if fields.problems else InviteWish(person_id)


def read_person(form: Mapping[str, str]) -> Unusable | int:
    """Read who was there without having been invited."""
    fields = Fields(form)
    person_id = fields.person("guest", _("Say who: an e-mail address or a name."))
    return fields.unusable() if fields.problems or person_id is None else person_id


def read_session(form: Mapping[str, str]) -> Unusable | SessionWish:
    """Read when a meeting is offered once more."""
    fields = Fields(form)
    day = fields.day("starts_date", _("On which day?"))
    hour = fields.hour("starts_time")
    if hour is None and "starts_time" not in fields.problems:
        fields.problems["starts_time"] = _("At what time?")
    place = fields.text("place", 200)
    if fields.problems or day is None or hour is None:
        return fields.unusable()
    return SessionWish(datetime.combine(day, hour), place)
