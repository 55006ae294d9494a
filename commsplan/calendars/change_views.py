"""Blackouts and the calendars that close: may things change, and when not?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.calendars import blackout_words as words
from commsplan.calendars.blackout_actions import (
    change_blackout,
    lift_blackout,
    make_blackout,
    put_back_blackout,
)
from commsplan.calendars.blackout_forms import read_blackout
from commsplan.calendars.blackout_models import Blackout
from commsplan.calendars.blackout_queries import (
    blackout_for_editor,
    blackout_to_read,
    may_keep,
    span_of_blackout,
    spans_of_calendars,
)
from commsplan.calendars.blackout_rules import BlackoutWish
from commsplan.calendars.override_actions import (
    holds,
    latest_overrides,
    may_override,
    open_reviews,
)
from commsplan.calendars.shared_queries import hand_kept, shared_calendars
from commsplan.calendars.state import asked_for, state_of
from commsplan.calendars.state_rules import ORGANISATION
from commsplan.calendars.state_words import sentence_of
from commsplan.foundation.clock import now_utc
from commsplan.foundation.dates import city
from commsplan.foundation.errors import Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.queries import teams_of, zone_of
from commsplan.people.rules import Role
from commsplan.plans import obstacle_words
from commsplan.plans.queries import usual_zones

pages = Blueprint("changes", __name__, url_prefix="/calendars")

COMING = timedelta(days=180)
MOST_SHOWN = 40


@pages.get("/")
@needs(Role.LEAD, Role.SPONSOR)
def index() -> ResponseReturnValue:
    """May things change now, and when not?"""
    me, now = current_person(), now_utc()
    shared = shared_calendars()
    asked = asked_for(
        [ORGANISATION, *(one.slug for one in shared)], str(current_app.config["ORGANISATION"])
    )
    verdict = state_of(asked, now, now)
    coming = sorted(spans_of_calendars(now, now + COMING), key=lambda span: span.starts_at)
    return render_template(
        "calendars/index.html",
        whole=verdict.said[0],
        said=verdict.said[1:],
        answer=sentence_of(verdict.said[0], zone_of(me)),
        coming=[span for span in coming if span.kind in ("freeze", "quiet")][:MOST_SHOWN],
        shared=shared,
        gone=shared_calendars(removed=True),
        overrides=[one for one in latest_overrides(MOST_SHOWN) if holds(one, now)],
        waiting=open_reviews(),
        may_add=bool(teams_of(me)),
        may_override=may_override(me),
        words=words,
        obstacle_words=obstacle_words,
    )


@pages.get("/blackouts/new")
@needs(Role.LEAD)
def begin() -> ResponseReturnValue:
    """When must nothing happen, and why?"""
    day = request.args.get("day", "")
    typed = {"starts_date": day, "ends_date": day, "all_day": "1" if day else ""}
    return _form(None, {**typed, "calendar": request.args.get("calendar", "")})


@pages.post("/blackouts/new")
@needs(Role.LEAD)
def make() -> ResponseReturnValue:
    """Close a calendar for a time."""
    wish = _read(None)
    if isinstance(wish, Unusable):
        return _form(None, wish.typed, wish.problems), 422
    blackout = make_blackout(wish, current_person())
    undo = url_for("changes.lift", blackout_id=blackout.id)
    flash({"text": _("“%(title)s” stands.", title=wish.title), "undo_href": undo})  # type: ignore[arg-type]  # a mapping carries the way back, see _flashes.html
    return redirect(url_for("changes.show", blackout_id=blackout.id), 303)


@pages.get("/blackouts/<int:blackout_id>")
@needs(Role.LEAD, Role.SPONSOR)
def show(blackout_id: int) -> ResponseReturnValue:
    """When is it, whom does it concern, and why?"""
    blackout = blackout_to_read(blackout_id)
    return render_template(
        "calendars/blackout.html",
        blackout=blackout,
        span=span_of_blackout(blackout),
        editable=may_keep(current_person(), blackout.team_id),
        words=words,
        obstacle_words=obstacle_words,
    )


@pages.get("/blackouts/<int:blackout_id>/edit")
@needs(Role.LEAD)
def edit(blackout_id: int) -> ResponseReturnValue:
    """Change it."""
    blackout = blackout_for_editor(current_person(), blackout_id)
    return _form(blackout, _typed(blackout))


@pages.post("/blackouts/<int:blackout_id>/edit")
@needs(Role.LEAD)
def save(blackout_id: int) -> ResponseReturnValue:
    """Save it."""
    blackout = blackout_for_editor(current_person(), blackout_id)
    wish = _read(blackout)
    if isinstance(wish, Unusable):
        return _form(blackout, wish.typed, wish.problems), 422
    change_blackout(blackout, wish, current_person())
    flash(_("It is changed."))
    return redirect(url_for("changes.show", blackout_id=blackout_id), 303)


@pages.post("/blackouts/<int:blackout_id>/lift")
@needs(Role.LEAD)
def lift(blackout_id: int) -> ResponseReturnValue:
    """Let things happen again, with a way back."""
    blackout = blackout_for_editor(current_person(), blackout_id)
    lift_blackout(blackout, current_person())
    undo = url_for("changes.put_back", blackout_id=blackout_id)
    flash({"text": _("“%(title)s” is lifted.", title=blackout.title), "undo_href": undo})  # type: ignore[arg-type]  # a mapping carries the way back, see _flashes.html
    return redirect(url_for("changes.index"), 303)


@pages.post("/blackouts/<int:blackout_id>/put-back")
@needs(Role.LEAD)
def put_back(blackout_id: int) -> ResponseReturnValue:
    """Undo the lifting."""
    put_back_blackout(blackout_for_editor(current_person(), blackout_id), current_person())
    flash(_("It stands again."))
    return redirect(url_for("changes.show", blackout_id=blackout_id), 303)


def _read(blackout: Blackout | None) -> Unusable | BlackoutWish:
    me = current_person()
    return read_blackout(request.form, teams_of(me), hand_kept(me), _zones(blackout), zone_of(me))


def _zones(blackout: Blackout | None) -> list[str]:
    mine = zone_of(current_person())
    return usual_zones(mine, "UTC", *([blackout.zone] if blackout else []))


def _typed(blackout: Blackout) -> dict[str, object]:
    """Return a blackout as its form would have been filled in."""
    return {
        "title": blackout.title,
        "reason": blackout.reason,
        "kind": blackout.kind,
        "calendar": blackout.calendar_id or "",
        "team": blackout.team_id,
        "all_day": blackout.all_day,
        "starts_zone": blackout.zone,
        "scope": blackout.scope,
        "scope_value": blackout.scope_value,
        **_parts("starts", blackout.starts_local, blackout.all_day),
        **_parts("ends", blackout.ends_local, blackout.all_day),
    }


def _parts(name: str, moment: datetime, all_day: bool) -> dict[str, object]:
    hour = "" if all_day else f"{moment:%H:%M}"
    return {f"{name}_date": moment.date().isoformat(), f"{name}_time": hour}


def _form(
    blackout: Blackout | None,
    typed: Mapping[str, object],
    problems: dict[str, str] | None = None,
) -> str:
    me = current_person()
    return render_template(
        "calendars/blackout_form.html",
        blackout=blackout,
        typed=typed,
        problems=problems or {},
        teams=teams_of(me),
        calendars=[
            ("", _("The whole organisation")),
            *((one.id, one.name) for one in hand_kept(me)),
        ],
        zones=[(zone, city(zone)) for zone in _zones(blackout)],
        zone=zone_of(me),
        words=words,
    )
