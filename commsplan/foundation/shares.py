"""A part of a whole with its uncertainty: every percentage on every page is one of these."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959963984540054
"""Half-width of a 95 % interval in standard deviations."""


@dataclass(frozen=True)
class Share:
    """A part of a whole: fractions between 0 and 1, never percent."""

    value: float
    low: float
    high: float


def wilson(successes: int, trials: int, z: float = Z_95) -> Share:
    """Estimate a share with its uncertainty.

    Few people make a bare percentage look surer than it is, so the answer always
    carries an interval that stays inside 0..1 even at 0 of 5 or 5 of 5.

    Args:
        successes: count, 0..trials.
        trials: count, at least 1.
        z: half-width in standard deviations (1.96 is 95 %).

    Raises:
        ValueError: no trials, or successes outside 0..trials.

    Source: E. B. Wilson (1927), J. Am. Stat. Assoc. 22(158), 209-212.
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is not a share.")
    value = successes / trials
    centre = value + z * z / (2 * trials)
    spread = z * sqrt(value * (1 - value) / trials + (z / (2 * trials)) ** 2)
    scale = 1 + z * z / trials
    low = 0.0 if successes == 0 else (centre - spread) / scale
    high = 1.0 if successes == trials else (centre + spread) / scale
    return Share(value, low, high)


def share(successes: int, trials: int) -> Share | None:
    """Estimate a share, or say None where there is nobody it could be of."""
    return wilson(min(successes, trials), trials) if trials else None
