"""The figures of a page as rows for a spreadsheet: exactly what the page shows."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from commsplan.effectiveness.pictures import Effect
from commsplan.effectiveness.rules import DEFINITION_VERSION, Reading
from commsplan.effectiveness.words import DEFINITIONS
from commsplan.receipts.rules import RULE_VERSION


def rows_of(effect: Effect) -> Iterator[list[str]]:
    """Yield a heading and one row for each figure of each group."""
    yield [
        _("Breakdown"),
        _("Group"),
        _("Figure"),
        _("People"),
        _("At most"),
        _("Of"),
        _("Share"),
        _("From"),
        _("To"),
        _("Counted"),
        _("Of whom"),
        _("Version of definitions and rules"),
    ]
    for one in effect.readings:
        yield _row(_("Everybody"), _("Everybody"), one)
    for title, groups in (
        (_("Department"), effect.departments),
        (_("Country"), effect.countries),
    ):
        for group in groups:
            for one in group.readings.values():
                yield _row(title, group.name, one)


def _row(title: str, name: str, one: Reading) -> list[str]:
    definition = DEFINITIONS[one.figure]
    numbers = ["", "", str(one.total), "", "", ""]
    if not one.is_hidden:
        share = one.share
        parts = (share.value, share.low, share.high) if share else ()
        numbers = [
            str(one.count),
            str(one.at_most),
            str(one.total),
            *([f"{part:.4f}" for part in parts] or ["", "", ""]),
        ]
    return [
        title,
        name,
        str(definition.label),
        *numbers,
        str(definition.counted),
        str(definition.of_whom),
        f"{DEFINITION_VERSION}.{RULE_VERSION}",
    ]
