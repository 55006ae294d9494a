"""Making and changing an audience; what the rule finds is shown while it is typed."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.audiences.actions import (
    ChangedMeanwhile,
    NameTaken,
    change_audience,
    create_audience,
)
from commsplan.audiences.draft import Draft, draft_of, new_draft, read_draft
from commsplan.audiences.figures import attribute_names, sample, suggestions
from commsplan.audiences.forms import AudienceWish, Reading, read_audience, read_rule
from commsplan.audiences.models import Audience
from commsplan.audiences.queries import audience_for_editor, belongs, count
from commsplan.audiences.rules import ATTRIBUTE, FIELDS, Operator, Rule, operators_of
from commsplan.audiences.words import (
    MATCH_WORDS,
    OPERATOR_WORDS,
    describe,
    field_words,
)
from commsplan.foundation.dates import show_moment
from commsplan.foundation.errors import Absent, Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.queries import teams_of, zone_of
from commsplan.people.rules import Role

pages = Blueprint("audience_editor", __name__)

PREVIEWED = 8  # people shown beside the form: enough to see whether it is right


@pages.get("/audiences/new")
@needs(Role.LEAD)
def begin() -> ResponseReturnValue:
    """An empty form with one open row."""
    return _page(None, new_draft())


@pages.post("/audiences/new")
@needs(Role.LEAD)
def create() -> ResponseReturnValue:
    """Follow a button of the builder, or save."""
    if (draft := _followed()) is not None:
        return _page(None, draft)
    wish = read_audience(request.form)
    if isinstance(wish, Unusable):
        return _page(None, read_draft(request.form), wish.problems), 422
    teams = {team.id: team for team in teams_of(current_person())}
    if wish.team_id not in teams:
        raise Absent
    try:
        audience = create_audience(
            teams[wish.team_id], wish.name, wish.rule, wish.note, current_person()
        )
    except NameTaken:
        return _page(None, read_draft(request.form), {"name": _taken()}), 422
    flash(_("The audience is saved. Plans of your team can use it by its name."))
    return redirect(url_for("audiences.show", audience_id=audience.id), 303)


@pages.get("/audiences/<int:audience_id>/edit")
@needs(Role.LEAD)
def edit(audience_id: int) -> ResponseReturnValue:
    """The audience as rows to change."""
    audience = audience_for_editor(current_person(), audience_id)
    return _page(audience, draft_of(Rule.from_json(audience.rule)))


@pages.post("/audiences/<int:audience_id>/edit")
@needs(Role.LEAD)
def change(audience_id: int) -> ResponseReturnValue:
    """Follow a button of the builder, or save unless somebody else was faster."""
    audience = audience_for_editor(current_person(), audience_id)
    if (draft := _followed()) is not None:
        return _page(audience, draft)
    wish = read_audience(request.form)
    if isinstance(wish, Unusable):
        return _page(audience, read_draft(request.form), wish.problems), 422
    if problems := _save(audience, wish):
        return _page(audience, read_draft(request.form), problems, anew="" in problems), 422
    flash(_("The change is saved."))
    return redirect(url_for("audiences.show", audience_id=audience_id), 303)


@pages.post("/audiences/preview")
@needs(Role.LEAD)
def preview() -> ResponseReturnValue:
    """Who would it be? Counts what was typed so far; changes nothing."""
    audience_id = request.form.get("audience", 0, type=int)
    audience = audience_for_editor(current_person(), audience_id) if audience_id else None
    return render_template("audiences/_preview.html", **_found(audience, read_draft(request.form)))


@pages.get("/audiences/suggestions")
@needs(Role.LEAD)
def suggest() -> ResponseReturnValue:
    """Values in the directory that hold what was typed, as options of a list."""
    field = request.args.get("field", "")
    if not operators_of(field):
        raise Absent
    typed = next((text for name, text in request.args.items() if name.startswith("value-")), "")
    return render_template("audiences/_options.html", values=suggestions(field, typed.strip()))


def _followed() -> Draft | None:
    """Return the draft after the button that was pressed, or None when that was "Save"."""
    command = request.form.get("do", "save")
    if command == "save":
        return None
    draft = read_draft(request.form)
    draft.do(command)
    return draft


def _save(audience: Audience, wish: AudienceWish) -> dict[str, str]:
    """Write the change; return what stood in the way."""
    try:
        change_audience(
            audience,
            name=wish.name,
            rule=wish.rule,
            note=wish.note,
            revision=wish.revision,
            by=current_person(),
        )
    except NameTaken:
        return {"name": _taken()}
    except ChangedMeanwhile:
        moment = show_moment(audience.revised_at, zone_of(current_person()))
        return {
            "": _(
                "Somebody else changed this audience at %(moment)s; your text is kept. "
                "Now it reads: %(words)s. Save again to replace that by yours.",
                moment=moment,
                words=describe(Rule.from_json(audience.rule)),
            )
        }
    return {}


def _taken() -> str:
    return str(_("Your team has an audience of this name already, perhaps an archived one."))


def _found(audience: Audience | None, draft: Draft) -> dict[str, object]:
    """What the preview shows: a count, a sample, the sentence, and what is not complete yet."""
    reading: Reading = read_rule(draft)
    test = belongs(reading.rule, audience.id if audience else None)
    return {
        "total": count(test),
        "sample": sample(test, PREVIEWED),
        "words": describe(reading.rule),
        "incomplete": len(reading.problems),
    }


def _page(
    audience: Audience | None,
    draft: Draft,
    problems: dict[str, str] | None = None,
    anew: bool = False,
) -> str:
    """Show the form; `anew` lets the next save replace what is kept now."""
    rows = [part for _group, part in draft.root.nodes() if hasattr(part, "field")]
    asked = {row.field for row in rows}
    custom = {f"{ATTRIBUTE}{name}" for name in attribute_names()}
    custom |= {field for field in asked if field.startswith(ATTRIBUTE)}
    return render_template(
        "audiences/edit.html",
        audience=audience,
        draft=draft,
        problems=problems or {},
        form=_typed(audience, anew),
        teams=teams_of(current_person()),
        team_options=[(team.id, team.name) for team in teams_of(current_person())],
        fields=[(field, field_words(field)) for field in [*FIELDS, *sorted(custom)]],
        operators_of=operators_of,
        operator_words=OPERATOR_WORDS,
        match_words=MATCH_WORDS,
        one_of=Operator.IS_ONE_OF,
        suggestions={field: suggestions(field) for field in asked},
        **_found(audience, draft),
    )


def _typed(audience: Audience | None, anew: bool) -> dict[str, object]:
    """What stands in the fields beside the rule: what was typed, else what is kept."""
    if request.method == "POST":
        typed: dict[str, object] = dict(request.form.items())
        return typed | {"revision": audience.revision} if audience and anew else typed
    if audience is None:
        return {}
    return {"name": audience.name, "note": audience.note, "revision": audience.revision}
