"""What a send's page says of its timing, and what may be done about it or after it."""

from __future__ import annotations

from flask_babel import lazy_gettext

from commsplan.delivery.followups import drafts_after, follows, offers
from commsplan.delivery.letters import FOLLOWUP_WORDS
from commsplan.delivery.models import Send
from commsplan.delivery.schedules import timing_of
from commsplan.delivery.stopping import FAILURES, OVERDUE
from commsplan.delivery.summary import decided

PAUSED_WORDS = {
    FAILURES: lazy_gettext(
        "More copies failed than this send allows, so it paused by itself. Look at the reasons "
        "below. If you let it go on, it pauses again when as many more have failed."
    ),
    OVERDUE: lazy_gettext(
        "Nobody has looked after it for a day: perhaps commsplan was switched off, or an old copy "
        "of the database was restored, and copies that seem to wait here have left long ago. "
        "Nothing leaves until a person decides."
    ),
}


def steering_of(send: Send, editable: bool, my_zone: str) -> dict[str, object]:
    """Return it as the page's variables; moments in words are in the reader's zone."""
    people = send.addressed if send.started_at else None
    return {
        "summary": decided(timing_of(send), people, my_zone),
        "offers": offers(send) if editable else {},
        "follows": follows(send),
        "drafts": drafts_after(send) if editable else [],
        "followup_words": FOLLOWUP_WORDS,
        "paused_words": PAUSED_WORDS,
    }
