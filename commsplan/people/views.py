"""The directory: who works here, when was the list last updated?"""

from __future__ import annotations

from urllib.parse import urlencode

from babel import Locale
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from commsplan.people.access import needs
from commsplan.people.directory import (
    Filter,
    count_staff,
    direct_reports,
    grants_of,
    last_updated,
    page_of_people,
    person_in_directory,
)
from commsplan.people.queries import countries, departments
from commsplan.people.rules import Role

pages = Blueprint("people", __name__, url_prefix="/people")


@pages.get("/")
@needs(Role.LEAD)
def index() -> ResponseReturnValue:
    """Show who works here, narrowed down by words, department, country."""
    asked = request.args
    wanted = Filter(
        text=asked.get("q", "").strip()[:200],
        department=asked.get("department", ""),
        country=asked.get("country", ""),
        left=asked.get("left") == "1",
    )
    kept = {key: asked[key] for key in ("q", "department", "country", "left") if asked.get(key)}
    here, gone = count_staff()
    return render_template(
        "people/index.html",
        wanted=wanted,
        page=page_of_people(wanted, asked.get("page", 1, type=int)),
        pages_at=_pages_at(kept),
        here=here,
        gone=gone,
        updated=last_updated(),
        departments=[(name, name) for name in departments()],
        countries=sorted(((code, country_name(code)) for code in countries()), key=_by_name),
        country_name=country_name,
    )


@pages.get("/<int:person_id>")
@needs(Role.LEAD)
def show(person_id: int) -> ResponseReturnValue:
    """Show one person: what the list says, who reports to whom, their roles."""
    found = person_in_directory(person_id)
    return render_template(
        "people/show.html",
        somebody=found,
        reports=direct_reports(found),
        grants=grants_of(found),
        country_name=country_name,
    )


def country_name(code: str) -> str:
    """Return the name of a country in the reader's language."""
    names = (get_locale() or Locale("en")).territories
    return str(names.get(code, code))


def _by_name(pair: tuple[str, str]) -> str:
    return pair[1]


def _pages_at(kept: dict[str, str]) -> str:
    """Return the address of a page with a hole for its number; words keep no braces."""
    words = urlencode(kept)
    return f"?{words}&page={{page}}" if words else "?page={page}"
