"""A rule while it is being built: as typed, complete or not, one row per condition.

A form carries the tree flat: every row sends `node` as "key:parent:kind", in the order of the page,
and its fields under names that end in its key. Buttons send what to do as "add-condition:3".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as made

from werkzeug.datastructures import MultiDict

from commsplan.audiences.rules import (
    MATCH_WORDS,
    MAX_CONDITIONS,
    MAX_DEPTH,
    Condition,
    Match,
    Operator,
    Rule,
    operators_of,
)
from commsplan.audiences.values import show_value

ROOT_KEY = 0
MAX_NODES = 2 * MAX_CONDITIONS  # rows a form may send: conditions and the groups around them


@dataclass
class DraftCondition:
    """One row: what was chosen and typed."""

    key: int
    field: str = "department"
    operator: Operator = Operator.IS
    values: list[str] = made(default_factory=lambda: [""])

    def settle(self) -> None:
        """Let operator and number of values fit the field."""
        operators = operators_of(self.field)
        if not operators:
            self.field = "department"
            operators = operators_of(self.field)
        if self.operator not in operators:
            self.operator = operators[0]
        if self.operator is Operator.IS_EMPTY:
            self.values = []
        elif self.operator is not Operator.IS_ONE_OF:
            self.values = self.values[:1] or [""]


@dataclass
class DraftGroup:
    """A group of rows."""

    key: int = ROOT_KEY
    match: Match = Match.ALL
    depth: int = 1
    parts: list[DraftCondition | DraftGroup] = made(default_factory=list)

    @property
    def may_nest(self) -> bool:
        """Whether another group fits inside."""
        return self.depth < MAX_DEPTH

    def nodes(self) -> Iterator[tuple[DraftGroup, DraftCondition | DraftGroup]]:
        """Every row below with the group it stands in, in the order of the page."""
        for part in self.parts:
            yield self, part
            if isinstance(part, DraftGroup):
                yield from part.nodes()

    def group(self, key: int) -> DraftGroup | None:
        """Return the group of this key: this one or one below."""
        groups = [self, *(part for _, part in self.nodes() if isinstance(part, DraftGroup))]
        return next((group for group in groups if group.key == key), None)


@dataclass
class Draft:
    """The whole rule on its way."""

    root: DraftGroup
    added: int = -1
    """Key of the row that was just added: the page puts the cursor there."""

    def do(self, command: str) -> None:
        """Follow a button: "add-condition:3", "add-group:3", "add-value:3", "remove:3"."""
        what, _, where = command.partition(":")
        key = int(where) if where.isdecimal() and len(where) < 10 else -1
        group = self.root.group(key)
        if what == "add-condition" and group:
            self._add_condition(group)
        elif what == "add-group" and group and group.may_nest:
            inner = DraftGroup(self._new_key(), Match.ANY, group.depth + 1)
            group.parts.append(inner)
            self._add_condition(inner)
        elif what == "add-value":
            self._add_value(key)
        elif what == "remove":
            for parent, part in list(self.root.nodes()):
                if part.key == key:
                    parent.parts.remove(part)

    def _add_condition(self, group: DraftGroup) -> None:
        condition = DraftCondition(self._new_key())
        group.parts.append(condition)
        self.added = condition.key

    def _add_value(self, key: int) -> None:
        for _parent, part in self.root.nodes():
            if part.key == key and isinstance(part, DraftCondition):
                part.values = [value for value in part.values if value.strip()] + [""]
                self.added = key

    def _new_key(self) -> int:
        return max((part.key for _, part in self.root.nodes()), default=ROOT_KEY) + 1


def new_draft() -> Draft:
    """Return what a new audience starts with: one open row."""
    return Draft(DraftGroup(parts=[DraftCondition(1)]))


def draft_of(rule: Rule) -> Draft:
    """Return a rule as rows."""
    keys = iter(range(ROOT_KEY, 10_000))
    return Draft(_draft_group(rule, 1, keys))


def _draft_group(rule: Rule, depth: int, keys: Iterator[int]) -> DraftGroup:
    group = DraftGroup(next(keys), rule.match, depth)
    for part in rule.parts:
        if isinstance(part, Rule):
            group.parts.append(_draft_group(part, depth + 1, keys))
        else:
            group.parts.append(_draft_condition(part, next(keys)))
    return group


def _draft_condition(condition: Condition, key: int) -> DraftCondition:
    values = [show_value(condition.field, value) for value in condition.values]
    return DraftCondition(key, condition.field, condition.operator, values)


def read_draft(form: MultiDict[str, str]) -> Draft:
    """Read the rows a form sends; what does not hang together is left out."""
    root = DraftGroup(ROOT_KEY, _match(form, ROOT_KEY))
    groups = {ROOT_KEY: root}
    for node in form.getlist("node")[:MAX_NODES]:
        key_text, _, rest = node.partition(":")
        parent_text, _, kind = rest.partition(":")
        if not (key_text.isdecimal() and parent_text.isdecimal() and len(node) < 30):
            continue
        key, parent = int(key_text), groups.get(int(parent_text))
        if parent is None or key in groups:
            continue
        if kind == "g" and parent.may_nest:
            groups[key] = DraftGroup(key, _match(form, key), parent.depth + 1)
            parent.parts.append(groups[key])
        elif kind == "c":
            parent.parts.append(_read_condition(form, key))
    return Draft(root)


def _read_condition(form: MultiDict[str, str], key: int) -> DraftCondition:
    word = form.get(f"operator-{key}", "")
    operator = Operator(word) if word in set(Operator) else Operator.IS
    condition = DraftCondition(
        key, form.get(f"field-{key}", ""), operator, form.getlist(f"value-{key}")
    )
    condition.settle()
    return condition


def _match(form: MultiDict[str, str], key: int) -> Match:
    word = form.get(f"match-{key}", "")
    return Match(word) if word in MATCH_WORDS else Match.ALL
