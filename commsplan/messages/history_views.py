"""A message's versions, what changed in each, and the way back to one."""

from __future__ import annotations

from itertools import pairwise

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.messages.actions import bring_back
from commsplan.messages.comparison import changed_fields, whole
from commsplan.messages.queries import message_for_editor, message_for_reader
from commsplan.messages.rendering import content_of
from commsplan.messages.rules import EDITABLE
from commsplan.people.access import current_person, needs
from commsplan.people.rules import Role
from commsplan.plans.queries import may_edit

pages = Blueprint("message_history", __name__)

VERSIONS_SHOWN = 50


@pages.get("/messages/<int:message_id>/history")
@needs(Role.EMPLOYEE)
def show(message_id: int) -> ResponseReturnValue:
    """Every version, the newest first, with what changed in it."""
    message = message_for_reader(current_person(), message_id)
    versions = message.versions[-VERSIONS_SHOWN - 1 :]
    contents = [content_of(version) for version in versions]
    first = whole(contents[0])
    changes = [first, *(changed_fields(old, new) for old, new in pairwise(contents))]
    shown = list(zip(versions, changes, strict=True))[-VERSIONS_SHOWN:]
    return render_template(
        "messages/history.html",
        message=message,
        plan=message.plan,
        shown=shown[::-1],
        may_edit=message.state in EDITABLE and may_edit(current_person(), message.plan),
    )


@pages.post("/messages/<int:message_id>/history/<int:number>/bring-back")
@needs(Role.LEAD)
def restore(message_id: int, number: int) -> ResponseReturnValue:
    """Make an earlier text the newest version."""
    message = message_for_editor(current_person(), message_id)
    version = bring_back(message, number, current_person())
    flash(
        _(
            "The text of version %(old)s is back, as version %(new)s.",
            old=number,
            new=version.number,
        )
    )
    return redirect(url_for("messages.show", message_id=message_id), 303)
