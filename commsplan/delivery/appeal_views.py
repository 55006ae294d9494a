"""What a person sees when nothing is sent to their address any more, and how they object."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commsplan.delivery.appealing import appeal, entry_of_token
from commsplan.delivery.bounce_models import SuppressedAddress
from commsplan.delivery.suppression_forms import read_appeal
from commsplan.delivery.suppression_words import READER_WORDS
from commsplan.delivery.suppressions import SOFT
from commsplan.foundation.clock import now_utc
from commsplan.foundation.languages import speak
from commsplan.people.access import public
from commsplan.people.queries import language_of, zone_of

pages = Blueprint("appeals", __name__)


@pages.get("/a/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """Why do I get no mail, and what can I do?"""
    return _page(_entry(token), token)


@pages.post("/a/<token>")
@public
def say(token: str) -> ResponseReturnValue:
    """Take the person's word that the address works."""
    entry = _entry(token)
    if appeal(entry, read_appeal(request.form)):
        flash(_("Thank you. Mail goes to this address again."))
    else:
        flash(_("Thank you. Somebody of the communications team looks at it."))
    return redirect(url_for(".show", token=token), 303)


def _entry(token: str) -> SuppressedAddress:
    entry = entry_of_token(token)
    if entry.person is not None:
        speak(language_of(entry.person))
    return entry


def _page(entry: SuppressedAddress, token: str) -> str:
    return render_template(
        "delivery/appeal.html",
        entry=entry,
        token=token,
        why=READER_WORDS[entry.reason],
        holds=entry.lifted_at is None
        and (entry.expires_at is None or entry.expires_at > now_utc()),
        at_once=entry.reason == SOFT,
        zone=zone_of(entry.person) if entry.person else current_app.config["DEFAULT_ZONE"],
    )
