"""Steering a send: pause it, let it go on, send it again, write what follows it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import BadRequest

from commsplan.delivery.followups import begin_letter, people_for, send_again
from commsplan.delivery.letters import LETTERS
from commsplan.delivery.queries import send_for_editor
from commsplan.delivery.rules import SendKind
from commsplan.delivery.stopping import REPEATS, pause_send, resume_send
from commsplan.people.access import current_person, needs
from commsplan.people.rules import Role

pages = Blueprint("steering", __name__)


@pages.post("/sends/<int:send_id>/pause")
@needs(Role.LEAD)
def pause(send_id: int) -> ResponseReturnValue:
    """Let nothing more leave for now."""
    pause_send(send_for_editor(current_person(), send_id), current_person())
    flash(_("It is paused. What was on the wire at that moment finishes."))
    return redirect(url_for("sends.show", send_id=send_id), 303)


@pages.post("/sends/<int:send_id>/resume")
@needs(Role.LEAD)
def resume(send_id: int) -> ResponseReturnValue:
    """Let a paused send go on."""
    limit = resume_send(send_for_editor(current_person(), send_id), current_person())
    if limit is None:
        flash(_("It goes on."))
    else:
        flash(_("It goes on, and pauses again when more than %(limit)s %% fail.", limit=limit))
    return redirect(url_for("sends.show", send_id=send_id), 303)


@pages.post("/sends/<int:send_id>/again")
@needs(Role.LEAD)
def again(send_id: int) -> ResponseReturnValue:
    """Send the same message to those who joined later, or those it failed for."""
    send = send_for_editor(current_person(), send_id)
    kind = _kind(REPEATS)
    people = people_for(send, kind)
    new = send_again(send, kind, current_person())
    flash(
        ngettext("It goes out now to %(num)s person.", "It goes out now to %(num)s people.", people)
    )
    return redirect(url_for("sends.show", send_id=new.id), 303)


@pages.post("/sends/<int:send_id>/follow")
@needs(Role.LEAD)
def follow(send_id: int) -> ResponseReturnValue:
    """Begin a message to exactly those who had this one."""
    send = send_for_editor(current_person(), send_id)
    message = begin_letter(send, _kind(frozenset(LETTERS)), current_person())
    flash(_("This is a beginning: complete it, then schedule it. It goes to those who had it."))
    return redirect(f"/messages/{message.id}", 303)


def _kind(allowed: frozenset[SendKind]) -> SendKind:
    """Read what is wanted; a form that names something else was not made by our pages."""
    wanted = request.form.get("kind", "")
    if wanted not in {kind.value for kind in allowed}:
        raise BadRequest
    return SendKind(wanted)
