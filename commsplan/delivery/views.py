"""Scheduling: who gets what, when, and what could go wrong."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.delivery.actions import schedule
from commsplan.delivery.checklist import checks_before
from commsplan.delivery.forms import ScheduleWish, read_schedule
from commsplan.delivery.letters import FOLLOWUP_WORDS
from commsplan.delivery.outlook import Outlook, outlook_of
from commsplan.delivery.queries import open_send_of, sends_of
from commsplan.delivery.recipients import origin_of
from commsplan.delivery.schedules import usual_quiet_hours
from commsplan.delivery.stopping import cancel_send
from commsplan.delivery.summary import summary_of
from commsplan.delivery.timing import PLAIN, Timing
from commsplan.delivery.timing_form import WAVE_ROWS, is_more, written
from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import city, utc_to_local
from commsplan.foundation.errors import NotNow, Unusable
from commsplan.foundation.languages import LANGUAGES
from commsplan.messages.models import Message
from commsplan.messages.queries import message_for_editor, message_for_reader
from commsplan.messages.readiness import is_ready
from commsplan.messages.rules import EDITABLE
from commsplan.people.access import current_person, needs
from commsplan.people.queries import zone_of
from commsplan.people.rules import Role

pages = Blueprint("delivery", __name__)


@pages.get("/messages/<int:message_id>/schedule")
@needs(Role.LEAD, Role.SPONSOR)
def plan_send(message_id: int) -> ResponseReturnValue:
    """Who gets what, when, and what could go wrong? Once that is decided: how it goes."""
    message = message_for_reader(current_person(), message_id)
    sends = sends_of(message)
    if sends and message.state not in EDITABLE:
        return redirect(url_for("sends.show", send_id=sends[0].id), 303)
    message = message_for_editor(current_person(), message_id)
    return _page(message, _proposal(message), {})


@pages.post("/messages/<int:message_id>/schedule")
@needs(Role.LEAD)
def set_schedule(message_id: int) -> ResponseReturnValue:
    """Fix the moment a message goes out; pressing twice does it once."""
    message = message_for_editor(current_person(), message_id)
    already = open_send_of(message)
    if already is not None:
        flash(_("It was scheduled already."), "info")
        return redirect(url_for("sends.show", send_id=already.id), 303)
    outlook = outlook_of(message)
    wish = _read(request.form, outlook)
    if isinstance(wish, Unusable):
        return _page(message, request.form, wish.problems), 422
    if request.form.get("do") == "look":
        return _page(message, request.form, {})
    if not is_ready(checks_before(message, outlook, wish.due_at, wish.timing)):
        problem = _("Something has to be settled first: see the list below.")
        return _page(message, request.form, {"checks": problem}), 422
    send = schedule(message, wish.due_at, current_person(), wish.timing)
    if request.form["when"] == "now":
        flash(_("It goes out now: the first copies leave within seconds."))
    else:
        flash(_("The message is scheduled. Until then it can be taken back."))
    return redirect(url_for("sends.show", send_id=send.id), 303)


@pages.post("/messages/<int:message_id>/unschedule")
@needs(Role.LEAD)
def unschedule(message_id: int) -> ResponseReturnValue:
    """Take a message back that is scheduled or going out."""
    message = message_for_editor(current_person(), message_id)
    send = open_send_of(message)
    if send is None:
        raise NotNow(_("It is not scheduled any more."))
    cancel_send(send, current_person())
    flash(_("It is taken back and will not go out."))
    return redirect(f"/messages/{message_id}", 303)


def _read(form: Mapping[str, str], outlook: Outlook | None) -> Unusable | ScheduleWish:
    zones = [zone for zone, _number in outlook.zones] if outlook else []
    return read_schedule(form, now_utc(), zones, usual_quiet_hours())


def _proposal(message: Message) -> dict[str, str]:
    """Return what the form starts with: the activity's moment if it lies ahead, else now."""
    activity = message.activity
    zone = zone_of(current_person())
    usual = written(Timing(quiet=usual_quiet_hours()), zone)
    ahead = activity is not None and activity.starts_at > now_utc() and not activity.all_day
    if activity is None or not ahead:
        return {"when": "now", "due_zone": zone, **usual}
    wall = utc_to_local(activity.starts_at, zone)
    return {
        "when": "later",
        "due_date": wall.date().isoformat(),
        "due_time": wall.strftime("%H:%M"),
        "due_zone": zone,
        **usual,
    }


def _page(message: Message, form: Mapping[str, str], problems: dict[str, str]) -> str:
    outlook, wish = outlook_of(message), None
    found = _read(form, outlook)
    if isinstance(found, ScheduleWish):
        wish = found
    due_at, timing = (wish.due_at, wish.timing) if wish else (now_utc(), PLAIN)
    checks = checks_before(message, outlook, due_at, timing)
    return render_template(
        "delivery/schedule.html",
        message=message,
        plan=message.plan,
        origin=origin_of(message),
        outlook=outlook,
        checks=checks,
        ready=is_ready(checks),
        form=form,
        problems=problems,
        summary=_summary(wish, form, outlook) if wish else [],
        is_more=is_more(form, usual_quiet_hours()),
        wave_rows=WAVE_ROWS,
        zones=_zones(message, outlook),
        languages=LANGUAGES,
        followup_words=FOLLOWUP_WORDS,
    )


def _summary(wish: ScheduleWish, form: Mapping[str, str], outlook: Outlook | None) -> list[str]:
    zones = [zone for zone, _number in outlook.zones] if outlook else []
    due_at = None if form.get("when") == "now" else wish.due_at
    people = outlook.people if outlook else 0
    return summary_of(due_at, wish.timing, people, zones, zone_of(current_person()))


def _zones(message: Message, outlook: Outlook | None) -> list[tuple[str, str]]:
    """Return the zones to choose from: mine, the plan's, and those of the audience."""
    zones = [zone_of(current_person()), message.plan.zone]
    zones += [zone for zone, _number in outlook.zones] if outlook else []
    return [(zone, f"{city(zone)} ({zone})") for zone in dict.fromkeys([*zones, "UTC"])]
