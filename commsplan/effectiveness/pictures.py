"""What the pages show: counts made into funnels, and into groups that expose nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel import format_decimal
from flask_babel import gettext as _

from commsplan.effectiveness.queries import Cells
from commsplan.effectiveness.rules import (
    SMALLEST_GROUP,
    Counts,
    Figure,
    Reading,
    Share,
    by,
    figures_for,
    reading,
    total,
)
from commsplan.effectiveness.words import DEFINITIONS, country, department
from commsplan.plans.models import Plan
from commsplan.surveys.anonymity import fold


@dataclass(frozen=True)
class Step:
    """One bar of the funnel, as the macro reads it."""

    label: str
    count: int
    total: int
    share: Share | None
    note: str


@dataclass(frozen=True)
class Group:
    """One line of a breakdown."""

    name: str
    counts: Counts
    readings: dict[Figure, Reading]


@dataclass(frozen=True)
class Effect:
    """Everything a page says of one message or one plan."""

    counts: Counts
    readings: list[Reading]
    departments: list[Group]
    countries: list[Group]
    in_totals_only: bool

    @property
    def figures(self) -> list[Figure]:
        """The figures that mean something here."""
        return [one.figure for one in self.readings]

    @property
    def steps(self) -> list[Step]:
        """The funnel's bars, from addressed to acted."""
        return [step_of(one) for one in self.readings]


def effect_of(cells: Cells, plan: Plan) -> Effect:
    """Put a page's figures together."""
    counts = total(cells.values())
    only_totals = plan.privacy != "individual"
    figures = figures_for(counts)
    return Effect(
        counts=counts,
        readings=[reading(figure, counts, only_totals) for figure in figures],
        departments=_groups(by(cells, 0), department, figures, only_totals),
        countries=_groups(by(cells, 1), country, figures, only_totals),
        in_totals_only=only_totals,
    )


def step_of(one: Reading) -> Step:
    """Return a figure as a bar of the funnel, with the words a doubtful one needs."""
    note = ""
    if one.is_hidden:
        note = _(
            "Not shown: fewer than %(smallest)s people, and this plan measures in totals only.",
            smallest=SMALLEST_GROUP,
        )
    elif one.is_range:
        note = _(
            "At least %(low)s, at most %(high)s people.",
            low=format_decimal(one.count),
            high=format_decimal(one.at_most),
        )
    label = str(DEFINITIONS[one.figure].label)
    return Step(label, one.count, one.total, one.share, note)


def _groups(
    counts: Mapping[str, Counts],
    name_of: Callable[[str], str],
    figures: list[Figure],
    only_totals: bool,
) -> list[Group]:
    """Return the groups by name, small ones together where only totals are measured."""
    shown = list(counts)
    if only_totals:
        folded = fold({name: one.accepted for name, one in counts.items()}, SMALLEST_GROUP)
        shown = list(folded.shown)
    groups = [_group(name_of(name), counts[name], figures, only_totals) for name in shown]
    groups.sort(key=lambda group: group.name.casefold())
    rest = total(one for name, one in counts.items() if name not in shown)
    if rest.addressed:
        groups.append(_group(_("Smaller groups together"), rest, figures, only_totals))
    return groups if len(groups) > 1 else []


def _group(name: str, counts: Counts, figures: list[Figure], only_totals: bool) -> Group:
    return Group(name, counts, {one: reading(one, counts, only_totals) for one in figures})
