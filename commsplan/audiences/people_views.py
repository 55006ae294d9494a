"""People added to an audience or left out of it by hand."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.audiences.actions import drop_exception, set_exception
from commsplan.audiences.forms import read_exception
from commsplan.audiences.queries import (
    audience_for_editor,
    contains,
    count_members,
    exceptions_of,
    people_called,
)
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent, Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.models import Person
from commsplan.people.rules import Role

pages = Blueprint("audience_people", __name__)


@pages.get("/audiences/<int:audience_id>/people")
@needs(Role.LEAD)
def search(audience_id: int) -> ResponseReturnValue:
    """Find somebody to add or to leave out."""
    return _page(audience_id, {})


@pages.post("/audiences/<int:audience_id>/people")
@needs(Role.LEAD)
def decide(audience_id: int) -> ResponseReturnValue:
    """Add somebody, or leave them out."""
    audience = audience_for_editor(current_person(), audience_id)
    wish = read_exception(request.form)
    if isinstance(wish, Unusable):
        return _page(audience_id, wish.problems), 422
    person = db.session.get(Person, wish.person_id)
    if person is None or person.left_on is not None:
        raise Absent
    set_exception(audience, person, wish.included, wish.why, current_person())
    said = _("%(name)s is added.") if wish.included else _("%(name)s is left out.")
    undo = url_for("audience_people.undecide", audience_id=audience_id, person_id=person.id)
    flash({"text": said % {"name": person.name}, "undo_href": undo})  # type: ignore[arg-type]  # a mapping carries the way back, see _flashes.html
    return redirect(url_for("audience_people.search", audience_id=audience_id), 303)


@pages.post("/audiences/<int:audience_id>/people/<int:person_id>/drop")
@needs(Role.LEAD)
def undecide(audience_id: int, person_id: int) -> ResponseReturnValue:
    """Let the rule alone decide about somebody again."""
    audience = audience_for_editor(current_person(), audience_id)
    drop_exception(audience, person_id, current_person())
    flash(_("The rule alone decides about this person again."))
    return redirect(url_for("audience_people.search", audience_id=audience_id), 303)


def _page(audience_id: int, problems: dict[str, str]) -> str:
    audience = audience_for_editor(current_person(), audience_id)
    words = request.values.get("q", "").strip()
    found = people_called(words) if words else []
    return render_template(
        "audiences/people.html",
        audience=audience,
        total=count_members(audience),
        words=words,
        found=[(person, contains(audience, person.id)) for person in found],
        exceptions=exceptions_of(audience),
        why=request.form.get("why", ""),
        problems=problems,
    )
