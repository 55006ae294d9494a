"""The REST API for pipelines: may things change now, or at any other time?"""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from commsplan.calendars.state import asked_for, state_of
from commsplan.calendars.state_json import as_json, read_moment
from commsplan.calendars.state_openapi import MOST_CALENDARS, document
from commsplan.calendars.state_rules import SCOPE
from commsplan.foundation.clock import now_utc
from commsplan.foundation.errors import Unreadable
from commsplan.foundation.limits import limiter
from commsplan.people.access import public
from commsplan.people.api_access import asks
from commsplan.people.rules import Role

pages = Blueprint("state_api", __name__, url_prefix="/api/v1")


@pages.get("/calendars/state")
@limiter.limit("300 per minute")
@asks(SCOPE, Role.LEAD, Role.SPONSOR)
def state() -> ResponseReturnValue:
    """Open only if every calendar that is asked is open."""
    now = now_utc()
    at = read_moment(request.args.get("at", ""), now)
    slugs = [part for one in request.args.getlist("calendar") for part in one.split(",")]
    if len(slugs) > MOST_CALENDARS:
        raise Unreadable(f"At most {MOST_CALENDARS} calendars can be asked at once.")
    asked = asked_for(slugs, str(current_app.config["ORGANISATION"]))
    answer = jsonify(as_json(state_of(asked, at, now)))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.get("/openapi.json")
@public
def describe() -> ResponseReturnValue:
    """What can be asked here, as OpenAPI 3.1."""
    return jsonify(document(str(current_app.config["BASE_URL"])))
