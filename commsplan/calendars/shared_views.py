"""Shared calendars: where they come from, what they hold, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from commsplan.calendars import blackout_words as words
from commsplan.calendars.blackout_forms import read_calendar, read_change
from commsplan.calendars.blackout_queries import may_keep, span_of_event
from commsplan.calendars.fetching import BadAddress
from commsplan.calendars.refreshing import limit_bytes, refresh
from commsplan.calendars.shared_actions import (
    bring_back,
    bring_file,
    change_calendar,
    look_now,
    make_calendar,
    take_away,
)
from commsplan.calendars.shared_models import SharedCalendar
from commsplan.calendars.shared_queries import coming_events, shared_for_editor, shared_to_read
from commsplan.calendars.state import asked_for, state_of
from commsplan.calendars.state_words import sentence_of
from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import city
from commsplan.foundation.errors import Unusable
from commsplan.foundation.limits import limiter
from commsplan.people.access import current_person, needs
from commsplan.people.queries import teams_of, zone_of
from commsplan.people.rules import Role
from commsplan.plans import obstacle_words
from commsplan.plans.queries import usual_zones

pages = Blueprint("shared", __name__, url_prefix="/calendars")

SHOWN = 60
READ_AT_ONCE = 256 * 1024  # bytes; what is larger a worker reads, so that no page waits for it


@pages.get("/new")
@needs(Role.LEAD)
def begin() -> ResponseReturnValue:
    """What is it, and where does it come from?"""
    return _new_form({"kind": request.args.get("kind", "freeze"), "source": "address"}, {})


@pages.post("/new")
@needs(Role.LEAD)
@limiter.limit("20 per minute")
def make() -> ResponseReturnValue:
    """Add a calendar; its address is looked at, or its file read, at once."""
    me = current_person()
    wish = read_calendar(request.form, teams_of(me), usual_zones(zone_of(me), "UTC"), zone_of(me))
    if isinstance(wish, Unusable):
        return _new_form(wish.typed, wish.problems), 422
    raw, name = b"", ""
    if wish.source == "file":
        problem, raw, name = _uploaded()
        if problem:
            return _new_form(request.form, {"file": problem}), 422
    try:
        calendar = make_calendar(wish, me)
    except BadAddress as error:
        return _new_form(request.form, {"address": words.failure_words(str(error))}), 422
    if raw:
        bring_file(calendar, raw, name, me)
    return _looked_at(calendar, len(raw))


@pages.get("/<int:calendar_id>")
@needs(Role.LEAD, Role.SPONSOR)
def show(calendar_id: int) -> ResponseReturnValue:
    """What does it hold, and is it up to date?"""
    return _page(shared_to_read(calendar_id), None, {})


@pages.post("/<int:calendar_id>")
@needs(Role.LEAD)
def change(calendar_id: int) -> ResponseReturnValue:
    """Another name, scope or address; the address there is, is not shown."""
    me = current_person()
    calendar = shared_for_editor(me, calendar_id)
    wish = read_change(request.form, calendar, usual_zones(calendar.zone, zone_of(me), "UTC"))
    if isinstance(wish, Unusable):
        return _page(calendar, wish.typed, wish.problems), 422
    try:
        change_calendar(calendar, wish, me)
    except BadAddress as error:
        problems = {"address": words.failure_words(str(error))}
        return _page(calendar, request.form, problems), 422
    flash(_("It is changed."))
    return _back(calendar_id)


@pages.post("/<int:calendar_id>/file")
@needs(Role.LEAD)
@limiter.limit("20 per minute")
def bring(calendar_id: int) -> ResponseReturnValue:
    """Put a newer file in the place of what it holds."""
    calendar = shared_for_editor(current_person(), calendar_id)
    problem, raw, name = _uploaded()
    if problem:
        return _page(calendar, None, {"file": problem}), 422
    bring_file(calendar, raw, name, current_person())
    return _looked_at(calendar, len(raw))


@pages.post("/<int:calendar_id>/look")
@needs(Role.LEAD)
@limiter.limit("10 per minute")
def look(calendar_id: int) -> ResponseReturnValue:
    """Look at its address now."""
    calendar = shared_for_editor(current_person(), calendar_id)
    look_now(calendar)
    return _looked_at(calendar, 0)


@pages.post("/<int:calendar_id>/remove")
@needs(Role.LEAD)
def remove(calendar_id: int) -> ResponseReturnValue:
    """Let it speak no more, with a way back."""
    calendar = shared_for_editor(current_person(), calendar_id)
    take_away(calendar, current_person())
    undo = url_for("shared.restore", calendar_id=calendar_id)
    flash({"text": _("“%(name)s” is taken away.", name=calendar.name), "undo_href": undo})  # type: ignore[arg-type]  # a mapping carries the way back, see _flashes.html
    return redirect(url_for("changes.index"), 303)


@pages.post("/<int:calendar_id>/restore")
@needs(Role.LEAD)
def restore(calendar_id: int) -> ResponseReturnValue:
    """Undo the taking away."""
    bring_back(shared_for_editor(current_person(), calendar_id), current_person())
    flash(_("It is back."))
    return _back(calendar_id)


def _uploaded() -> tuple[str, bytes, str]:
    """Return what is wrong with the file that came, or its content and its name."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _("Choose a file first."), b"", ""
    with upload.stream as stream:
        raw = stream.read(limit_bytes() + 1)
    if len(raw) > limit_bytes():
        return _("It is too large: %(mb)s MB at most.", mb=limit_bytes() // 1024**2), b"", ""
    if not raw.strip():
        return _("It is empty."), b"", ""
    return "", raw, upload.filename


def _looked_at(calendar: SharedCalendar, size: int) -> ResponseReturnValue:
    """Read a calendar now, unless it is large, and say how that went."""
    calendar_id = calendar.id
    if calendar.source == "hand":
        flash(_("“%(name)s” is there. Now add the first blackout.", name=calendar.name))
    elif size > READ_AT_ONCE:
        flash(_("It is being read. Look again in a minute."), "info")
    elif refresh(calendar_id):
        _tell(shared_to_read(calendar_id))
    else:
        flash(_("Somebody else is reading it just now."), "info")
    return _back(calendar_id)


def _tell(calendar: SharedCalendar) -> None:
    if calendar.failure:
        flash(_("It was not read: %(why)s", why=words.failure_words(calendar.failure)), "error")
    elif calendar.problem_count:
        flash(_("It was read, but not every line. See below which ones."), "warning")
    else:
        flash(_("It was read."))


def _new_form(typed: Mapping[str, object], problems: dict[str, str]) -> str:
    mine = zone_of(current_person())
    return render_template(
        "calendars/shared_new.html",
        typed=typed,
        problems=problems,
        teams=teams_of(current_person()),
        zones=[(zone, city(zone)) for zone in usual_zones(mine, "UTC")],
        zone=mine,
        words=words,
    )


def _page(
    calendar: SharedCalendar, typed: Mapping[str, object] | None, problems: dict[str, str]
) -> str:
    me, now = current_person(), now_utc()
    given = {
        name: getattr(calendar, name)
        for name in ("name", "scope", "scope_value", "closes_all", "zone")
    }
    return render_template(
        "calendars/shared.html",
        calendar=calendar,
        answer=_answer(calendar),
        spans=[span_of_event(one) for one in coming_events(calendar, now, SHOWN)],
        typed=given if typed is None else typed,
        problems=problems,
        editable=may_keep(me, calendar.team_id),
        zones=[(zone, city(zone)) for zone in usual_zones(calendar.zone, zone_of(me), "UTC")],
        words=words,
        obstacle_words=obstacle_words,
    )


def _answer(calendar: SharedCalendar) -> str:
    """Say what matters first: is it open; of holidays and rooms, what it holds."""
    if calendar.removed_at is not None:
        return str(_("It speaks no more."))
    if calendar.kind in ("holiday", "room"):
        said = ngettext("It has %(num)s entry.", "It has %(num)s entries.", calendar.event_count)
        return str(said)
    now = now_utc()
    whole = state_of(asked_for([calendar.slug], ""), now, now)
    return sentence_of(whole.said[0], zone_of(current_person()))


def _back(calendar_id: int) -> ResponseReturnValue:
    return redirect(url_for("shared.show", calendar_id=calendar_id), 303)
