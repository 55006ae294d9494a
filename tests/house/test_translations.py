"""The catalogues hold every text of today; what readers see is there in all their languages."""

from __future__ import annotations

import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog

from tests.house.collect_text import LANGUAGES, catalogue, texts

READERS = (
    "templates/_public.html",
    "templates/_flashes.html",
    "templates/receipts/",
    "templates/surveys/answer.html",
    "templates/surveys/closed.html",
    "templates/surveys/thanks.html",
    "templates/surveys/_",
    "templates/sign_in/",
    "templates/mail/",
    "templates/home/me",
    "templates/home/_calendars.html",
    "templates/calendars/subscribe.html",
    "templates/calendars/mine.html",
    "templates/calendars/_offer.html",
    "templates/calendars/reply.html",
    "templates/calendars/attend.html",
    "commsplan/calendars/reply_",
    "commsplan/calendars/invitation_mail",
    "templates/_layout.html",
    "templates/_forms.html",
    "templates/home/problem.html",
    "templates/delivery/unsubscribe",
)
PLACE = re.compile(r"%\(\w+\)s|%%")


@cache
def _catalogue(language: str) -> Catalog:
    return catalogue(language)


def _forms(string: object) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (str(string or ""),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_in_the_catalogue(language: str) -> None:
    known = {message.id for message in _catalogue(language) if message.id}
    missing = sorted(str(key) for key in texts() if key not in known)
    assert missing == [], "run `make translations`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_readers_see_is_translated(language: str) -> None:
    found = _catalogue(language)
    bare = [
        key
        for key, files in texts().items()
        if any(name.startswith(READERS) for name in files)
        and not all(_forms(found[key if isinstance(key, str) else key[0]].string))
    ]
    assert bare == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_every_placeholder(language: str) -> None:
    wrong = []
    for message in _catalogue(language):
        wanted = [set(PLACE.findall(text)) for text in _forms(message.id)]
        for form in _forms(message.string):
            if form and message.id and set(PLACE.findall(form)) not in wanted:
                wrong.append(message.id)
    assert wrong == []
