"""What a person chooses for themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from commsplan.foundation.dates import ZONES
from commsplan.foundation.errors import Unusable
from commsplan.foundation.languages import LANGUAGES


@dataclass(frozen=True)
class Choices:
    """A language and a zone; empty follows the staff list."""

    language: str
    zone: str


def read_choices(form: Mapping[str, str]) -> Choices | Unusable:
    """Read the form of one's own choices."""
    language, zone = form.get("language", ""), form.get("zone", "").strip()
    problems: dict[str, str] = {}
    if language and language not in LANGUAGES:
        problems["language"] = _("Choose one of the languages in the list.")
    if zone and zone not in ZONES:
        problems["zone"] = _("Choose one of the zones, as Europe/Berlin.")
    typed: dict[str, object] = {"language": language, "zone": zone}
    return Unusable(problems, typed) if problems else Choices(language, zone)
