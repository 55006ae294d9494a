"""The suppression list: to whom is nothing sent, why, and who decides about it."""

from __future__ import annotations

import csv
import io

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from commsplan.delivery.appealing import refuse
from commsplan.delivery.bounce_models import SuppressedAddress
from commsplan.delivery.came_back import complaints_for
from commsplan.delivery.suppressing import lift, lift_not, suppress
from commsplan.delivery.suppression_forms import read_suppression
from commsplan.delivery.suppression_words import REASON_KINDS, REASON_WORDS, state_of
from commsplan.delivery.suppressions import (
    BY_HAND,
    SHOWN,
    Search,
    addresses_held,
    appeals_waiting,
    entries,
    entry_of,
)
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.foundation.errors import Unusable
from commsplan.foundation.sheets import neutralise
from commsplan.people.access import current_person, needs
from commsplan.people.rules import Role

pages = Blueprint("suppressions", __name__, url_prefix="/suppressions")
PER_PAGE = 100
LAST_PAGE = 1_000_000  # farther than any list; what an address says is not trusted


@pages.get("/")
@needs(Role.LEAD)
def index() -> ResponseReturnValue:
    """To whom is nothing sent, and why?"""
    wanted, page = _wanted(), min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    found = entries(wanted)
    total = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = found.options(joinedload(SuppressedAddress.person), joinedload(SuppressedAddress.by))
    return render_template(
        "delivery/suppressions.html",
        wanted=wanted,
        held=addresses_held(),
        appeals=appeals_waiting(),
        rows=db.session.scalars(rows.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all(),
        total=total,
        page=page,
        pages=-(-total // PER_PAGE),
        complaints=complaints_for(current_person()),
        standing=_standing,
        reason_words=REASON_WORDS,
        reason_kinds=REASON_KINDS,
    )


@pages.get("/new")
@needs(Role.LEAD)
def new() -> ResponseReturnValue:
    """Ask which address is to be left alone."""
    typed = {"address": request.args.get("address", "")[:254], "reason": BY_HAND, "lasts": ""}
    if request.args.get("reason") in REASON_WORDS:
        typed["reason"] = request.args["reason"]
    return render_template("delivery/suppression_new.html", typed=typed, problems={})


@pages.post("/new")
@needs(Role.LEAD)
def add() -> ResponseReturnValue:
    """Put an address on the list."""
    match read_suppression(request.form):
        case Unusable(problems, typed):
            page = render_template("delivery/suppression_new.html", typed=typed, problems=problems)
            return page, 422
        case wish:
            entry_id = suppress(wish, by=current_person())
    if entry_id is None:
        flash(_("This address is on the list already, for at least as long."), "info")
    else:
        back = url_for(".lift_entry", entry_id=entry_id)
        flash({"text": _("Nothing more is sent to this address."), "undo_href": back})  # type: ignore[arg-type]  # our flashes may be records
    return redirect(url_for(".index"), 303)


@pages.post("/<int:entry_id>/lift")
@needs(Role.LEAD)
def lift_entry(entry_id: int) -> ResponseReturnValue:
    """Send mail to this address again."""
    lift(entry_of(entry_id), current_person())
    back = url_for(".hold_entry", entry_id=entry_id)
    flash({"text": _("Mail goes to this address again."), "undo_href": back})  # type: ignore[arg-type]  # our flashes may be records
    return redirect(url_for(".index"), 303)


@pages.post("/<int:entry_id>/hold")
@needs(Role.LEAD)
def hold_entry(entry_id: int) -> ResponseReturnValue:
    """Undo that mail goes there again."""
    lift_not(entry_of(entry_id), current_person())
    flash(_("Nothing is sent to this address, as before."))
    return redirect(url_for(".index"), 303)


@pages.post("/<int:entry_id>/refuse")
@needs(Role.LEAD)
def refuse_appeal(entry_id: int) -> ResponseReturnValue:
    """Leave an address on the list although its person says that it works."""
    refuse(entry_of(entry_id), current_person())
    flash(_("The address stays on the list; the person reads so on their page."))
    return redirect(url_for(".index", show="appeals"), 303)


@pages.get("/list.csv")
@needs(Role.LEAD)
def table() -> ResponseReturnValue:
    """The same as a file that a spreadsheet opens without running anything in it."""
    return Response(
        _table(_wanted()),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="suppressions.csv"'},
    )


def _wanted() -> Search:
    show = request.args.get("show", "held")
    words = request.args.get("q", "").replace("\0", "").strip()[:200]
    return Search(words, show if show in SHOWN else "held")


def _standing(entry: SuppressedAddress) -> tuple[str, str]:
    return state_of(entry, entry.expires_at is not None and entry.expires_at <= now_utc())


def _table(wanted: Search) -> str:
    text = io.StringIO("\ufeff", newline="")  # a mark by which spreadsheets know UTF-8
    text.seek(1)
    writer = csv.writer(text)
    head = [_("E-mail"), _("Name"), _("Reason"), _("Words"), _("Since"), _("Until"), _("By")]
    writer.writerow([*head, _("Where it stands"), _("Appeal")])
    found = entries(wanted).options(
        joinedload(SuppressedAddress.person), joinedload(SuppressedAddress.by)
    )
    for entry in db.session.scalars(found.execution_options(yield_per=500)):
        values = [
            entry.address,
            entry.person.name if entry.person else "",
            str(REASON_WORDS[entry.reason]),
            entry.words,
            entry.since.isoformat(),
            entry.expires_at.isoformat() if entry.expires_at else "",
            entry.by.name if entry.by else "",
            _standing(entry)[1],
            entry.appeal,
        ]
        writer.writerow([neutralise(value) for value in values])
    return text.getvalue()
