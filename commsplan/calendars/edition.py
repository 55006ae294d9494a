"""What the bytes of every feed depend on besides the data: a new edition writes all anew."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path

from flask import current_app

FORMAT = 1
"""+1 whenever this program writes an event or a head otherwise than before."""
SETTINGS = ("BASE_URL", "DEFAULT_ZONE", "DEFAULT_LANGUAGE", "ORGANISATION")


def edition(now: datetime) -> str:
    """Return a short mark of this program, its texts, its settings and the zones' rules.

    The year is part of it: series are looked at some whole years ahead.
    """
    return edition_of(current_app.config, now)


def edition_of(config: Mapping[str, object], now: datetime) -> str:
    """Do what `edition` does, outside of the application."""
    return _mark(now.year, *(str(config[name]) for name in SETTINGS))


@lru_cache
def _mark(*said: object) -> str:
    whole = "|".join(map(str, (_of_the_program(), *said)))
    return hashlib.blake2s(whole.encode(), digest_size=8).hexdigest()


@cache
def _of_the_program() -> str:
    texts = Path(__file__).parent.parent / "translations"
    said = hashlib.blake2s(f"{FORMAT}|{version('tzdata')}".encode())
    for catalogue in sorted(texts.glob("*/LC_MESSAGES/messages.mo")):
        said.update(catalogue.read_bytes())
    return said.hexdigest()
