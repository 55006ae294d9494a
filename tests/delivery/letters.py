"""The mails of tests/delivery/mails: written by hand as mail systems write them."""

from __future__ import annotations

from pathlib import Path

MAILS = Path(__file__).parent / "mails"
NAMES = sorted(path.stem for path in MAILS.glob("*.eml"))


def letter(name: str, **values: str) -> bytes:
    """Return a mail with CRLF line ends; {recipient}, {return_path} and so on are filled in."""
    known = {
        "recipient": "emil.employee@northwind.example",
        "return_path": "communications@localhost",
        "message_id": "nobody@nowhere.example",
        "own_id": "report-1@mx1.northwind.example",
        **values,
    }
    text = (MAILS / f"{name}.eml").read_text(encoding="utf-8")
    for key, value in known.items():
        text = text.replace(f"{{{key}}}", value)
    return text.replace("\n", "\r\n").encode()
