"""Collects every user-visible text into the catalogues, in an order that does not depend on files.

Run by `make translations`; a test runs the same and compares.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "commsplan" / "translations"
LANGUAGES = ("de", "fr", "es")
METHODS = [
    ("commsplan/**.py", "python"),
    ("templates/demo/**", "ignore"),
    ("templates/styleguide.html", "ignore"),
    ("templates/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
    ("templates/**.mjml", "jinja2"),
]
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "lazy_gettext": None,
    "_l": None,
    "later": None,
    "lazy_ngettext": (1, 2),
    "_n": (1, 2),
}
BEGUN = datetime(2026, 11, 23, tzinfo=UTC)  # fixed: collecting twice writes the same bytes


@cache
def texts() -> dict[str | tuple[str, str], set[str]]:
    """Return every text (a pair where it has a plural), with the files it stands in."""
    found: dict[str | tuple[str, str], set[str]] = {}
    options = {"templates/**.html": {"trimmed": "true"}}
    for name, _, message, _, context in extract_from_dir(ROOT, METHODS, options, KEYWORDS):
        assert context is None
        key = tuple(message) if isinstance(message, tuple) else message
        if key:
            found.setdefault(key, set()).add(name)  # type: ignore[arg-type]
    return found


def catalogue(language: str) -> Catalog:
    """Return the catalogue of a language as it stands on disk, or an empty one."""
    path = FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _empty(language: str) -> Catalog:
    return Catalog(
        locale=language,
        header_comment="# commsplan in this language.",
        project="commsplan",
        version="1",
        creation_date=BEGUN,
        revision_date=BEGUN,
        last_translator="commsplan",
        language_team="commsplan",
        fuzzy=False,
    )


def updated(language: str) -> Catalog:
    """Return the catalogue with every text of today, keeping what is translated."""
    old = catalogue(language)
    new = _empty(language)
    for key in sorted(texts(), key=lambda key: key if isinstance(key, str) else key[0]):
        known = old.get(key if isinstance(key, str) else key[0])
        new.add(key, known.string if known and known.id == key else None)
    return new


def main() -> None:
    """Write every catalogue."""
    for language in LANGUAGES:
        path = FOLDER / language / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        new = updated(language)
        with path.open("wb") as file:
            write_po(file, new, width=100)
        empty = sum(1 for message in new if message.id and not any(_forms(message.string)))
        print(f"{language}: {len(new)} texts, {empty} not translated")  # noqa: T201


def _forms(string: object) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (str(string or ""),)


if __name__ == "__main__":
    main()
