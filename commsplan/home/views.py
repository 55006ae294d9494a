"""The first page of each kind of user, and the two addresses that machines ask."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from commsplan.foundation.bell import connection
from commsplan.foundation.database import db
from commsplan.people.access import needs, public
from commsplan.people.rules import Role

pages = Blueprint("home", __name__)


@pages.get("/")
@needs(Role.EMPLOYEE)
def show() -> ResponseReturnValue:
    """What needs me today?"""
    return render_template("home/show.html")


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
