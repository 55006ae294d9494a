"""One version in one language, rendered once: constant text with slots that each copy fills.

A send of 5,000 copies runs Markdown, MJML and Jinja a handful of times and joins strings for the
rest; what differs between copies is only what stands in the slots.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import mrml
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from jinja2 import Environment, Template
from markupsafe import Markup, escape

from commsplan.messages.markdown import is_address, read_body
from commsplan.messages.plaintext import Lines, wrapped, wrapped_once
from commsplan.messages.rules import (
    GAP,
    SLOT,
    VALUE_LIMIT,
    Content,
    make_slot,
    one_line,
    unhex,
    with_slots,
)

Parts = tuple[str, ...]
"""Constant, a slot's name, its fallback, constant, name, fallback, … constant."""

MAIL = "mail/message"


@dataclass(frozen=True)
class Sheet:
    """All that the copies of one version in one language share."""

    content: Content
    plan: str
    organisation: str
    contact_name: str
    contact_email: str
    action_due: str
    """The date in words, in the language of the copy."""
    language: str
    has_pixel: bool = False
    has_unsubscribe: bool = False
    has_survey: bool = False
    has_calendar: bool = False
    measured: bool = False


@dataclass(frozen=True)
class Skeleton:
    """A sheet, rendered: only slots about the reader are left."""

    subject: Parts
    preview: Parts
    html: Parts
    text: Parts


def action_position(content: Content) -> int | None:
    """Return the place of the call to action's address among the counted links, if it has one."""
    address = content.action_address
    if not is_address(address) or address.lower().startswith("mailto:"):
        return None
    return len(read_body(content.body).links) + 1


@lru_cache(maxsize=64)
def skeleton_of(sheet: Sheet) -> Skeleton:
    """Render a sheet. Needs the application's context: the layout's words are translated."""
    environment = _environment()
    known = message_values(sheet)
    body = read_body(sheet.content.body)
    html_body = body.html
    for name, there in (("survey_link", sheet.has_survey), ("calendar_link", sheet.has_calendar)):
        if not there:
            html_body = html_body.replace(f' href="{GAP}{make_slot(name)}"', "")
    with force_locale(sheet.language):
        values = _values(sheet)
        safe = Markup(html_body)  # noqa: S704  # nh3 has just made it
        html = _layout().render(values, body=safe)
        text = environment.get_template(f"{MAIL}/body.txt").render(values, body=make_slot("body"))
    return Skeleton(
        subject=split(_settled(with_slots(sheet.content.subject), known)),
        preview=split(_settled(with_slots(sheet.content.preview), known)),
        html=split(_settled(html, known, escape)),
        text=split(_text(text, body.lines, known)),
    )


def message_values(sheet: Sheet) -> dict[str, str]:
    """Return the fields about the message, the same in all its copies in one language."""
    values = {
        "action_due": sheet.action_due,
        "contact_name": sheet.contact_name,
        "plan_title": sheet.plan,
        "organisation": sheet.organisation,
    }
    return {name: one_line(value)[:VALUE_LIMIT] for name, value in values.items()}


def _settled(text: str, known: dict[str, str], quote: Callable[[str], str] = str) -> str:
    """Fill the slots whose values all copies share."""

    def value(slot: re.Match[str]) -> str:
        if slot[1] not in known:
            return slot[0]
        return str(quote(known[slot[1]] or unhex(slot[2])))

    return SLOT.sub(value, text)


def _values(sheet: Sheet) -> dict[str, object]:
    content, slots = sheet.content, {name: make_slot(name) for name in ("page", "pixel")}
    position = action_position(content)
    address = content.action_address if is_address(content.action_address) else ""
    return {
        "language": sheet.language,
        "organisation": sheet.organisation,
        "plan": sheet.plan,
        "subject": with_slots(content.subject),
        "preview": with_slots(content.preview),
        "action_what": content.action_what,
        "action_due": sheet.action_due,
        "action_href": make_slot(f"link{position}") if position else address,
        "action_words": short_address(address),
        "action_otherwise": content.action_otherwise,
        "page": slots["page"],
        "survey": make_slot("survey_link") if sheet.has_survey else "",
        "calendar": make_slot("calendar_link") if sheet.has_calendar else "",
        "contact_name": sheet.contact_name,
        "contact_email": sheet.contact_email,
        "reason": _(
            "You get this because it concerns your work at %(organisation)s.",
            organisation=sheet.organisation,
        ),
        "measured": _("It is counted whether this mail is opened and its links are used.")
        if sheet.measured
        else "",
        "unsubscribe": make_slot("unsubscribe") if sheet.has_unsubscribe else "",
        "pixel": slots["pixel"] if sheet.has_pixel else "",
    }


def short_address(address: str) -> str:
    """Return an address as words: host and beginning of the path."""
    shown = address.removeprefix("mailto:").split("://", 1)[-1].split("?", 1)[0].rstrip("/")
    return shown if len(shown) <= 60 else shown[:59] + "…"


def split(text: str) -> Parts:
    """Cut text at its slots: constant, name, fallback, constant, name, fallback, constant …"""
    parts = SLOT.split(text.replace(GAP + "\ue000", "\ue000"))
    return tuple(unhex(part) if at % 3 == 2 else part for at, part in enumerate(parts))


def _text(rendered: str, body: tuple[Lines, ...], known: dict[str, str]) -> str:
    """Put the body, in lines, where its slot is."""
    before, _slot, after = (rendered.strip() + "\n").partition(make_slot("body"))
    written = []
    for lines in body:
        text = _settled(lines.text, known)
        if lines.wrap:
            written.append(wrapped_once(text, lines.first, lines.rest))
        else:
            written.append((lines.first + text).rstrip())
    return before + "\n".join(written) + after


def _environment() -> Environment:
    environment = current_app.jinja_env
    environment.filters.setdefault("wrapped", wrapped)
    return environment


def _layout() -> Template:
    """Return the HTML layout: MJML compiled by mrml, once per application."""
    template: Template | None = current_app.extensions.get("commsplan.mail_layout")
    if template is None:
        source = Path(str(current_app.root_path)).parent / "templates" / MAIL / "body.mjml"
        html = mrml.to_html(source.read_text(encoding="utf-8")).content
        html = re.sub(r"\n\s+", "\n", html)  # its own indents, before any text is in it
        template = current_app.jinja_env.from_string(html)
        current_app.extensions["commsplan.mail_layout"] = template
    return template
