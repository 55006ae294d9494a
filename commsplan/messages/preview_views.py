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
from commsplan.foundation.addresses import absolute
from commsplan.foundation.database import db
from commsplan.foundation.languages import speak
from commsplan.messages.forms import read_content
from commsplan.messages.markdown import read_body
from commsplan.messages.models import Message
from commsplan.messages.queries import message_for_editor, message_for_reader, people_meant
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

SAMPLE = "…"
"""Stands where a copy's own secret would."""


@pages.get("/messages/<int:message_id>/preview")
@needs(Role.EMPLOYEE)
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
    message_id = request.form.get("message", type=int)
    saved_one = message_for_editor(current_person(), message_id) if message_id else None
    message = Message(
        plan=plan,
        has_survey=bool(saved_one and saved_one.has_survey),
        contact=contacts[0] if len(contacts) == 1 else None,
        audience=audience_for_reader(current_person(), audience_id) if audience_id else None,
    )
    return _preview(read_content(request.form), message, request.form)


def _preview(content: Content, message: Message, wanted: Mapping[str, str]) -> Response:
    person = _reader(message, wanted.get("person", ""))
    reader, places = reader_of(person), _places(content, message)
    match wanted.get("as", "mail"):
        case "text":
            copy = compose_content(content, message, reader, places)
            return _framed(render_template("messages/preview_text.html", copy=copy, to=person))
        case "web":
            speak(reader.language)
            page = web_page(content, message, reader)
            return _framed(render_template("messages/preview_web.html", page=page, message=message))
        case _:
            return _mail(compose_content(content, message, reader, places).html)


def _places(content: Content, message: Message) -> Places:
    """Return addresses that count nothing: links as they are, the copy's own without its secret."""
    links = {link.position: link.address for link in read_body(content.body).links}
    return Places(
        page=absolute(f"/m/{SAMPLE}"),
        link=lambda position: links.get(position, content.action_address),
        unsubscribe=absolute(f"/u/{SAMPLE}") if message.plan.may_unsubscribe else None,
        survey=absolute(f"/s/{SAMPLE}"),
        calendar=absolute(f"/c/{SAMPLE}"),
    )


def _reader(message: Message, wanted: str) -> Person:
    """Return the wanted person if they belong to the audience; otherwise oneself."""
    audience, person_id = message.audience, int(wanted) if wanted.isdecimal() else 0
    if audience is None or not contains(audience, person_id):
        return current_person()
    return db.session.get_one(Person, person_id)


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
