"""Previews: a message as one person would get it, saved or as it is being typed."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from commsplan.audiences.queries import audience_for_reader, contains
from commsplan.foundation.database import db
from commsplan.foundation.errors import Absent
from commsplan.foundation.languages import speak
from commsplan.messages.forms import read_content
from commsplan.messages.models import Message
from commsplan.messages.queries import message_for_reader, people_meant
from commsplan.messages.rendering import (
    Places,
    compose_content,
    content_of,
    reader_of,
    web_page,
)
from commsplan.messages.rules import Content
from commsplan.people.access import current_person, needs
from commsplan.people.models import Person
from commsplan.people.rules import Role
from commsplan.plans.queries import plan_for_editor

pages = Blueprint("message_previews", __name__)

NOWHERE = Places(page="#", link=lambda position: "#", survey="#", calendar="#", unsubscribe=None)
"""Addresses that lead nowhere: looking at a preview counts nothing."""


@pages.get("/messages/<int:message_id>/preview")
@needs(Role.LEAD, Role.SPONSOR)
def saved(message_id: int) -> ResponseReturnValue:
    """The newest version, as one of its readers gets it."""
    message = message_for_reader(current_person(), message_id)
    return _preview(content_of(message.latest), message, request.args)


@pages.post("/messages/preview")
@needs(Role.LEAD)
def typed() -> ResponseReturnValue:
    """What the form holds, as one reader would get it; changes nothing."""
    plan = plan_for_editor(current_person(), request.form.get("plan", 0, type=int))
    contacts = people_meant(request.form.get("contact", ""))
    audience_id = request.form.get("audience", type=int)
    message = Message(
        plan=plan,
        contact=contacts[0] if len(contacts) == 1 else None,
        audience=audience_for_reader(current_person(), audience_id) if audience_id else None,
    )
    return _preview(read_content(request.form), message, request.form)


def _preview(content: Content, message: Message, wanted: Mapping[str, str]) -> Response:
    person = _reader(message, wanted.get("person", ""))
    reader = reader_of(person)
    match wanted.get("as", "mail"):
        case "text":
            copy = compose_content(content, message, reader, NOWHERE)
            return _framed(render_template("messages/preview_text.html", copy=copy, to=person))
        case "web":
            speak(reader.language)
            page = web_page(content, message, reader)
            return _framed(render_template("messages/preview_web.html", page=page, message=message))
        case _:
            return _mail(compose_content(content, message, reader, NOWHERE).html)


def _reader(message: Message, wanted: str) -> Person:
    """Return the person a preview is for: of the audience, or oneself."""
    person = db.session.get(Person, int(wanted)) if wanted.isdigit() else None
    if person is None or person == current_person():
        return current_person()
    if message.audience is None or not contains(message.audience, person.id):
        raise Absent
    return person


def _framed(page: str) -> Response:
    answer = make_response(page)
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _mail(page: str) -> Response:
    """Show a mail under a policy that allows its own styles, each by its hash, and nothing else."""
    styles = re.findall(r"<style[^>]*>(.*?)</style>", page, re.DOTALL)
    attributes = [html.unescape(style) for style in re.findall(r'\sstyle="([^"]*)"', page)]
    hashes = " ".join(sorted({_hash(style) for style in (*styles, *attributes)}))
    answer = _framed(page.replace("<head>", '<head><base target="_blank">', 1))
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'unsafe-hashes' {hashes}; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    )
    return answer


def _hash(style: str) -> str:
    digest = hashlib.sha256(style.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
