"""What can go wrong, as a small tree with an HTTP status each; app.py answers them once."""

from __future__ import annotations

from dataclasses import dataclass, field


class CommsplanError(Exception):
    """Something a person can be told about in plain words."""

    status = 400


class Absent(CommsplanError):
    """There is no such thing, or not for this person: both look alike."""

    status = 404


class Unidentified(CommsplanError):
    """A program asked without saying who it is, or with a token that is not valid."""

    status = 401


class NotAllowed(CommsplanError):
    """This role may not do this."""

    status = 403


class NotNow(CommsplanError):
    """The thing has moved on: what was asked no longer fits its state."""

    status = 409


class Unreadable(CommsplanError):
    """A file or an input that cannot be understood at all; the message says what to do."""

    status = 422


@dataclass(frozen=True)
class Unusable:
    """A form that cannot be used yet: what is wrong, by field, and what was typed."""

    problems: dict[str, str]
    typed: dict[str, object] = field(default_factory=dict)
