"""Overrides: a sponsor answers for a change in a closed time, and somebody reviews it after."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.calendars import blackout_words as words
from commsplan.calendars.blackout_forms import read_override, read_review
from commsplan.calendars.blackout_models import Override
from commsplan.calendars.override_actions import (
    end_of,
    end_override,
    holds,
    latest_overrides,
    open_reviews,
    override,
    override_to_read,
    reopen_review,
    review,
)
from commsplan.calendars.shared_queries import shared_calendars
from commsplan.foundation.clock import now_utc
from commsplan.foundation.errors import Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.queries import zone_of
from commsplan.people.rules import Role

pages = Blueprint("overrides", __name__, url_prefix="/calendars/overrides")

SHOWN = 100


@pages.get("/")
@needs(Role.LEAD, Role.SPONSOR)
def index() -> ResponseReturnValue:
    """Who answered for a change in a closed time, and was it needed?"""
    return render_template(
        "calendars/overrides.html",
        overrides=latest_overrides(SHOWN),
        waiting=len(open_reviews()),
        now=now_utc(),
        holds=holds,
        end_of=end_of,
        words=words,
    )


@pages.get("/new")
@needs(Role.SPONSOR)
def begin() -> ResponseReturnValue:
    """What do you answer for, until when, and why can it not wait?"""
    return _form({"calendar": request.args.get("calendar", "")}, {})


@pages.post("/new")
@needs(Role.SPONSOR)
def make() -> ResponseReturnValue:
    """Open the calendar."""
    me = current_person()
    wish = read_override(request.form, shared_calendars(), zone_of(me), now_utc())
    if isinstance(wish, Unusable):
        return _form(wish.typed, wish.problems), 422
    made = override(wish, me)
    flash(_("Changes may go on. Somebody else reviews this afterwards."))
    return _back(made.id)


@pages.get("/<int:override_id>")
@needs(Role.LEAD, Role.SPONSOR)
def show(override_id: int) -> ResponseReturnValue:
    """Who answers for it, does it still hold, and was it needed?"""
    return _page(override_to_read(override_id), {}, {})


@pages.post("/<int:override_id>/end")
@needs(Role.LEAD, Role.SPONSOR)
def end(override_id: int) -> ResponseReturnValue:
    """Close the calendar again: everybody who plans may do that."""
    end_override(override_to_read(override_id), current_person())
    flash(_("The override is over: what was closed is closed again."))
    return _back(override_id)


@pages.post("/<int:override_id>/review")
@needs(Role.LEAD, Role.SPONSOR)
def judge(override_id: int) -> ResponseReturnValue:
    """Say what was done and whether it was needed."""
    made = override_to_read(override_id)
    wish = read_review(request.form)
    if isinstance(wish, Unusable):
        return _page(made, wish.typed, wish.problems), 422
    review(made, wish, current_person())
    undo = url_for("overrides.reopen", override_id=override_id)
    flash({"text": _("The review is done."), "undo_href": undo})  # type: ignore[arg-type]  # a mapping carries the way back, see _flashes.html
    return _back(override_id)


@pages.post("/<int:override_id>/reopen")
@needs(Role.LEAD, Role.SPONSOR)
def reopen(override_id: int) -> ResponseReturnValue:
    """Take one's own review back."""
    reopen_review(override_to_read(override_id), current_person())
    flash(_("The override waits for a review again."))
    return _back(override_id)


def _form(typed: Mapping[str, object], problems: dict[str, str]) -> str:
    return render_template(
        "calendars/override_form.html",
        typed=typed,
        problems=problems,
        calendars=[
            ("", _("The whole organisation")),
            *((one.id, one.name) for one in shared_calendars()),
        ],
    )


def _page(made: Override, typed: Mapping[str, object], problems: dict[str, str]) -> str:
    now = now_utc()
    return render_template(
        "calendars/override.html",
        override=made,
        holds=holds(made, now),
        ends=end_of(made),
        is_mine=made.sponsor_id == current_person().id,
        typed=typed,
        problems=problems,
        words=words,
    )


def _back(override_id: int) -> ResponseReturnValue:
    return redirect(url_for("overrides.show", override_id=override_id), 303)
