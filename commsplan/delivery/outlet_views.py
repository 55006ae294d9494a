"""Outlets: where a team's messages go besides the mailboxes."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.delivery.outlet_actions import (
    BoardThere,
    NameTaken,
    change_outlet,
    make_outlet,
    renew_secret,
    send_test,
    switch_off,
    switch_on,
)
from commsplan.delivery.outlet_forms import read_change, read_outlet
from commsplan.delivery.outlet_models import Outlet
from commsplan.delivery.outlet_queries import outlet_for_editor, outlets_for, posted_at
from commsplan.delivery.outlet_words import kind_of, said, standing, state_of
from commsplan.delivery.rules import State
from commsplan.foundation.errors import Absent, NotNow, Unusable
from commsplan.foundation.limits import limiter
from commsplan.people.access import current_person, needs
from commsplan.people.queries import teams_of
from commsplan.people.rules import Role

pages = Blueprint("outlets", __name__)


@pages.get("/outlets/")
@needs(Role.LEAD)
def index() -> ResponseReturnValue:
    """Where else do our messages go, and does it work?"""
    return render_template(
        "delivery/outlets.html",
        outlets=outlets_for(current_person()),
        several_teams=len(teams_of(current_person())) > 1,
        kind_of=kind_of,
        standing=standing,
    )


@pages.get("/outlets/new")
@needs(Role.LEAD)
def begin() -> ResponseReturnValue:
    """What is it, and what is its address?"""
    return _form({"kind": request.args.get("kind", "chat")}, {})


@pages.post("/outlets/new")
@needs(Role.LEAD)
def make() -> ResponseReturnValue:
    """Add it; a webhook's secret is shown this once."""
    wish = read_outlet(request.form, teams_of(current_person()))
    if isinstance(wish, Unusable):
        return _form(request.form, wish.problems), 422
    try:
        made = make_outlet(wish.team, wish.name, wish.kind, wish.address, current_person())
    except (NameTaken, BoardThere) as error:
        return _form(request.form, _clash(error)), 422
    if made.secret:
        return _secret_page(made.outlet, made.secret)
    flash(_("%(name)s is ready. Try it with a test post.", name=wish.name))
    return _back(made.outlet.id)


@pages.get("/outlets/<int:outlet_id>")
@needs(Role.LEAD)
def show(outlet_id: int) -> ResponseReturnValue:
    """Does it work, and what was posted there?"""
    outlet = outlet_for_editor(current_person(), outlet_id)
    return _page(outlet, {"name": outlet.name}, {})


@pages.post("/outlets/<int:outlet_id>")
@needs(Role.LEAD)
def change(outlet_id: int) -> ResponseReturnValue:
    """Another name, or another address; the one there is, is not shown."""
    outlet = outlet_for_editor(current_person(), outlet_id)
    wish = read_change(request.form, outlet.kind)
    if isinstance(wish, Unusable):
        return _page(outlet, request.form, wish.problems), 422
    try:
        change_outlet(outlet, wish.name, wish.address, current_person())
    except NameTaken as error:
        return _page(outlet, request.form, _clash(error)), 422
    flash(_("It is changed."))
    return _back(outlet_id)


@pages.post("/outlets/<int:outlet_id>/test")
@needs(Role.LEAD)
@limiter.limit("10 per minute")
def test(outlet_id: int) -> ResponseReturnValue:
    """Post a few words there now."""
    outlet = outlet_for_editor(current_person(), outlet_id)
    if outlet.switched_off_at is not None:
        raise NotNow(_("It is switched off."))
    name = current_app.config["ORGANISATION"]
    title = _("A test from commsplan")
    text = _("%(organisation)s can post here. Nothing has to be done.", organisation=name)
    outcome = send_test(outlet, title, text, current_person())
    if outcome.state is State.ACCEPTED:
        flash(_("It was taken. Look whether it is there."))
    else:
        flash(_("It was not taken: %(words)s", words=said(outcome.note)), "error")
    return _back(outlet_id)


@pages.post("/outlets/<int:outlet_id>/off")
@needs(Role.LEAD)
def off(outlet_id: int) -> ResponseReturnValue:
    """Post nothing there any more, with a way back."""
    switch_off(outlet_for_editor(current_person(), outlet_id), current_person())
    undo = url_for("outlets.on", outlet_id=outlet_id)
    flash({"text": _("It is switched off: nothing is posted there."), "undo_href": undo})  # type: ignore[arg-type]  # a mapping carries the way back, see _flashes.html
    return _back(outlet_id)


@pages.post("/outlets/<int:outlet_id>/on")
@needs(Role.LEAD)
def on(outlet_id: int) -> ResponseReturnValue:
    """Post there again."""
    switch_on(outlet_for_editor(current_person(), outlet_id), current_person())
    flash(_("It is switched on again."))
    return _back(outlet_id)


@pages.post("/outlets/<int:outlet_id>/secret")
@needs(Role.LEAD)
def secret(outlet_id: int) -> ResponseReturnValue:
    """Another signing secret, shown this once."""
    outlet = outlet_for_editor(current_person(), outlet_id)
    if outlet.kind != "webhook":
        raise Absent
    return _secret_page(outlet, renew_secret(outlet, current_person()))


def _clash(error: NotNow) -> dict[str, str]:
    if isinstance(error, BoardThere):
        return {"kind": _("Your team has its notice board already.")}
    return {"name": _("Your team has an outlet of this name already.")}


def _form(form: Mapping[str, str], problems: dict[str, str]) -> str:
    teams = teams_of(current_person())
    return render_template("delivery/outlet_new.html", form=form, problems=problems, teams=teams)


def _page(outlet: Outlet, form: Mapping[str, str], problems: dict[str, str]) -> str:
    return render_template(
        "delivery/outlet.html",
        outlet=outlet,
        form=form,
        problems=problems,
        postings=posted_at(outlet),
        kind_of=kind_of,
        standing=standing,
        state_of=state_of,
        said=said,
    )


def _secret_page(outlet: Outlet, secret: str) -> str:
    return render_template("delivery/outlet_secret.html", outlet=outlet, secret=secret)


def _back(outlet_id: int) -> ResponseReturnValue:
    return redirect(url_for("outlets.show", outlet_id=outlet_id), 303)
