"""What a run measured, by name: said on stderr as it comes, one JSON object at the end."""

from __future__ import annotations

import sys
from statistics import median


class Figures:
    """Figures by name; several of a name are rounds, of which the median counts."""

    def __init__(self) -> None:
        """Begin with none."""
        self._found: dict[str, list[float]] = {}

    def add(self, name: str, value: float) -> None:
        """Keep a figure and say it."""
        self._found.setdefault(name, []).append(value)
        print(f"{name}: {value:,.2f}", file=sys.stderr, flush=True)

    def of(self, name: str) -> float:
        """Return the median of a figure."""
        return median(self._found[name])

    def ratio(self, name: str, above: str, below: str) -> None:
        """Keep the ratio of two medians."""
        self.add(name, self.of(above) / self.of(below))

    def as_json(self) -> dict[str, float]:
        """Return the medians, rounded."""
        return {name: round(median(found), 3) for name, found in self._found.items()}
