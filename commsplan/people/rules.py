"""Who may do what: the roles, as values."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person may do here. Everybody in the directory is an employee."""

    ADMIN = "admin"
    LEAD = "lead"
    SPONSOR = "sponsor"
    EMPLOYEE = "employee"


def normalise_email(raw: str) -> str:
    """Return the form by which an e-mail address is compared: trimmed and in lower case."""
    return raw.strip().lower()
