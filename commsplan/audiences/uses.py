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

_sources: list[Source] = []


def register(source: Source) -> None:
    """Let a later step say where it uses audiences; app.py calls this once per source."""
    if source not in _sources:
        _sources.append(source)


def uses_of(audience_ids: Sequence[int]) -> dict[int, list[Use]]:
    """Return everything that uses each of these audiences."""
    found: dict[int, list[Use]] = {audience_id: [] for audience_id in audience_ids}
    for source in _sources:
        for audience_id, uses in source(audience_ids).items():
            found[audience_id].extend(uses)
    return found
