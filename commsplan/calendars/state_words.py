"""What a calendar says of a moment, in a sentence."""

from __future__ import annotations

from flask_babel import gettext as _

from commsplan.calendars.blackout_words import DOUBTS
from commsplan.calendars.state import Said
from commsplan.calendars.state_rules import State
from commsplan.foundation.dates import show_moment


def sentence_of(said: Said, zone: str) -> str:
    """Say whether things may change, since what, and until when."""
    turn = said.answer.turn
    when = show_moment(turn.at, zone) if turn else ""
    if said.answer.state is State.UNKNOWN:
        return str(_("Nobody can tell: %(doubt)s", doubt=DOUBTS[said.doubt]))
    if said.answer.state is State.CLOSED:
        why = ", ".join(dict.fromkeys(f"“{one.title}”" for one in said.because))
        if turn:
            return str(_("Closed until %(when)s: %(why)s.", when=when, why=why))
        return str(_("Closed: %(why)s.", why=why))
    if said.override is not None:
        return str(
            _(
                "Open by an override of %(who)s until %(when)s.",
                who=said.override.sponsor.name if said.override.sponsor else "–",
                when=show_moment(said.override.until_at, zone),
            )
        )
    if turn:
        return str(_("Open. It closes next on %(when)s.", when=when))
    return str(_("Open. Nothing closes it in the year ahead."))
