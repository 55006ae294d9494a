"""The first page of each kind of user, and the two addresses that machines ask."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from commsplan.foundation.bell import connection
from commsplan.foundation.database import db
from commsplan.home.closures import closures
from commsplan.home.desk import matters, this_week
from commsplan.home.promises import promises
from commsplan.home.rules import Matter
from commsplan.home.standing import plan_lines
from commsplan.people.access import current_person, current_roles, needs, public
from commsplan.people.rules import Role

pages = Blueprint("home", __name__)


@pages.get("/")
@needs(Role.EMPLOYEE)
def show() -> ResponseReturnValue:
    """What needs me today? Sponsors see their goals, people without a role their own page."""
    roles = current_roles()
    if not roles & {Role.LEAD, Role.ADMIN}:
        return redirect("/goals" if Role.SPONSOR in roles else "/me", 303)
    me = current_person()
    found = matters(me)
    return render_template(
        "home/show.html",
        matters=found,
        answer=_answer(found),
        week=this_week(me),
        lines=plan_lines(me),
        sponsors=Role.SPONSOR in roles,
    )


def _answer(found: list[Matter]) -> str:
    pressing = sum(one.kind in ("warn", "bad") for one in found)
    going = len(found) - pressing
    said = ngettext("%(num)s thing waits for you.", "%(num)s things wait for you.", pressing)
    parts = [said if pressing else _("Nothing waits for you.")]
    if going:
        parts.append(
            ngettext(
                "%(num)s message goes out in the next 7 days.",
                "%(num)s messages go out in the next 7 days.",
                going,
            )
        )
    return " ".join(parts)


@pages.get("/goals")
@needs(Role.SPONSOR, Role.LEAD)
def goals() -> ResponseReturnValue:
    """Are my goals on track, and did we say what we promised?"""
    found = promises(current_person())
    stands = [goal for one in found for goal in one.goals]
    well = sum(goal.kind == "good" for goal in stands)
    answer = ngettext(
        "%(well)s of %(num)s goal is reached or on track.",
        "%(well)s of %(num)s goals are reached or on track.",
        len(stands),
        well=well,
    )
    return render_template(
        "home/goals.html",
        promises=found,
        answer=answer if stands else "",
        closures=closures(current_person()),
    )


@pages.get("/healthz")
@public
def healthy() -> ResponseReturnValue:
    """Answer 200 while the process lives."""
    return {"alive": True}


@pages.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Answer 200 when the database answers; a queue server that is away only delays."""
    try:
        db.session.execute(text("select 1"))
        database = True
    except SQLAlchemyError:
        database = False
    try:
        with connection() as redis:
            queue = bool(redis.ping())
    except RedisError:
        queue = False
    return {"database": database, "queue": queue}, 200 if database else 503


@pages.get("/styleguide")
@needs(Role.ADMIN)
def styleguide() -> ResponseReturnValue:
    """Every part of the interface in every state."""
    return render_template("styleguide.html", organisation=current_app.config["ORGANISATION"])
