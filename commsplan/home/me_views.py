"""My page: what concerns me, in my words and my time."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from commsplan.foundation.dates import ZONES
from commsplan.foundation.errors import Unusable
from commsplan.foundation.languages import LANGUAGES
from commsplan.home.me_forms import read_choices
from commsplan.home.mine import NEWEST, Received, coming_up, received, to_do
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


def _page(problems: dict[str, str], choices: dict[str, object]) -> str:
    me = current_person()
    copies = received(me)
    todo = to_do(copies)
    return render_template(
        "home/me.html",
        answer=_answer(todo),
        todo=todo,
        coming=coming_up(me),
        sent=copies[:NEWEST],
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
