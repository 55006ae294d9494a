"""A copy as its reader's web page, the picture that counts opening, the links that count clicks."""

from __future__ import annotations

import base64

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.delivery.models import Delivery
from commsplan.foundation.clock import now_utc
from commsplan.foundation.errors import Absent
from commsplan.foundation.languages import speak
from commsplan.people.access import public
from commsplan.people.queries import language_of
from commsplan.receipts.actions import confirm, notice, take_back
from commsplan.receipts.forms import read_reason
from commsplan.receipts.pages import MessagePage, is_withdrawn, page_of
from commsplan.receipts.queries import copy_of, link_of
from commsplan.receipts.rules import Kind

pages = Blueprint("receipts", __name__)

DOT = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A transparent picture of one by one pixel."""


@pages.get("/m/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """What is this, what must I do, by when?"""
    delivery = _copy(token)
    notice(delivery, Kind.PAGE)
    if is_withdrawn(delivery):
        return render_template("receipts/withdrawn.html", message=delivery.message), 410
    return _page(page_of(delivery, token))


@pages.post("/m/<token>/<any(read, done):kind>")
@public
def say(token: str, kind: str) -> ResponseReturnValue:
    """Take the reader's word: "I have read this", "I have done it"."""
    return _said(_copy(token), token, kind)


@pages.post("/m/<token>/cannot")
@public
def say_cannot(token: str) -> ResponseReturnValue:
    """Take the reader's word that they cannot, with the reason."""
    delivery = _copy(token)
    reason = read_reason(request.form)
    if not isinstance(reason, str):
        page = page_of(delivery, token)
        return _page(page, problems=reason.problems, typed=reason.typed), 422
    return _said(delivery, token, "cannot", reason)


@pages.post("/m/<token>/<any(read, done, cannot):kind>/undo")
@public
def undo(token: str, kind: str) -> ResponseReturnValue:
    """Take it back, shortly after."""
    take_back(_copy(token), kind)
    flash(_("Taken back. Nothing is recorded."))
    return redirect(url_for(".show", token=token), 303)


@pages.get("/o/<token>.gif")
@public
def opened(token: str) -> ResponseReturnValue:
    """Answer the picture, and record that it was asked for."""
    notice(copy_of("open", token), Kind.OPEN)
    answer = make_response(DOT)
    answer.headers["Content-Type"] = "image/gif"
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


@pages.get("/l/<token>")
@public
def follow(token: str) -> ResponseReturnValue:
    """Lead to where the link goes, by its id, and record that it was followed."""
    delivery, link = link_of(token)
    address, count = link.address, len(link.version.links)
    notice(delivery, Kind.CLICK, link.id, count)
    answer = make_response(redirect(address, 302))
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


def _copy(token: str) -> Delivery:
    delivery = copy_of("message", token)
    speak(language_of(delivery.person))
    return delivery


def _page(
    page: MessagePage,
    problems: dict[str, str] | None = None,
    typed: dict[str, object] | None = None,
) -> str:
    return render_template(
        "receipts/message.html", page=page, problems=problems, typed=typed or {}, now=now_utc()
    )


def _said(delivery: Delivery, token: str, kind: str, note: str = "") -> ResponseReturnValue:
    """Record it and thank the reader; the page shows the way back."""
    if is_withdrawn(delivery) or (kind != "read" and not delivery.send.version.action_what):
        raise Absent
    if confirm(delivery, kind, note):
        thanks = {
            "read": _("Thank you. You have said that you have read this."),
            "done": _("Thank you. You have said that you have done it."),
            "cannot": _("Thank you for saying so. Your reason has been passed on."),
        }
        flash(thanks[kind])
    return redirect(url_for(".show", token=token), 303)
