"""What a worker does for signing in: mail a link."""

from __future__ import annotations

from commsplan.people.sign_in import mail_link


def mail_sign_in_link(link_id: int) -> None:
    """Mail this link if it still waits; 0 stands for an address that nobody has."""
    if link_id:
        mail_link(link_id)
