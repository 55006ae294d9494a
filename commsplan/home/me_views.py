"""My page: what concerns me, in my words and my time."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from commsplan.calendars.actions import open_feed, renew_feed, restore_feed, revoke_feed
from commsplan.calendars.models import Feed
from commsplan.calendars.queries import feed_of
from commsplan.delivery.appeal_panel import stopped_notice
from commsplan.foundation.dates import ZONES
from commsplan.foundation.errors import Absent, Unusable
from commsplan.foundation.languages import LANGUAGES
from commsplan.home.me_forms import read_choices
from commsplan.home.meetings import my_invitations
from commsplan.home.mine import (
    NEWEST,
    Received,
    coming_up,
    my_calendar,
    my_calendars,
    received,
    to_do,
)
from commsplan.people.access import current_person, needs
from commsplan.people.actions import choose
from commsplan.people.queries import zone_of
from commsplan.people.rules import Role

pages = Blueprint("me", __name__)


@pages.get("/me")
@needs(Role.EMPLOYEE)
def show() -> ResponseReturnValue:
    """What concerns me?"""
    me = current_person()
    return _page({}, {"language": me.chosen_language, "zone": me.chosen_zone})


@pages.post("/me/choices")
@needs(Role.EMPLOYEE)
def keep_choices() -> ResponseReturnValue:
    """Keep my language and my zone."""
    match read_choices(request.form):
        case Unusable(problems, typed):
            return _page(problems, typed), 422
        case wish:
            choose(current_person(), wish.language, wish.zone)
            flash(_("Your choices are kept."))
            return redirect("/me#choices", 303)


@pages.post("/me/calendars/<int:plan_id>/open")
@needs(Role.EMPLOYEE)
def open_calendar(plan_id: int) -> ResponseReturnValue:
    """Make me a secret address of a plan's calendar."""
    open_feed(current_person(), my_calendar(current_person(), plan_id).plan)
    flash(_("Here is your address. Subscribe to it in your calendar."))
    return redirect("/me#calendars", 303)


@pages.post("/me/calendars/<int:plan_id>/renew")
@needs(Role.EMPLOYEE)
def renew_calendar(plan_id: int) -> ResponseReturnValue:
    """Give me a new address; the old one ends."""
    renew_feed(_feed(plan_id))
    flash(_("The old address has ended. Subscribe to the new one."))
    return redirect("/me#calendars", 303)


@pages.post("/me/calendars/<int:plan_id>/revoke")
@needs(Role.EMPLOYEE)
def revoke_calendar(plan_id: int) -> ResponseReturnValue:
    """Switch my address off."""
    revoke_feed(_feed(plan_id))
    back = f"/me/calendars/{plan_id}/restore"
    flash({"text": _("The address has ended."), "undo_href": back})  # type: ignore[arg-type]  # our flashes may be records
    return redirect("/me#calendars", 303)


@pages.post("/me/calendars/<int:plan_id>/restore")
@needs(Role.EMPLOYEE)
def restore_calendar(plan_id: int) -> ResponseReturnValue:
    """Undo switching my address off."""
    plan = my_calendar(current_person(), plan_id).plan
    if feed := feed_of(current_person(), plan):
        restore_feed(feed)
        flash(_("The address works again."))
    return redirect("/me#calendars", 303)


def _feed(plan_id: int) -> Feed:
    found = my_calendar(current_person(), plan_id).feed
    if found is None:
        raise Absent
    return found


def _page(problems: dict[str, str], choices: dict[str, object]) -> str:
    me = current_person()
    copies = received(me)
    todo = to_do(copies)
    return render_template(
        "home/me.html",
        answer=_answer(todo),
        stopped=stopped_notice(me),
        todo=todo,
        coming=coming_up(me),
        invitations=my_invitations(me),
        sent=copies[:NEWEST],
        calendars=my_calendars(me),
        choices=choices,
        problems=problems,
        languages=_languages(me.language),
        zones=sorted(zone for zone in ZONES if "/" in zone and not zone.startswith("Etc/")),
        zone=zone_of(me),
    )


def _answer(todo: list[Received]) -> str:
    if not todo:
        return str(_("Nothing waits for you."))
    return str(
        ngettext(
            "%(num)s message waits for your word.",
            "%(num)s messages wait for your word.",
            len(todo),
        )
    )


def _languages(listed: str) -> list[tuple[str, str]]:
    default = str(current_app.config["DEFAULT_LANGUAGE"])
    name = LANGUAGES.get((listed or default).split("-")[0], listed or default)
    return [("", _("As the staff list says (%(name)s)", name=name)), *LANGUAGES.items()]
