"""Questions as people answer them: through their personal link, on a phone, without sign-in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from commsplan.delivery.models import Delivery
from commsplan.foundation.addresses import message_address
from commsplan.foundation.clock import now_utc
from commsplan.foundation.errors import Absent, Unusable
from commsplan.foundation.languages import speak
from commsplan.messages.rendering import reader_of, subject_for
from commsplan.people.access import public
from commsplan.people.queries import language_of, zone_of
from commsplan.receipts.queries import copy_of
from commsplan.surveys.actions import answer
from commsplan.surveys.anonymity import COMMENTS_FROM
from commsplan.surveys.forms import read_answers, typed_answers
from commsplan.surveys.models import Survey
from commsplan.surveys.queries import response_of, survey_of

pages = Blueprint("surveys", __name__)


@pages.get("/s/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """How many questions, what happens with the answers?"""
    delivery, survey = _found(token)
    response = response_of(survey, delivery.person_id)
    if survey.closes_at <= now_utc():
        return _page("closed", token, delivery, survey, has_answered=response is not None)
    return _page(
        "answer", token, delivery, survey, typed=typed_answers(response), is_change=bool(response)
    )


@pages.post("/s/<token>")
@public
def take(token: str) -> ResponseReturnValue:
    """Keep the answers; answering again replaces them."""
    delivery, survey = _found(token)
    if survey.closes_at <= now_utc():
        return _page("closed", token, delivery, survey, has_answered=False), 409
    match read_answers(request.form, survey):
        case Unusable(problems, typed):
            page = _page(
                "answer", token, delivery, survey, typed=typed, problems=problems, is_change=False
            )
            return page, 422
        case given:
            answer(survey, delivery, given)
            return redirect(url_for(".thanks", token=token), 303)


@pages.get("/s/<token>/thanks")
@public
def thanks(token: str) -> ResponseReturnValue:
    """Say when people will hear back, and from whom."""
    delivery, survey = _found(token)
    if response_of(survey, delivery.person_id) is None:
        return redirect(url_for(".show", token=token), 303)
    return _page("thanks", token, delivery, survey, message=message_address(delivery.id))


def _found(token: str) -> tuple[Delivery, Survey]:
    delivery = copy_of("survey", token)
    speak(language_of(delivery.person))
    survey = survey_of(delivery.message)
    if survey is None:
        raise Absent
    return delivery, survey


def _page(name: str, token: str, delivery: Delivery, survey: Survey, **values: object) -> str:
    return render_template(
        f"surveys/{name}.html",
        token=token,
        survey=survey,
        subject=subject_for(delivery.send.version, reader_of(delivery.person)),
        plan=delivery.message.plan,
        zone=zone_of(delivery.person),
        comments_from=COMMENTS_FROM,
        is_open=survey.closes_at > now_utc(),
        **values,
    )
