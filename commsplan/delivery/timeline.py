"""One copy's way, step by step, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from commsplan.delivery.histories import history_of
from commsplan.delivery.models import Delivery
from commsplan.delivery.progress import STATE_KINDS, STATE_WORDS, say
from commsplan.delivery.rules import ARRIVED, State


@dataclass(frozen=True)
class Step:
    """One thing that happened to a copy, or will."""

    at: datetime | None
    """When; None is now."""
    kind: str
    """good, warn, bad, info or neutral."""
    word: str
    more: str = ""
    """The server's words, or why."""


def timeline(copy: Delivery) -> list[Step]:
    """Return what happened to a copy, the first thing first, and what comes next."""
    told = [
        Step(
            entry.at,
            STATE_KINDS.get(State(entry.state), "neutral"),
            _history_word(State(entry.state)),
            say(entry.note),
        )
        for entry in history_of(copy.id)
    ]
    steps = [*told, *_plain(copy, {entry.state for entry in history_of(copy.id)})]
    steps.sort(key=lambda step: step.at or datetime.max.replace(tzinfo=copy.not_before.tzinfo))
    planned = Step(copy.send.started_at, "neutral", _("Planned, with everybody of the audience"))
    return [planned, *steps, *_next(copy)]


def _history_word(state: State) -> str:
    if state is State.PLANNED:
        return str(_("Not taken this time; it goes again"))
    return _sentence(state)


def _sentence(state: State) -> str:
    word = str(STATE_WORDS[state])
    return word[:1].upper() + word[1:]


def _plain(copy: Delivery, told: set[str]) -> list[Step]:
    """Return the steps that leave no line of their own in the history."""
    steps = []
    if copy.accepted_at is not None and State.ACCEPTED not in told:
        word = _("Taken by %(relay)s", relay=copy.relay) if copy.relay else ""
        said = say(copy.note) if copy.state in ARRIVED else ""
        steps.append(Step(copy.accepted_at, "good", word or _sentence(State.ACCEPTED), said))
    silent = State(copy.state) not in ARRIVED | {State.PLANNED, State.SENDING}
    if silent and copy.state not in told:
        kind = STATE_KINDS.get(State(copy.state), "neutral")
        at = copy.settled_at or copy.send.started_at
        steps.append(Step(at, kind, _sentence(State(copy.state)), say(copy.note)))
    return steps


def _next(copy: Delivery) -> list[Step]:
    if copy.state == State.SENDING:
        return [Step(None, "info", str(_("On the wire")))]
    if copy.state == State.PLANNED:
        word = _("Goes again") if copy.attempts else _("Goes out")
        return [Step(copy.not_before, "info", str(word), str(_("not before this moment")))]
    return []
