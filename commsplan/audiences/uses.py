"""Where an audience is used: later steps say so; this step asks without knowing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Use:
    """One thing that addresses an audience."""

    label: str
    href: str


Source = Callable[[Sequence[int]], dict[int, list[Use]]]
"""Given ids of audiences, returns what uses each of them."""

sources: list[Source] = []
"""app.py registers the plans step here."""


def uses_of(audience_ids: Sequence[int]) -> dict[int, list[Use]]:
    """Return everything that uses each of these audiences."""
    found: dict[int, list[Use]] = {audience_id: [] for audience_id in audience_ids}
    for source in sources:
        for audience_id, uses in source(audience_ids).items():
            found[audience_id].extend(uses)
    return found
