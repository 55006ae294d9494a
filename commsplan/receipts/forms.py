"""What a reader may write on a message's page."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from commsplan.foundation.errors import Unusable

REASON_LIMIT = 1000  # characters, as the column


def read_reason(form: Mapping[str, str]) -> str | Unusable:
    """Return why somebody cannot do what a message asks for."""
    reason = form.get("reason", "").strip()
    if not reason:
        problem = _("Please write in a few words why not, so that somebody can help.")
        return Unusable({"reason": problem}, {"reason": reason})
    if len(reason) > REASON_LIMIT:
        problem = _("Please keep it under %(limit)s characters.", limit=REASON_LIMIT)
        return Unusable({"reason": problem}, {"reason": reason})
    return reason
