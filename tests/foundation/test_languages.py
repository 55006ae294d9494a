"""Counted numbers are written as the reader's language writes them."""

import pytest
from flask import Flask
from flask_babel import force_locale, ngettext


@pytest.mark.parametrize(
    ("language", "written"), [("en", "5,000 people"), ("de", "5.000"), ("es", "5.000"), ("fr", "5")]
)
def test_a_large_number_is_grouped(app: Flask, language: str, written: str) -> None:
    with app.test_request_context(), force_locale(language):
        assert ngettext("%(num)s person", "%(num)s people", 5000).startswith(written)


def test_a_catalogue_is_read_once(app: Flask) -> None:
    babel = app.extensions["babel"].instance
    assert babel.domain_instance is babel.domain_instance
