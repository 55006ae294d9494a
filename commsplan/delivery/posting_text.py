"""A message as a whole room reads it: no name of anybody, no address that belongs to one person.

A personal field shows its fallback, or a neutral word where the writer gave none: "Hello everyone".
Links lead straight to where they point and are not counted; links to a reader's own page, survey or
calendar keep their words and lose their address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from commsplan.messages.markdown import is_address, read_body
from commsplan.messages.models import Message, Version
from commsplan.messages.rendering import Reader, WebPage, content_of, web_page
from commsplan.messages.rules import ADDRESS_FIELDS, SLOT, Content, unhex, with_slots
from commsplan.messages.skeleton import action_position

_BARE = re.compile(r"\{\{\s*([a-z_]+)\s*\|?\s*\}\}")
_PERSONAL_LINK = re.compile(
    r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(\s*<?\{\{\s*(?:" + "|".join(ADDRESS_FIELDS) + r")\b"
    r"[^{}]*\}\}>?\s*(?:\"[^\"]*\")?\s*\)"
)
_MARKS = re.compile(r"([\\`*\[\]])")
_CUT_LINK = re.compile(r"!?\[[^\]]*(?:\](?:\([^)]*)?)?$")


@dataclass(frozen=True)
class Words:
    """What is posted, in the forms that channels take."""

    title: str
    text: str
    markdown: str
    html: str
    url: str
    """Where to do what is asked; may be empty."""


def words_of(version: Version, message: Message) -> Words:
    """Return a version as everybody may read it, in the organisation's language."""
    language = str(current_app.config["DEFAULT_LANGUAGE"])
    with force_locale(language):
        content = neutral(content_of(version))
        url = content.action_address if is_address(content.action_address) else ""
        body = read_body(content.body)
        links = {link.position: link.address for link in body.links}
        links[action_position(content) or 0] = url
        page = web_page(
            content, message, Reader("", "", language=language), lambda position: links[position]
        )
        values = _values(message, page) | {f"link{at}": address for at, address in links.items()}
        asked = _asked(page, url)
        lines = [_filled(line.first + line.text, values).rstrip() for line in body.lines]
        source = SLOT.sub(
            lambda slot: _MARKS.sub(r"\\\1", values.get(slot[1], "") or unhex(slot[2])),
            with_slots(content.body),
        )
        return Words(
            title=_begun(page.subject, content.subject),
            text=_joined("\n".join(asked), "\n".join(lines)),
            markdown=_joined("\n".join(f"- {line}" for line in asked), source),
            html=str(page.body),
            url=url,
        )


def neutral(content: Content) -> Content:
    """Return a text in which every personal field has a fallback, and no link is personal."""
    words = _neutral_words()

    def give(match: re.Match[str]) -> str:
        word = words.get(match[1])
        return f"{{{{ {match[1]} | {word} }}}}" if word else match[0]

    body = _PERSONAL_LINK.sub(r"\1", content.body)
    return replace(
        content, subject=_BARE.sub(give, content.subject), body=_BARE.sub(give, body), preview=""
    )


def shortened(text: str, limit: int) -> str:
    """Return text of at most so many bytes of UTF-8: cut between words, with "…" where it was."""
    if len(text.encode()) <= limit:
        return text
    cut = text.encode()[: max(limit - len("\n\n…".encode()), 0)].decode(errors="ignore")
    at = max(cut.rfind("\n\n"), cut.rfind(" ", max(len(cut) - 200, 0)))
    cut = _CUT_LINK.sub("", cut[:at] if at > len(cut) // 2 else cut).rstrip()
    return f"{cut} …"


def _begun(title: str, written: str) -> str:
    """Return a title that begins with a capital letter where a name would have stood."""
    return title[:1].upper() + title[1:] if written.lstrip().startswith("{{") else title


def _neutral_words() -> dict[str, str]:
    return {
        "first_name": _("everyone"),
        "name": _("everyone"),
        "title": _("your role"),
        "department": _("your department"),
        "location": _("your site"),
        "country": _("your country"),
        "manager_name": _("your manager"),
    }


def _values(message: Message, page: WebPage) -> dict[str, str]:
    return {
        "action_due": page.action_due,
        "contact_name": message.contact.name if message.contact else "",
        "plan_title": message.plan.title,
        "organisation": str(current_app.config["ORGANISATION"]),
    }


def _filled(text: str, values: dict[str, str]) -> str:
    return SLOT.sub(lambda slot: values.get(slot[1], "") or unhex(slot[2]), text)


def _asked(page: WebPage, url: str) -> list[str]:
    """Return the call to action, first: what is cut off at the end is never this."""
    if not page.action_what:
        return []
    lines = [f"{_('What to do')}: {page.action_what}"]
    if page.action_due:
        lines.append(f"{_('By when')}: {page.action_due}")
    if url:
        lines.append(f"{_('How')}: {url}")
    if page.action_otherwise:
        lines.append(f"{_('Otherwise')}: {page.action_otherwise}")
    return lines


def _joined(asked: str, body: str) -> str:
    return "\n\n".join(part for part in (asked, body.strip()) if part)
