"""Search: where was that again?"""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from commsplan.home.search import MOST, SHORTEST, search
from commsplan.people.access import current_person, needs
from commsplan.people.rules import Role

pages = Blueprint("search", __name__)

LONGEST = 200  # characters; the rest is dropped


@pages.get("/search")
@needs(Role.LEAD, Role.SPONSOR)
def show() -> ResponseReturnValue:
    """Where was that again?"""
    words = " ".join(request.args.get("q", "").split())[:LONGEST]
    found = search(current_person(), words)
    if len(words) < SHORTEST:
        answer = _("Type at least %(count)s letters.", count=SHORTEST)
    else:
        answer = ngettext("%(num)s match.", "%(num)s matches.", len(found))
    return render_template(
        "home/search.html", search_words=words, found=found, answer=answer, most=MOST
    )
