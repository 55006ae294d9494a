"""Markdown's tokens as plain text that is pleasant to read: wrapped, links below their paragraph.

A link in a sentence is numbered, "the new guide [1]", and its address follows the paragraph on a
line of its own, "[1] the new guide: https://…", where no mail program breaks it.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, field

from markdown_it.token import Token

from commsplan.messages.rules import GAP, SLOT

WIDTH = 72  # columns; leaves room for quoting (RFC 3676 §4.2 advises 78)
USUAL = {
    "first_name": 6,
    "name": 14,
    "title": 18,
    "department": 20,
    "location": 10,
    "country": 10,
    "manager_name": 14,
}
"""Columns that a personal field usually takes; an address takes a line's rest, and more."""
LONG = 60
_STAND_IN = re.compile("\ue003\ue004*")


@dataclass(frozen=True)
class Lines:
    """A piece of text: to be wrapped, or kept as it is."""

    text: str
    first: str = ""
    """What stands before the first line: a bullet, a quotation mark."""
    rest: str = ""
    """What stands before the others."""
    wrap: bool = True


def wrapped(text: str, first: str = "", rest: str = "") -> str:
    """Return text in lines of at most 72 columns; an address is never broken."""
    return "\n".join(
        textwrap.fill(
            line,
            WIDTH,
            initial_indent=first if number == 0 else rest,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        or (first if number == 0 else rest).rstrip()
        for number, line in enumerate(text.split("\n"))
    )


def wrapped_once(text: str, first: str = "", rest: str = "") -> str:
    """Return text with slots in lines: broken once for all copies, not once for each.

    While the lines are broken, a word as long as the field usually is stands for each slot. So a
    line is a little longer or shorter than 72 columns where a value is unusual. Breaking a single
    paragraph anew for each copy takes as long as pouring the whole copy (18 µs, measured).
    """
    slots: list[str] = []

    def stand_in(slot: re.Match[str]) -> str:
        slots.append(slot[0])
        return "\ue003" + "\ue004" * (USUAL.get(slot[1], LONG) - 1)

    lines = wrapped(SLOT.sub(stand_in, text), first, rest)
    waiting = iter(slots)
    return _STAND_IN.sub(lambda _word: next(waiting), lines)


@dataclass
class _Paper:
    """What has been written so far, and where the next line begins."""

    done: list[Lines] = field(default_factory=list)
    indents: list[str] = field(default_factory=list)
    bullets: list[int | None] = field(default_factory=list)
    bullet: str = ""
    cells: list[str] = field(default_factory=list)

    def say(self, text: str, wrap: bool = True) -> None:
        rest = "".join(self.indents)
        first = rest[: len(rest) - len(self.bullet)] + self.bullet if self.bullet else rest
        self.bullet = ""
        self.done.append(Lines(text, first, rest, wrap))

    def gap(self) -> None:
        if self.done and self.done[-1].text:
            self.done.append(Lines("", "", "", wrap=False))


def write(tokens: list[Token]) -> tuple[Lines, ...]:
    """Return a text's pieces, in order."""
    paper = _Paper()
    for token in tokens:
        _block(token, paper)
    while paper.done and not paper.done[-1].text:
        paper.done.pop()
    return tuple(paper.done)


def _block(token: Token, paper: _Paper) -> None:
    match token.type:
        case "blockquote_open":
            paper.indents.append("> ")
        case "paragraph_close":
            if not token.hidden:
                paper.gap()
        case "fence" | "code_block":
            for line in token.content.rstrip("\n").split("\n"):
                paper.say("    " + line, wrap=False)
            paper.gap()
        case "hr":
            paper.say("-" * 24, wrap=False)
            paper.gap()
        case _:
            _list(token, paper)
            _words(token, paper)


def _list(token: Token, paper: _Paper) -> None:
    match token.type:
        case "bullet_list_open":
            paper.bullets.append(None)
        case "ordered_list_open":
            paper.bullets.append(int(token.attrs.get("start", 1)) - 1)
        case "bullet_list_close" | "ordered_list_close":
            paper.bullets.pop()
            paper.gap()
        case "list_item_open":
            _item(paper)
        case "list_item_close" | "blockquote_close":
            paper.bullet = ""
            paper.indents.pop()


def _item(paper: _Paper) -> None:
    number = paper.bullets[-1]
    if number is None:
        paper.bullet = "- "
    else:
        paper.bullets[-1] = number + 1
        paper.bullet = f"{number + 1}. "
    paper.indents.append(" " * len(paper.bullet))


def _words(token: Token, paper: _Paper) -> None:
    """Write what carries words: paragraphs, headings, rows of tables."""
    match token.type:
        case "heading_open":
            paper.cells = [token.tag]
        case "heading_close":
            paper.cells = []
            paper.gap()
        case "tr_open":
            paper.cells = ["|"]
        case "tr_close":
            paper.say(" | ".join(paper.cells[1:]))
            paper.cells = []
        case "table_close":
            paper.gap()
        case "inline":
            _inline(token.children or [], paper)


def _inline(children: list[Token], paper: _Paper) -> None:
    text, addresses = _linked(children)
    if paper.cells[:1] == ["|"]:
        paper.cells.append(
            " ".join([text.replace("\n", " "), *(f"({address})" for _, address in addresses)])
        )
        return
    if paper.cells == ["h2"]:
        text = text.upper() if "\ue000" not in text else text
    if len(addresses) == 1 and text == f"{addresses[0][0]} [1]":
        paper.say(f"{addresses[0][0]}: {addresses[0][1]}", wrap=False)
        return
    paper.say(text)
    for number, (words, address) in enumerate(addresses, start=1):
        paper.say(f"[{number}] {words}: {address}", wrap=False)


def _linked(children: list[Token]) -> tuple[str, list[tuple[str, str]]]:
    """Return a paragraph's words, links numbered, and (words, address) of each link."""
    text, start, href = "", 0, ""
    addresses: list[tuple[str, str]] = []
    for token in children:
        match token.type:
            case "link_open":
                start, href = len(text), str(token.attrs["href"])
            case "link_close":
                addresses.append((text[start:].replace("\n", " "), _shown(href)))
                text += f" [{len(addresses)}]"
            case "softbreak":
                text += " "
            case "hardbreak":
                text += "\n"
            case _:
                text += token.content
    return text, addresses


def _shown(href: str) -> str:
    return href.removeprefix(GAP).removeprefix("mailto:")
