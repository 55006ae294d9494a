"""One copy: a version, a reader and the copy's own addresses, put together.

A name reaches a copy only here, after Markdown and sanitiser, escaped for where it stands: it can
start neither a header nor a tag.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from flask import current_app
from markupsafe import Markup, escape

from commsplan.foundation.languages import LANGUAGES
from commsplan.messages.markdown import is_address, read_body
from commsplan.messages.models import Message, Version
from commsplan.messages.rules import (
    CONTENT_FIELDS,
    PERSONAL_FIELDS,
    VALUE_LIMIT,
    Content,
    one_line,
    with_slots,
)
from commsplan.messages.skeleton import (
    Parts,
    Sheet,
    action_position,
    message_values,
    skeleton_of,
    split,
)
from commsplan.people.models import Person
from commsplan.people.queries import language_of

DATES = {"en": "en_GB"}  # "Friday 9 October 2026", the order the pages use


@dataclass(frozen=True)
class Reader:
    """The personal fields of one person by their names, and how to speak to them."""

    first_name: str
    name: str
    title: str = ""
    department: str = ""
    location: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2; a copy shows its name."""
    manager_name: str = ""
    language: str = ""
    """BCP 47 tag, or empty for the organisation's."""


@dataclass(frozen=True)
class Places:
    """The addresses of one copy. Previews pass harmless ones."""

    page: str
    """The copy as a web page."""
    link: Callable[[int], str]
    """The counted way to the link at a position, from 1."""
    pixel: str | None = None
    unsubscribe: str | None = None
    survey: str | None = None
    """Its questions; shown only when the message has any."""
    calendar: str | None = None
    measured: bool = True
    """Whether the copy says that it counts opening and links."""


@dataclass(frozen=True)
class Copy:
    """One mail, ready to be given to foundation/mail.py."""

    subject: str
    preview: str
    text: str
    html: str


def reader_of(person: Person) -> Reader:
    """Return the fields of somebody from the directory (reads their manager)."""
    return Reader(
        first_name=person.greeting_name,
        name=person.name,
        title=person.title,
        department=person.department,
        location=person.location,
        country=person.country,
        manager_name=person.manager.name if person.manager else "",
        language=language_of(person),
    )


def content_of(version: Version) -> Content:
    """Return what a version fixes, as a value."""
    return Content(**{name: getattr(version, name) for name in CONTENT_FIELDS})


def compose(version: Version, message: Message, reader: Reader, places: Places) -> Copy:
    """Return one copy as mail, in the reader's language. Needs the application's context."""
    return compose_content(content_of(version), message, reader, places)


def compose_content(content: Content, message: Message, reader: Reader, places: Places) -> Copy:
    """The same for a text that is not saved: `message` only says plan and contact."""
    sheet = sheet_of(content, message, language_for(reader), places)
    skeleton = skeleton_of(sheet)
    values = _values(sheet, reader) | {
        "page": places.page,
        "page_link": places.page,
        "pixel": places.pixel or "",
        "unsubscribe": places.unsubscribe or "",
        "survey_link": places.survey or "" if sheet.has_survey else "",
        "calendar_link": places.calendar or "",
    }
    filled = _Filled(values, places.link)
    return Copy(
        subject=one_line(filled.plain(skeleton.subject)),
        preview=one_line(filled.plain(skeleton.preview)),
        text=filled.plain(skeleton.text),
        html=filled.html(skeleton.html),
    )


def web_body(
    version: Version,
    reader: Reader,
    link: Callable[[int], str],
    survey: str = "",
    calendar: str = "",
) -> Markup:
    """Return the text for the reader's web page: headings from the second level, safe HTML.

    Where there is no survey or calendar, the words of such a link stand without it.
    """
    return web_page(
        content_of(version), version.message, reader, link, survey=survey, calendar=calendar
    ).body


@dataclass(frozen=True)
class WebPage:
    """What the reader's web page shows of a message."""

    subject: str
    body: Markup
    action_what: str
    action_due: str
    action_href: str
    action_otherwise: str


def web_page(
    content: Content,
    message: Message,
    reader: Reader,
    link: Callable[[int], str] = lambda position: "#",
    *,
    survey: str = "",
    calendar: str = "",
) -> WebPage:
    """Return a text, saved or not, as the reader's web page shows it."""
    sheet = sheet_of(content, message, language_for(reader), None)
    addresses = {"survey_link": survey, "calendar_link": calendar, "page_link": "#main"}
    filled = _Filled(_values(sheet, reader) | addresses, link)
    html = filled.html(split(read_body(content.body).html)).replace(' href=""', "")
    position = action_position(content)
    address = content.action_address if is_address(content.action_address) else ""
    return WebPage(
        subject=one_line(filled.plain(split(with_slots(content.subject)))),
        body=Markup(html),  # noqa: S704  # made by nh3; values are escaped
        action_what=content.action_what,
        action_due=sheet.action_due,
        action_href=link(position) if position else address,
        action_otherwise=content.action_otherwise,
    )


def subject_for(version: Version, reader: Reader) -> str:
    """Return the subject as this reader gets it."""
    return web_page(content_of(version), version.message, reader).subject


def language_for(reader: Reader) -> str:
    """Return the language a copy's fixed words are in."""
    language = reader.language.replace("_", "-").split("-", maxsplit=1)[0]
    return language if language in LANGUAGES else str(current_app.config["DEFAULT_LANGUAGE"])


def sheet_of(content: Content, message: Message, language: str, places: Places | None) -> Sheet:
    """Return what all copies in one language share; of the addresses, only which there are."""
    due = content.action_due_on
    return Sheet(
        content=content,
        plan=message.plan.title,
        organisation=str(current_app.config["ORGANISATION"]),
        contact_name=message.contact.name if message.contact else "",
        contact_email=message.contact.email if message.contact else "",
        action_due=_day(due, language) if due else "",
        language=language,
        has_pixel=bool(places and places.pixel),
        has_unsubscribe=bool(places and places.unsubscribe),
        has_survey=bool(places and places.survey and message.has_survey),
        has_calendar=bool(places and places.calendar),
        measured=bool(places and places.measured),
    )


@lru_cache(maxsize=64)
def _day(day: date, language: str) -> str:
    """Return a date with its weekday, in words; the same on every machine and in every year."""
    return str(format_date(day, "full", locale=DATES.get(language, language)))


@lru_cache(maxsize=4096)
def _country(code: str, language: str) -> str:
    return str(Locale.parse(language).territories.get(code.upper(), code))


def shown(field: str, value: str, language: str) -> str:
    """Return a personal field as a copy shows it: one line, not endless, a country by its name."""
    words = _country(value, language) if field == "country" else value
    return one_line(words)[:VALUE_LIMIT]


def _values(sheet: Sheet, reader: Reader) -> dict[str, str]:
    personal = {
        name: shown(name, getattr(reader, name), sheet.language) for name in PERSONAL_FIELDS
    }
    return personal | message_values(sheet)


@dataclass(frozen=True)
class _Filled:
    """Fills slots with one copy's values."""

    values: Mapping[str, str]
    link: Callable[[int], str]

    def _value(self, name: str, fallback: str) -> str:
        if name.startswith("link"):
            return self.link(int(name.removeprefix("link")))
        return self.values.get(name, "") or fallback

    def plain(self, parts: Parts) -> str:
        """For a header or plain text."""
        return "".join(
            part if at % 3 == 0 else self._value(part, parts[at + 1])
            for at, part in enumerate(parts)
            if at % 3 != 2
        )

    def html(self, parts: Parts) -> str:
        """For HTML, in text or in a quoted attribute."""
        return "".join(
            part if at % 3 == 0 else str(escape(self._value(part, parts[at + 1])))
            for at, part in enumerate(parts)
            if at % 3 != 2
        )
