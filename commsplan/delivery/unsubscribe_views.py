"""The way out of a plan's mails: one click for a mail program, one button for a person."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from commsplan.delivery.copies import may_leave
from commsplan.delivery.leaving import subscribe_again, unsubscribe
from commsplan.delivery.models import Delivery
from commsplan.delivery.queries import delivery_of, suppressed
from commsplan.foundation.languages import speak
from commsplan.people.access import public
from commsplan.people.queries import language_of

pages = Blueprint("unsubscribe", __name__)
ONE_CLICK = "One-Click"  # RFC 8058 §3.2


@pages.get("/u/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """Ask before anything happens: a scanner that follows links changes nothing."""
    return _page(delivery_of("unsubscribe", token), token)


@pages.post("/u/<token>")
@public
def leave(token: str) -> ResponseReturnValue:
    """Leave this plan's mails (RFC 8058: no cookie, no redirect, and again is no harm)."""
    delivery = delivery_of("unsubscribe", token)
    one_click = request.form.get("List-Unsubscribe") == ONE_CLICK
    unsubscribe(delivery, "one click" if one_click else "on the page")
    return _page(delivery, token)


@pages.post("/u/<token>/back")
@public
def come_back(token: str) -> ResponseReturnValue:
    """Undo it."""
    delivery = delivery_of("unsubscribe", token)
    subscribe_again(delivery)
    return _page(delivery, token, is_back=True)


def _page(delivery: Delivery, token: str, is_back: bool = False) -> str:
    speak(language_of(delivery.person))
    return render_template(
        "delivery/unsubscribe.html",
        delivery=delivery,
        plan=delivery.message.plan,
        token=token,
        has_left=suppressed(delivery.person_id, delivery.message.plan_id),
        may_leave=may_leave(delivery.message),
        is_back=is_back,
    )
