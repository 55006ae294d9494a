"""The content lines of an iCalendar file, as bytes allow and no further (RFC 5545 §3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

VALUE = r'(?:"[^"\x00-\x08\x0a-\x1f\x7f]*"|[^";:,\x00-\x08\x0a-\x1f\x7f]*)'
PARAMETER = re.compile(rf";([A-Za-z0-9-]+)=({VALUE}(?:,{VALUE})*)")
NAME = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True)
class Line:
    """One property: where it begins in the file, and its parts. Without a name it is none."""

    number: int
    name: str
    parameters: dict[str, str]
    value: str

    @property
    def tzid(self) -> str:
        """The zone that its times are in."""
        return self.parameters.get("TZID", "")

    @property
    def kind(self) -> str:
        """What VALUE says, in capitals; empty for the usual."""
        return self.parameters.get("VALUE", "").upper()


@dataclass
class Component:
    """What stands between BEGIN and END."""

    name: str
    number: int
    lines: list[Line] = field(default_factory=list)
    inside: list[Component] = field(default_factory=list)

    def all(self, name: str) -> list[Line]:
        """Return every property of a name."""
        return [line for line in self.lines if line.name == name]

    def first(self, name: str) -> Line | None:
        """Return the first property of a name."""
        return next((line for line in self.lines if line.name == name), None)

    def components(self, name: str) -> list[Component]:
        """Return the components of a name directly inside."""
        return [one for one in self.inside if one.name == name]


def unfolded(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Return each logical line with the number of its first physical one."""
    number, began, pending = 0, 1, b""
    for physical in re.split(rb"\r\n|\n|\r", raw):
        number += 1
        if physical[:1] in {b" ", b"\t"} and number > 1:
            pending += physical[1:]
            continue
        if number > 1:
            yield began, pending
        began, pending = number, physical
    if pending:
        yield began, pending


def parsed(number: int, text: str) -> Line:
    """Return a logical line in its parts; what is no property has no name."""
    name = NAME.match(text)
    if not name:
        return Line(number, "", {}, text)
    at, parameters = name.end(), {}
    while found := PARAMETER.match(text, at):
        parameters[found[1].upper()] = found[2].strip('"')
        at = found.end()
    if text[at : at + 1] != ":":
        return Line(number, "", {}, text)
    return Line(number, name[0].upper(), parameters, text[at + 1 :])
