"""What speaks against an activity that somebody is still writing."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from commsplan.audiences.models import Audience
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.dates import RECIPIENTS_ZONE
from commsplan.foundation.errors import Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.queries import zone_of
from commsplan.people.rules import Role
from commsplan.plans.activity_fields import audiences_of
from commsplan.plans.forms import read_activity
from commsplan.plans.models import Plan
from commsplan.plans.obstacle_words import sentences
from commsplan.plans.obstacles import LOOKED_AHEAD, MOST, Touched, held
from commsplan.plans.queries import plan_for_editor, usual_zones
from commsplan.plans.recurrence import parse
from commsplan.plans.rules import ActivityWish
from commsplan.plans.series import Series, occurrence, occurrences

pages = Blueprint("obstacles", __name__)


@pages.get("/plans/<int:plan_id>/against")
@needs(Role.LEAD)
def show(plan_id: int) -> ResponseReturnValue:
    """Does anything speak against this moment? An unfinished form says nothing yet."""
    person = current_person()
    plan = plan_for_editor(person, plan_id)
    typed: Mapping[str, str] = {**request.args.to_dict(), "title": request.args.get("title") or "–"}
    audience_id = request.args.get("audience", type=int)
    zones = usual_zones(plan.zone, request.args.get("starts_zone", ""), "UTC")
    wish = read_activity(typed, {*audiences_of(plan), audience_id or 0}, zones)
    found = [] if isinstance(wish, Unusable) else held(_times(wish, plan))
    return render_template("plans/_against.html", against=sentences(found, zone_of(person)))


def _times(wish: ActivityWish, plan: Plan) -> list[Touched]:
    zone = plan.zone if wish.zone in ("", RECIPIENTS_ZONE) else wish.zone
    series = Series(
        starts_local=wish.starts_local,
        ends_local=wish.ends_local or wish.starts_local,
        zone=zone,
        all_day=wish.all_day,
        rule=parse(wish.recurrence) if wish.recurrence else None,
    )
    now = now_utc()
    only = occurrence(series, "")
    times = occurrences(series, now, now + LOOKED_AHEAD) if series.rule else [only] if only else []
    audience = db.session.get(Audience, wish.audience_id) if wish.audience_id else None
    return [
        Touched(one.starts_at, one.ends_at, audience, wish.place, wish.title)
        for one in times[:MOST]
    ]
