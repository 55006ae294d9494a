"""Who was there: a list to tick, and the code that is shown in the room."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from commsplan.calendars.attending import EARLY, add, code_of, is_open, present, tick
from commsplan.calendars.guest_list import Guest, guest_list
from commsplan.calendars.invitation_forms import read_day, read_person
from commsplan.calendars.invitation_mail_words import when
from commsplan.calendars.invitation_queries import head_of
from commsplan.calendars.meeting_times import day_of_name, found
from commsplan.foundation.addresses import absolute
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent, Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.models import Person
from commsplan.people.queries import zone_of
from commsplan.people.rules import Role
from commsplan.plans.models import Activity
from commsplan.plans.placing import series_of
from commsplan.plans.queries import activity_for_editor, activity_for_reader, may_edit
from commsplan.plans.series import Occurrence, occurrences

pages = Blueprint("attendance", __name__)

HERE = "/plans/<int:plan_id>/activities/<int:activity_id>/attendance"


@pages.get(HERE)
@needs(Role.EMPLOYEE)
def show(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """Who was there?"""
    activity = activity_for_reader(current_person(), plan_id, activity_id)
    return _page(activity, read_day(request.args))


@pages.post(HERE)
@needs(Role.LEAD)
def save(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """Write down who was there."""
    activity, day = _mine(plan_id, activity_id)
    shown, there = (_ids(request.form.getlist(name)) for name in ("shown", "there"))
    known = present(activity, day).keys() | _invited(activity, day)
    number = tick(activity, day, shown & known, there & known, current_person())
    flash(_("Saved.") if number else _("Nothing was different, so nothing changed."))
    return redirect(_address(activity, day), 303)


@pages.post(f"{HERE}/add")
@needs(Role.LEAD)
def add_person(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """Write down that somebody was there who had not been invited."""
    activity, day = _mine(plan_id, activity_id)
    match read_person(request.form):
        case Unusable(problems, typed):
            return _page(activity, day, problems, typed), 422
        case person_id:
            add(activity, day, person_id, current_person())
    flash(_("They were there: it is written down."))
    return redirect(_address(activity, day), 303)


@pages.get(f"{HERE}/code")
@needs(Role.LEAD)
def code(plan_id: int, activity_id: int) -> ResponseReturnValue:
    """What do people in the room type?"""
    activity = activity_for_editor(current_person(), plan_id, activity_id)
    day = read_day(request.args) or _nearest(activity)
    one = _that(activity, day)
    return render_template(
        "calendars/room_code.html",
        activity=activity,
        day=day,
        when=when(one, zone_of(current_person())),
        code=code_of(activity.id, day),
        address=absolute("/attend"),
        is_open=is_open(one),
        opens_at=one.starts_at - EARLY,
        is_past=one.ends_at < now_utc(),
        here=len(present(activity, day)),
    )


def _page(
    activity: Activity,
    day: str,
    problems: dict[str, str] | None = None,
    typed: dict[str, object] | None = None,
) -> str:
    day = day or _nearest(activity)
    one = _that(activity, day)
    there = present(activity, day)
    zone = zone_of(current_person())
    return render_template(
        "calendars/attendance.html",
        plan=activity.plan,
        activity=activity,
        day=day,
        when=when(one, zone),
        days=[(day_of_name(past.name), when(past, zone)) for past in _past(activity)],
        people=_people(activity, day),
        there=there,
        has_begun=one.starts_at - EARLY <= now_utc(),
        editable=may_edit(current_person(), activity.plan),
        problems=problems or {},
        typed=typed or {},
    )


def _people(activity: Activity, day: str) -> list[tuple[Person, str]]:
    """Return who is invited, with their answer, and who came without; by name."""
    listed = {one.row.person_id: (one.row.person, one.part) for one in _guests(activity, day)}
    others = present(activity, day).keys() - listed.keys()
    for person in db.session.scalars(select(Person).where(Person.id.in_(others))):
        listed[person.id] = (person, "")
    return sorted(listed.values(), key=lambda one: (one[0].name.casefold(), one[0].id))


def _guests(activity: Activity, day: str) -> list[Guest]:
    head = head_of(activity)
    everybody = guest_list(head, day if activity.recurrence else "").guests
    return [one for one in everybody if one.row.session_id in (activity.id, None)]


def _invited(activity: Activity, day: str) -> set[int]:
    return {one.row.person_id for one in _guests(activity, day)}


def _nearest(activity: Activity) -> str:
    """Return the day of a series that is or was last; the first while none has begun."""
    if not activity.recurrence:
        return ""
    past = _past(activity)
    if past:
        return day_of_name(past[0].name)
    return f"{activity.starts_local:%Y%m%d}"


def _past(activity: Activity) -> list[Occurrence]:
    """Return the days of a series that have begun, the latest first."""
    if not activity.recurrence:
        return []
    begun = occurrences(series_of(activity), activity.starts_at, now_utc() + EARLY)
    return [one for one in reversed(begun) if not one.cancelled][:30]


def _that(activity: Activity, day: str) -> Occurrence:
    one = found(activity, day)
    if one is None:
        raise Absent
    return one


def _mine(plan_id: int, activity_id: int) -> tuple[Activity, str]:
    activity = activity_for_editor(current_person(), plan_id, activity_id)
    day = read_day(request.form) if activity.recurrence else ""
    _that(activity, day)
    return activity, day


def _ids(written: list[str]) -> set[int]:
    return {int(one) for one in written if one.isascii() and one.isdecimal() and len(one) < 19}


def _address(activity: Activity, day: str) -> str:
    return url_for(".show", plan_id=activity.plan_id, activity_id=activity.id, day=day or None)
