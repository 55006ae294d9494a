"""Fills an empty installation with the demo organisation and its plans, once."""

from __future__ import annotations

from pathlib import Path

from commsplan.demo import organisation

PEOPLE = organisation.PEOPLE


def load_once(folder: Path, people: int) -> None:
    """Load the demo organisation unless it is there already."""


def sign_in_links() -> dict[str, str]:
    """Return a one-time sign-in address for each role."""
    return {}
