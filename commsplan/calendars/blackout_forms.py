"""Forms of blackouts, shared calendars and overrides, read into wishes or named problems."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time

from flask_babel import gettext as _

from commsplan.calendars.blackout_rules import (
    KINDS,
    KINDS_BY_HAND,
    LONGEST_OVERRIDE,
    SCOPES,
    SOURCES,
    VERDICTS,
    BlackoutWish,
    CalendarWish,
    OverrideWish,
    ReviewWish,
)
from commsplan.calendars.shared_models import SharedCalendar
from commsplan.foundation.dates import local_to_utc
from commsplan.foundation.errors import Unusable
from commsplan.people.models import Team
from commsplan.plans.fields import Fields

ADDRESS_LENGTH = 2000


def read_blackout(
    form: Mapping[str, str],
    teams: Collection[Team],
    calendars: Collection[SharedCalendar],
    zones: Collection[str],
    zone: str,
) -> Unusable | BlackoutWish:
    """Read a blackout.

    Args:
        teams: those that may keep it.
        calendars: those kept by hand that may be closed.
        zones: those that may be chosen.
        zone: the one where none is.
    """
    fields = Fields(form)
    all_day = fields.ticked("all_day")
    starts = _moment(fields, "starts", all_day, _("From when on?"))
    ends = _moment(fields, "ends", all_day, _("Until when?"))
    chosen = fields.one_of("calendar", {"", *(str(one.id) for one in calendars)}, "")
    scope, value = _scope(fields)
    kind = fields.one_of("kind", KINDS_BY_HAND, "freeze")
    wish = BlackoutWish(
        team_id=_team(fields, teams),
        title=fields.text("title", 200, _("Give it a title, such as “Year-end freeze”.")),
        reason=fields.text("reason", 5000),
        kind=next((one.kind for one in calendars if str(one.id) == chosen), kind),
        calendar_id=int(chosen) if chosen else None,
        starts_local=starts or datetime.min,  # noqa: DTZ901  # stands for a problem named above
        ends_local=ends or datetime.min,  # noqa: DTZ901  # likewise
        zone=fields.one_of("starts_zone", set(zones), zone),
        all_day=all_day,
        scope=scope,
        scope_value=value,
    )
    if starts and ends and (ends < starts or (ends == starts and not all_day)):
        fields.problems["ends"] = _("The end is not after the start.")
    return fields.unusable() if fields.problems else wish


def read_calendar(
    form: Mapping[str, str], teams: Collection[Team], zones: Collection[str], zone: str
) -> Unusable | CalendarWish:
    """Read a new shared calendar."""
    fields = Fields(form)
    kind = fields.one_of("kind", KINDS, "freeze")
    source = fields.one_of("source", SOURCES, "address")
    if source == "hand" and kind not in KINDS_BY_HAND:
        fields.problems["source"] = _("Only times of rest are kept by hand. Bring a file instead.")
    missing = _("Paste the address of the calendar.") if source == "address" else ""
    address = fields.text("address", ADDRESS_LENGTH, missing)
    wish = _calendar(fields, _team(fields, teams), kind, source, zones, zone, address)
    return fields.unusable() if fields.problems else wish


def read_change(
    form: Mapping[str, str], calendar: SharedCalendar, zones: Collection[str]
) -> Unusable | CalendarWish:
    """Read what may change of a shared calendar; an empty address keeps the one there is."""
    fields = Fields(form)
    address = fields.text("address", ADDRESS_LENGTH) if calendar.source == "address" else ""
    wish = _calendar(
        fields, calendar.team_id, calendar.kind, calendar.source, zones, calendar.zone, address
    )
    return fields.unusable() if fields.problems else wish


def read_override(
    form: Mapping[str, str], calendars: Collection[SharedCalendar], zone: str, now: datetime
) -> Unusable | OverrideWish:
    """Read which calendar somebody opens, until when and why."""
    fields = Fields(form)
    chosen = fields.one_of("calendar", {"", *(str(one.id) for one in calendars)}, "")
    until = _moment(fields, "until", False, _("Until when?"))
    until_at = local_to_utc(until, zone) if until else now
    if until and until_at <= now:
        fields.problems["until"] = _("This moment is past.")
    elif until and until_at - now > LONGEST_OVERRIDE:
        fields.problems["until"] = _("Seven days at most. If it lasts longer, change the blackout.")
    reason = fields.text("reason", 5000, _("Say why it cannot wait."))
    if fields.problems:
        return fields.unusable()
    return OverrideWish(int(chosen) if chosen else None, until_at, reason)


def read_review(form: Mapping[str, str]) -> Unusable | ReviewWish:
    """Read what a review found."""
    fields = Fields(form)
    verdict = fields.one_of("verdict", {"", *VERDICTS}, "")
    if not verdict and "verdict" not in fields.problems:
        fields.problems["verdict"] = _("Say whether it was needed.")
    finding = fields.text("finding", 5000, _("Say what was done, and what follows from it."))
    return fields.unusable() if fields.problems else ReviewWish(verdict, finding)


def _calendar(
    fields: Fields,
    team_id: int,
    kind: str,
    source: str,
    zones: Collection[str],
    zone: str,
    address: str,
) -> CalendarWish:
    scope, value = _scope(fields)
    if kind == "room":
        scope, value = "place", fields.text("scope_value", 200)
        fields.problems.pop("scope_value", "")
    return CalendarWish(
        team_id=team_id,
        name=fields.text("name", 120, _("Give it a name.")),
        kind=kind,
        source=source,
        zone=fields.one_of("zone", set(zones), zone),
        scope=scope,
        scope_value=value,
        closes_all=fields.ticked("closes_all") and kind == "freeze",
        address=address if source == "address" else "",
    )


def _team(fields: Fields, teams: Collection[Team]) -> int:
    ids = [str(team.id) for team in teams]
    chosen = fields.one_of("team", {"", *ids}, ids[0] if len(ids) == 1 else "")
    if not chosen and "team" not in fields.problems:
        fields.problems["team"] = _("Choose the team that keeps it.")
    return int(chosen) if chosen else 0


def _scope(fields: Fields) -> tuple[str, str]:
    """Read whom it concerns; only everybody needs no name of a country, a place and so on."""
    scope = fields.one_of("scope", SCOPES, "everywhere")
    value = fields.text("scope_value", 200)
    if scope == "everywhere":
        return scope, ""
    if not value and "scope_value" not in fields.problems:
        fields.problems["scope_value"] = _("Say which one.")
    if scope == "country":
        value = value.upper()
        if value and (len(value) != 2 or not value.isascii() or not value.isalpha()):
            fields.problems["scope_value"] = _("Write a country as two letters, such as DE.")
    return scope, value


def _moment(fields: Fields, name: str, all_day: bool, missing: str) -> datetime | None:
    day = fields.day(f"{name}_date", missing)
    hour = None if all_day else fields.hour(f"{name}_time")
    if day and not all_day and hour is None and f"{name}_time" not in fields.problems:
        fields.problems[f"{name}_time"] = _("At which time of day?")
    return datetime.combine(day, hour or time()) if day else None
