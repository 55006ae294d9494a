"""Figures in words: what each is called, what it counts of whom, and sentences that hold them."""

from __future__ import annotations

from dataclasses import dataclass

from babel import Locale
from flask_babel import LazyString, format_decimal, format_percent, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from commsplan.effectiveness.rules import Counts, Figure, Share, wilson


@dataclass(frozen=True)
class Definition:
    """One figure, so that "how do you know?" has an answer."""

    label: LazyString
    counted: LazyString
    """The numerator."""
    of_whom: LazyString
    """The denominator."""
    note: LazyString


DEFINITIONS: dict[Figure, Definition] = {
    Figure.ACCEPTED: Definition(
        _l("Reached"),
        _l("People whose copy the mail server took, or who answered to it"),
        _l("people addressed: the audience as it was when the send began"),
        _l("A mail server that takes a copy may still lose it; who answers surely has it."),
    ),
    Figure.OPENED: Definition(
        _l("Opened"),
        _l(
            "At least: people of whom a person’s opening, page view or click is known, or an answer"
        ),
        _l("people reached"),
        _l(
            "A range, because nobody can know: mail programs hide pictures, so that an opening"
            " goes unseen, and security scanners fetch them, so that one is seen which nobody"
            " made. Machines are recognised by named rules and left out; at most also counts what"
            " no rule could tell."
        ),
    ),
    Figure.CLICKED: Definition(
        _l("Followed a link"),
        _l("At least: people whose own click is known"),
        _l("people reached"),
        _l("Scanners follow links too: clicks in bursts or within seconds are left out."),
    ),
    Figure.READ: Definition(
        _l("Say they have read it"),
        _l("People who pressed “I have read this”, “I have done it” or “I cannot”"),
        _l("people reached"),
        _l("The headline: people’s own word, given by a button that no machine presses."),
    ),
    Figure.ANSWERED: Definition(
        _l("Answered the questions"),
        _l("People who sent answers to the survey"),
        _l("people reached by a message with questions"),
        _l("What they answered is shown in totals only, on the survey’s own page."),
    ),
    Figure.ACTED: Definition(
        _l("Say they have done it"),
        _l("People who pressed “I have done it” and did not take it back"),
        _l("people addressed by a message that asks for something"),
        _l("Their own word; where another system knows better, measure a goal with it."),
    ),
}


TOOK_PART = Definition(
    _l("Took part"),
    _l("People who were ticked in the attendance list, or who entered the code in the room"),
    _l("people invited to the meeting, or to its session"),
    _l(
        "Where only the code was used, it is a range: whoever said yes and typed nothing may have"
        " been there. Where nobody wrote anything down, no figure is shown: not known is not none."
    ),
)
"""Of a meeting, not of a message: it stands beside the figures above."""


def percent(part: float) -> str:
    """Write a share: 0.3 % is not 0 %, and 99.8 % is not all of them."""
    if 0 < part < 0.01:
        return f"< {format_percent(0.01)}"
    return f"> {format_percent(0.99)}" if 0.99 < part < 1 else str(format_percent(part))


def ends(low: float, high: float) -> tuple[str, str] | None:
    """Write the ends of an interval, with a decimal where they look alike without it.

    None where they look alike even so: then the share says all there is.
    """
    for write in (percent, _finely):
        if write(low) != write(high):
            return write(low), write(high)
    return None


def _finely(part: float) -> str:
    locale = get_locale() or Locale("en")
    pattern = locale.percent_formats[None].pattern.replace("0", "0.0", 1)
    shown = min(max(round(part, 3), 0.001), 0.999) if 0 < part < 1 else part
    return str(format_percent(shown, pattern))


def interval(share: Share) -> str:
    """Write a share with its interval: "61% (59% to 62%)"."""
    value, between = percent(share.value), ends(share.low, share.high)
    if between is None:
        return value
    low, high = between
    return str(_("%(share)s (%(low)s to %(high)s)", share=value, low=low, high=high))


def sentence(counts: Counts, messages: int) -> str:
    """Say in a sentence or two whether it worked.

    Args:
        counts: of everybody addressed.
        messages: how many have gone out; 1 for one message's own page.
    """
    if not counts.addressed:
        return str(_("Nothing has been sent yet."))
    parts = [
        ngettext(
            "%(reached)s of %(num)s person addressed was reached",
            "%(reached)s of %(all)s people addressed were reached",
            counts.addressed,
            reached=format_decimal(counts.accepted),
            all=format_decimal(counts.addressed),
        )
    ]
    if counts.accepted:
        parts.append(_reading_clause(counts, messages))
    words = "; ".join(parts) + "."
    if counts.waiting:
        words += " " + ngettext(
            "%(num)s copy is still on its way.",
            "%(all)s copies are still on their way.",
            counts.waiting,
            all=format_decimal(counts.waiting),
        )
    return words


def _reading_clause(counts: Counts, messages: int) -> str:
    share = interval(wilson(counts.read, counts.accepted))
    if messages > 1:
        return str(
            _(
                "%(share)s say that they have read at least one of %(messages)s messages",
                share=share,
                messages=messages,
            )
        )
    return str(_("%(share)s say that they have read it", share=share))


def country(code: str) -> str:
    """Return a country's name in the reader's language."""
    locale = get_locale() or Locale("en")
    return str(locale.territories.get(code, code)) if code else str(_("No country"))


def department(name: str) -> str:
    """Return a department's name, or words for none."""
    return name or str(_("No department"))
