"""Who got a message and who did not, person by person, and why."""

from __future__ import annotations

import csv
import io

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from commsplan.delivery.copies import message_id
from commsplan.delivery.models import Delivery, Send
from commsplan.delivery.progress import STATE_KINDS, STATE_WORDS, say
from commsplan.delivery.queries import copies, delivery_for_editor, send_for_editor, sent_to
from commsplan.delivery.rules import MISSED, State
from commsplan.delivery.suppression_words import REASON_WORDS
from commsplan.delivery.suppressions import suppression_of
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.foundation.sheets import neutralise
from commsplan.people.access import current_person, needs
from commsplan.people.models import Person
from commsplan.people.rules import Role

pages = Blueprint("copies", __name__)
PER_PAGE = 100
CHOICES = {
    "missed": tuple(MISSED),
    "all": tuple(State),
    **{state.value: (state,) for state in State},
}


@pages.get("/sends/<int:send_id>/people")
@needs(Role.LEAD)
def people(send_id: int) -> ResponseReturnValue:
    """Who did not get it, and why?"""
    send = send_for_editor(current_person(), send_id)
    chosen = _chosen()
    page = max(request.args.get("page", 1, type=int), 1)
    found = copies(send, CHOICES[chosen]).options(joinedload(Delivery.person))
    total = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    return render_template(
        "delivery/people.html",
        send=send,
        plan=send.message.plan,
        rows=db.session.scalars(found.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all(),
        chosen=chosen,
        total=total,
        page=page,
        pages=-(-total // PER_PAGE),
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
    return Response(
        _table(send, chosen),
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


def _table(send: Send, chosen: str) -> str:
    """Return the file: a mark by which spreadsheets know UTF-8, the header, the rows."""
    text = io.StringIO("\ufeff", newline="")
    text.seek(1)
    writer = csv.writer(text)
    writer.writerow(
        [_("Name"), _("E-mail"), _("Department"), _("Where it stands"), _("Why"), _("Since")]
    )
    found = copies(send, CHOICES[chosen]).options(joinedload(Delivery.person))
    for row in db.session.scalars(found.execution_options(yield_per=500)):
        values = [
            row.person.name,
            row.address,
            row.person.department,
            str(STATE_WORDS[State(row.state)]),
            say(row.note),
            row.settled_at.isoformat() if row.settled_at else "",
        ]
        writer.writerow([neutralise(value) for value in values])
    return text.getvalue()
