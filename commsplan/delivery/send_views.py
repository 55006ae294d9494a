"""A send: how far is it, is anything wrong, and what can be done about it."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from commsplan.delivery.actions import resolve_doubt
from commsplan.delivery.came_back import came_back
from commsplan.delivery.copy_lists import some_copies
from commsplan.delivery.forms import read_resolution
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.outlet_queries import postings_of
from commsplan.delivery.outlet_words import said, state_of
from commsplan.delivery.progress import (
    SEND_KINDS,
    SEND_WORDS,
    STATE_KINDS,
    STATE_WORDS,
    Progress,
    progress_of,
    say,
    word_of,
)
from commsplan.delivery.queries import (
    is_late,
    send_for_editor,
    send_for_reader,
    sends_for,
)
from commsplan.delivery.rules import SendState, State
from commsplan.delivery.starting import send_late_one_now
from commsplan.delivery.steering import steering_of
from commsplan.delivery.stopping import cancel_send
from commsplan.delivery.suppression_words import KIND_WORDS, status_word
from commsplan.delivery.whereto import next_moment, parts_of_send, whereto
from commsplan.foundation.database import db
from commsplan.foundation.errors import Unusable
from commsplan.people.access import current_person, needs
from commsplan.people.queries import zone_of
from commsplan.people.rules import Role
from commsplan.plans.queries import may_edit

pages = Blueprint("sends", __name__)
DOUBTS_SHOWN = 50


@pages.get("/sends/")
@needs(Role.LEAD, Role.SPONSOR)
def index() -> ResponseReturnValue:
    """What went out, what goes out, what is scheduled."""
    return render_template(
        "delivery/index.html",
        sends=sends_for(current_person()),
        send_words=SEND_WORDS,
        send_kinds=SEND_KINDS,
        word_of=word_of,
    )


@pages.get("/sends/<int:send_id>")
@needs(Role.LEAD, Role.SPONSOR)
def show(send_id: int) -> ResponseReturnValue:
    """How far is it, is anything wrong?"""
    send = send_for_reader(current_person(), send_id)
    editable = may_edit(current_person(), send.message.plan)
    doubts = some_copies(send, State.UNCERTAIN, DOUBTS_SHOWN) if editable else []
    return render_template(
        "delivery/show.html",
        **_standing(send),
        plan=send.message.plan,
        may_edit=editable,
        is_late=is_late(send),
        doubts=doubts,
        doubts_shown=DOUBTS_SHOWN,
        bounces=came_back(send) if editable else None,
        kind_words=KIND_WORDS,
        status_word=status_word,
        postings=postings_of(send),
        posting_state=state_of,
        posting_said=said,
        **steering_of(send, editable, zone_of(current_person())),
    )


@pages.get("/sends/<int:send_id>/progress")
@needs(Role.LEAD, Role.SPONSOR)
def progress(send_id: int) -> ResponseReturnValue:
    """The part of the page that moves; tells it to load anew when more than figures changed."""
    send = send_for_reader(current_person(), send_id)
    standing = _standing(send)
    answer = make_response(render_template("delivery/_progress.html", **standing))
    if request.args.get("seen") != standing["seen"]:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _standing(send: Send) -> dict[str, object]:
    found: Progress = progress_of(send, zone_of(current_person()))
    return {
        "send": send,
        "progress": found,
        "moves": send.state in (SendState.SCHEDULED, SendState.RUNNING),
        "seen": f"{word_of(send)}-{min(found.doubtful, DOUBTS_SHOWN)}-{is_late(send)}",
        "send_word": SEND_WORDS[word_of(send)],
        "send_kind": SEND_KINDS[word_of(send)],
        "state_words": STATE_WORDS,
        "state_kinds": STATE_KINDS,
        "say": say,
        "whereto": whereto(send) if may_edit(current_person(), send.message.plan) else None,
        "parts": parts_of_send(send),
        "next_moment": next_moment(send),
    }


@pages.post("/sends/<int:send_id>/cancel")
@needs(Role.LEAD)
def cancel(send_id: int) -> ResponseReturnValue:
    """Stop it: what is on the wire finishes, nothing else leaves."""
    send = send_for_editor(current_person(), send_id)
    before = cancel_send(send, current_person())
    if before is SendState.SCHEDULED:
        flash(_("It is taken back and will not go out."))
    else:
        flash(_("It is stopped. What was on the wire at that moment finishes."))
    return redirect(url_for("sends.show", send_id=send_id), 303)


@pages.post("/sends/<int:send_id>/release")
@needs(Role.LEAD)
def release(send_id: int) -> ResponseReturnValue:
    """Let a send go out that was too overdue to start by itself."""
    send_late_one_now(send_for_editor(current_person(), send_id), current_person())
    flash(_("It goes out now."))
    return redirect(url_for("sends.show", send_id=send_id), 303)


@pages.post("/sends/<int:send_id>/doubt")
@needs(Role.LEAD)
def resolve(send_id: int) -> ResponseReturnValue:
    """Settle copies that nobody knows about: they arrived, or they go out again."""
    send = send_for_editor(current_person(), send_id)
    wish = read_resolution(request.form)
    if isinstance(wish, Unusable):
        flash(wish.problems["verdict"], "error")
        return redirect(url_for("sends.show", send_id=send_id), 303)
    which = select(Delivery.id).where(
        Delivery.send_id == send.id, Delivery.state == State.UNCERTAIN
    )
    if wish.delivery_id is not None:
        which = which.where(Delivery.id == wish.delivery_id)
    ids = list(db.session.scalars(which))
    number = resolve_doubt(ids, wish.arrived, current_person())
    if wish.arrived:
        said = ngettext("%(num)s copy is settled.", "%(num)s copies are settled.", number)
    else:
        said = ngettext("%(num)s copy goes out again.", "%(num)s copies go out again.", number)
    flash(said)
    return redirect(url_for("sends.show", send_id=send_id), 303)
