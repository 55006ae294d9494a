"""Where one message also goes, and what is to be done about a posting in doubt."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.delivery.outlet_actions import BEFORE_IT_LEAVES, choose_outlets
from commsplan.delivery.outlet_forms import read_verdict
from commsplan.delivery.outlet_queries import chosen_for, offered_for, posting_for_editor
from commsplan.delivery.outlet_words import kind_of, standing
from commsplan.delivery.posting_actions import resolve_posting
from commsplan.delivery.posting_text import words_of
from commsplan.foundation.errors import Unusable
from commsplan.messages.queries import message_for_editor
from commsplan.people.access import current_person, needs
from commsplan.people.rules import Role

pages = Blueprint("message_outlets", __name__)


@pages.get("/messages/<int:message_id>/outlets")
@needs(Role.LEAD)
def show(message_id: int) -> ResponseReturnValue:
    """Where else shall this message go, and what will be read there?"""
    message = message_for_editor(current_person(), message_id)
    return render_template(
        "delivery/message_outlets.html",
        message=message,
        plan=message.plan,
        offered=offered_for(message),
        chosen=chosen_for(message),
        words=words_of(message.latest, message),
        can_choose=message.state in BEFORE_IT_LEAVES,
        kind_of=kind_of,
        standing=standing,
    )


@pages.post("/messages/<int:message_id>/outlets")
@needs(Role.LEAD)
def choose(message_id: int) -> ResponseReturnValue:
    """Keep the choice."""
    message = message_for_editor(current_person(), message_id)
    choose_outlets(message, request.form.getlist("outlet", type=int), current_person())
    flash(_("Your choice is kept. It is posted there when the message goes out."))
    if message.state == "scheduled":
        return redirect(url_for("message_outlets.show", message_id=message_id), 303)
    return redirect(url_for("delivery.plan_send", message_id=message_id), 303)


@pages.post("/postings/<int:posting_id>/resolve")
@needs(Role.LEAD)
def resolve(posting_id: int) -> ResponseReturnValue:
    """Settle a posting that nobody knows about: it is there, or it is posted again."""
    posting = posting_for_editor(current_person(), posting_id)
    send_id = posting.send_id
    wish = read_verdict(request.form)
    if isinstance(wish, Unusable):
        flash(wish.problems["verdict"], "error")
    elif not resolve_posting(posting, wish.is_there, current_person()):
        flash(_("It was not in doubt any more."), "info")
    else:
        flash(_("It is settled.") if wish.is_there else _("It is posted again."))
    return redirect(url_for("sends.show", send_id=send_id), 303)
