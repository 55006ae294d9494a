"""The languages commsplan speaks, and which one a page uses."""

from __future__ import annotations

from functools import cached_property

from flask import current_app, g, has_request_context, request
from flask_babel import Babel, Domain, format_decimal

LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}


def speak(language: str) -> None:
    """Use this language for the rest of the request, if we speak it."""
    if language.split("-", maxsplit=1)[0] in LANGUAGES:
        g.language = language.split("-", maxsplit=1)[0]


def language_of_page() -> str:
    """Return the language of this page: the reader's own, else the browser's, else the default."""
    if chosen := g.get("language"):
        return str(chosen)
    default = str(current_app.config["DEFAULT_LANGUAGE"])
    if has_request_context():
        return request.accept_languages.best_match(list(LANGUAGES), default) or default
    return default


class Catalogues(Domain):  # type: ignore[misc]  # flask-babel carries no types
    """Our texts; a counted number is written as the reader's language writes it: 5,000 or 5.000."""

    def ngettext(self, singular: str, plural: str, num: int, **variables: object) -> str:
        """Choose the form for a number and fill it in."""
        words = self.get_translations().ungettext(singular, plural, num)
        return str(words % {"num": format_decimal(num), **variables})


class Tongues(Babel):  # type: ignore[misc]  # flask-babel carries no types
    """Reads each catalogue once per process instead of once per request."""

    @cached_property
    def domain_instance(self) -> Catalogues:
        """The one set of catalogues of this application."""
        return Catalogues(domain=self.domain)
