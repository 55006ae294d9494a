"""Who may do what: the roles, as values; and which addresses and paths are sound."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlsplit

LONGEST_PATH = 300  # characters, as the table keeps


class Role(StrEnum):
    """What a person may do here. Everybody in the directory is an employee."""

    ADMIN = "admin"
    LEAD = "lead"
    SPONSOR = "sponsor"
    EMPLOYEE = "employee"


def normalise_email(raw: str) -> str:
    """Return the form by which an e-mail address is compared: trimmed and in lower case."""
    return raw.strip().lower()


def local_path(raw: str) -> str:
    """Return where to go on this site; whatever could lead elsewhere becomes the first page.

    Browsers read "//evil", "/\\evil" and "/<tab>/evil" as another site (WHATWG URL, 4.4).
    """
    odd = any(ord(char) < 33 or ord(char) == 127 or char == "\\" for char in raw)
    if odd or len(raw) > LONGEST_PATH or not raw.startswith("/") or raw.startswith("//"):
        return "/"
    parts = urlsplit(raw)
    if parts.scheme or parts.netloc or parts.path.startswith(("/sign-in", "/sign-out")):
        return "/"
    return raw


BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
"""Which word of a user agent says which browser; the first that occurs, as all claim the last."""

SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(agent: str) -> str:
    """Return a browser as people call it: "Firefox on Linux"; empty when it does not say."""
    browser = next((name for word, name in BROWSERS if word in agent), "")
    system = next((name for word, name in SYSTEMS if word in agent), "")
    return f"{browser} on {system}" if browser and system else browser or system
