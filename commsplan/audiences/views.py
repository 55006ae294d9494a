"""Whom we can address: all audiences, one of them, and how far they overlap."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.audiences.actions import archive, restore
from commsplan.audiences.figures import breakdown, overlap, sample
from commsplan.audiences.queries import (
    audience_for_editor,
    audience_for_reader,
    audiences_for,
    belongs,
    count,
    count_members,
    exceptions_of,
)
from commsplan.audiences.rules import Rule
from commsplan.audiences.uses import uses_of
from commsplan.audiences.words import describe
from commsplan.people.access import current_person, needs
from commsplan.people.queries import teams_of
from commsplan.people.rules import Role

pages = Blueprint("audiences", __name__)

COMPARED = 12  # more columns than this nobody can read side by side


@pages.get("/audiences/")
@needs(Role.LEAD)
def index() -> ResponseReturnValue:
    """Whom can we address?"""
    archived = "archived" in request.args
    audiences = audiences_for(current_person(), archived)
    uses = uses_of([audience.id for audience in audiences])
    rows = [
        {
            "audience": audience,
            "words": describe(Rule.from_json(audience.rule)),
            "count": count_members(audience),
            "uses": uses[audience.id],
        }
        for audience in audiences
    ]
    return render_template(
        "audiences/index.html",
        rows=rows,
        archived=archived,
        several_teams=len(teams_of(current_person())) > 1,
    )


@pages.get("/audiences/<int:audience_id>")
@needs(Role.LEAD)
def show(audience_id: int) -> ResponseReturnValue:
    """Who is this, how many, on what rule?"""
    audience = audience_for_reader(current_person(), audience_id)
    rule = Rule.from_json(audience.rule)
    test = belongs(rule, audience.id)
    rest = _("all others")
    return render_template(
        "audiences/show.html",
        audience=audience,
        total=count(test),
        words=describe(rule),
        departments=breakdown(test, "department", _("no department"), rest),
        countries=breakdown(test, "country", _("no country"), rest),
        sample=sample(test),
        exceptions=exceptions_of(audience),
        uses=uses_of([audience.id])[audience.id],
        others=len(audiences_for(current_person())) > 1,
    )


@pages.get("/audiences/overlap")
@needs(Role.LEAD)
def compare() -> ResponseReturnValue:
    """Who is addressed by more than one of these?"""
    everything = audiences_for(current_person())
    wanted = set(request.args.getlist("a", type=int))
    chosen = [audience for audience in everything if audience.id in wanted] or everything
    return render_template(
        "audiences/overlap.html",
        everything=everything,
        choices=[(audience.id, audience.name) for audience in everything],
        chosen={audience.id for audience in chosen[:COMPARED]},
        overlap=overlap(chosen[:COMPARED]),
        left_out=max(0, len(chosen) - COMPARED),
        limit=COMPARED,
    )


@pages.post("/audiences/<int:audience_id>/archive")
@needs(Role.LEAD)
def put_away(audience_id: int) -> ResponseReturnValue:
    """Archive, with a way back."""
    audience = audience_for_editor(current_person(), audience_id)
    archive(audience, current_person())
    undo = url_for("audiences.take_out", audience_id=audience_id)
    flash({"text": _("%(name)s is archived.", name=audience.name), "undo_href": undo})  # type: ignore[arg-type]  # a mapping carries the way back, see _flashes.html
    return redirect(url_for("audiences.index"), 303)


@pages.post("/audiences/<int:audience_id>/restore")
@needs(Role.LEAD)
def take_out(audience_id: int) -> ResponseReturnValue:
    """Take an archived audience out again."""
    audience = audience_for_editor(current_person(), audience_id)
    restore(audience, current_person())
    flash(_("%(name)s is back.", name=audience.name))
    return redirect(url_for("audiences.show", audience_id=audience_id), 303)
