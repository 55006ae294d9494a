"""What an invited person opens: yes, no or maybe, which session, and "I am here"."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.calendars.answering import answer, choose
from commsplan.calendars.attending import enter, meeting_with
from commsplan.calendars.invitation_models import Invitation
from commsplan.calendars.invitation_queries import invitation_behind
from commsplan.calendars.invitation_rules import GIVEN, NOTE_LENGTH, Answer, Via
from commsplan.calendars.reply_page import page_of
from commsplan.foundation.errors import NotNow
from commsplan.foundation.languages import speak
from commsplan.foundation.limits import limiter
from commsplan.people.access import current_person, needs, public
from commsplan.people.queries import language_of
from commsplan.people.rules import Role

pages = Blueprint("replies", __name__)

TRIES = "10 per minute"
"""Of a code: six letters are 30 bits, so guessing one takes 200 years at this rate."""


@pages.get("/r/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """What am I invited to, when, and am I coming?"""
    row = _mine(token)
    return render_template(
        "calendars/reply.html", page=page_of(row, token, _wanted(request.args.get("say", "")))
    )


@pages.post("/r/<token>")
@public
def say(token: str) -> ResponseReturnValue:
    """Take the answer, for everything or for one day."""
    row = _mine(token)
    said, note = _wanted(request.form.get("say", "")), request.form.get("note", "").strip()
    problems = {}
    if not said:
        problems["say"] = _("Choose yes, maybe or no.")
    if len(note) > NOTE_LENGTH:
        problems["note"] = _("At most %(most)s characters fit.", most=NOTE_LENGTH)
    if problems:
        page = page_of(row, token, said)
        return render_template(
            "calendars/reply.html", page=page, problems=problems, typed=request.form
        ), 422
    held = answer(row, Answer(said), Via.PAGE, day=request.form.get("day", "")[:8], note=note)
    flash(_thanks(held))
    return redirect(url_for(".show", token=token), 303)


@pages.post("/r/<token>/session")
@public
def choose_session(token: str) -> ResponseReturnValue:
    """Take the choice of one of several sessions."""
    row = _mine(token)
    wanted = request.form.get("session", "")
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 19):
        problems = {"session": _("Choose one of the sessions.")}
        page = page_of(row, token)
        return render_template("calendars/reply.html", page=page, problems=problems, typed={}), 422
    flash(_thanks(choose(row, int(wanted), Via.PAGE)))
    return redirect(url_for(".show", token=token), 303)


@pages.post("/r/<token>/here")
@limiter.limit(TRIES, key_func=lambda: request.path)
@public
def here(token: str) -> ResponseReturnValue:
    """Take the word of somebody who is in the room and reads its code."""
    row = _mine(token)
    return _entered(row, url_for(".show", token=token))


@pages.get("/attend")
@needs(Role.EMPLOYEE)
def attend() -> ResponseReturnValue:
    """I am in the room: what does the screen say?"""
    return render_template("calendars/attend.html")


@pages.post("/attend")
@limiter.limit(TRIES, key_func=lambda: f"attend {current_person().id}")
@needs(Role.EMPLOYEE)
def attend_now() -> ResponseReturnValue:
    """Take the code of somebody who is signed in."""
    try:
        activity, day = meeting_with(request.form.get("code", ""))
    except NotNow as error:
        problems = {"code": str(error)}
        return render_template("calendars/attend.html", problems=problems, typed=request.form), 422
    enter(activity, day, current_person())
    flash(_("Thank you. It is noted that you are at “%(title)s”.", title=activity.title))
    return redirect(url_for(".attend"), 303)


def _entered(row: Invitation, back: str) -> ResponseReturnValue:
    try:
        activity, day = meeting_with(request.form.get("code", ""))
    except NotNow as error:
        flash(str(error), "error")
        return redirect(back, 303)
    enter(activity, day, row.person)
    flash(_("Thank you. It is noted that you are at “%(title)s”.", title=activity.title))
    return redirect(back, 303)


def _mine(token: str) -> Invitation:
    row = invitation_behind(token)
    speak(language_of(row.person))
    return row


def _wanted(said: str) -> str:
    return said if said in GIVEN else ""


def _thanks(held: Invitation) -> str:
    if held.waiting_since is not None:
        return str(
            _("All places are taken. You are on the waiting list; we write when one is free.")
        )
    thanks = {
        Answer.YES: _("Thank you. You are coming."),
        Answer.MAYBE: _("Thank you. You may be coming."),
        Answer.NO: _("Thank you for saying so. You are not coming."),
    }
    return str(thanks[Answer(held.answer)])
