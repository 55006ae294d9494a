"""Who got a message and who did not, person by person, and why."""

from __future__ import annotations

from itertools import chain

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from commsplan.delivery.copies import message_id
from commsplan.delivery.copy_lists import BYTE_ORDER_MARK, CHOICES, copy_page, table_lines
from commsplan.delivery.progress import STATE_KINDS, STATE_WORDS, say
from commsplan.delivery.queries import delivery_for_editor, send_for_editor, sent_to
from commsplan.delivery.suppression_words import REASON_WORDS
from commsplan.delivery.suppressions import suppression_of
from commsplan.delivery.timeline import timeline
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.people.access import current_person, needs
from commsplan.people.models import Person
from commsplan.people.rules import Role

pages = Blueprint("copies", __name__)
LAST_PAGE = 1_000_000  # farther than any list; what an address says is not trusted


@pages.get("/sends/<int:send_id>/people")
@needs(Role.LEAD)
def people(send_id: int) -> ResponseReturnValue:
    """Who did not get it, and why?"""
    send = send_for_editor(current_person(), send_id)
    chosen = _chosen()
    page = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    after = max(request.args.get("after", 0, type=int), 0)
    return render_template(
        "delivery/people.html",
        send=send,
        plan=send.message.plan,
        found=copy_page(send, CHOICES[chosen], page, after),
        after=after,
        chosen=chosen,
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
        say=say,
    )


@pages.get("/sends/<int:send_id>/people.csv")
@needs(Role.LEAD)
def people_csv(send_id: int) -> ResponseReturnValue:
    """The same as a file that a spreadsheet opens without running anything in it."""
    send = send_for_editor(current_person(), send_id)
    chosen = _chosen()
    name = f"send-{send_id}-{chosen}.csv"
    lines = chain([BYTE_ORDER_MARK], table_lines(send, CHOICES[chosen]))
    return Response(
        stream_with_context(lines),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@pages.get("/sends/<int:send_id>/people/<int:delivery_id>")
@needs(Role.LEAD)
def copy(send_id: int, delivery_id: int) -> ResponseReturnValue:
    """One copy: where it stands and how it got there."""
    found = delivery_for_editor(current_person(), delivery_id)
    if found.send_id != send_id:
        raise Absent
    return render_template(
        "delivery/copy.html",
        copy=found,
        send=found.send,
        plan=found.message.plan,
        message_id=message_id(found.id),
        steps=timeline(found),
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
        say=say,
    )


@pages.get("/people/<int:person_id>/sent")
@needs(Role.LEAD)
def sent(person_id: int) -> ResponseReturnValue:
    """What was this person sent?"""
    somebody = db.session.get(Person, person_id)
    if somebody is None:
        raise Absent
    return render_template(
        "delivery/sent.html",
        somebody=somebody,
        stopped=suppression_of(somebody.email),
        reason_words=REASON_WORDS,
        rows=sent_to(current_person(), person_id),
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
        say=say,
    )


def _chosen() -> str:
    wanted = request.args.get("state", "missed")
    return wanted if wanted in CHOICES else "missed"
