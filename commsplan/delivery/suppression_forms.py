"""What a person wants of the suppression list, read from a form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _

from commsplan.delivery.bounce_rules import WORDS_LIMIT
from commsplan.delivery.suppressing import SuppressionWish
from commsplan.delivery.suppressions import BY_HAND, COMPLAINT
from commsplan.foundation.errors import Unusable

LASTING = {
    "30": timedelta(days=30),
    "90": timedelta(days=90),
    "365": timedelta(days=365),
    "": None,
}
"""For how long, by what the form says; nothing is for good."""


def read_suppression(form: Mapping[str, str]) -> Unusable | SuppressionWish:
    """Read which address is left alone, why, and for how long."""
    problems, typed = {}, dict(form)
    address = form.get("address", "").strip()
    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        problems["address"] = _("Write an e-mail address, as name@example.org.")
    why = " ".join(form.get("why", "").split())
    if not why:
        problems["why"] = _("Say why: others will ask.")
    elif len(why) > WORDS_LIMIT:
        problems["why"] = _("At most %(count)s characters, please.", count=WORDS_LIMIT)
    reason = form.get("reason", BY_HAND)
    if reason not in (BY_HAND, COMPLAINT):
        problems["reason"] = _("Choose one of these reasons.")
    if form.get("lasts", "") not in LASTING:
        problems["lasts"] = _("Choose one of these times.")
    if problems:
        return Unusable(problems, dict(typed))
    return SuppressionWish(address, reason, why, LASTING[form.get("lasts", "")])


def read_appeal(form: Mapping[str, str]) -> str:
    """Read what a person writes to us about their address; it may be nothing."""
    words = "".join(char if char.isprintable() else " " for char in form.get("words", ""))
    return " ".join(words.split())[:WORDS_LIMIT]
