"""The languages commsplan speaks, and which one a page uses."""

from __future__ import annotations

from flask import current_app, g, has_request_context, request

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
