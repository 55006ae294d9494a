"""How long a mail server may take for each step."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Timeouts:
    """Seconds without an answer after which a line counts as lost, by what it waits for."""

    greeting: float = 300
    """The greeting, and each answer before the first MAIL."""
    mail: float = 300
    rcpt: float = 300
    data: float = 120
    """The go-ahead after DATA."""
    block: float = 180
    """Until the server takes more bytes."""
    dot: float = 600
    """The answer after the final dot: a server may have much to do before it answers."""

    def scaled(self, factor: float) -> Timeouts:
        """Return the same, shortened or stretched."""
        return Timeouts(**{name: seconds * factor for name, seconds in asdict(self).items()})


RFC_5321 = Timeouts()
"""RFC 5321 §4.5.3.2."""
