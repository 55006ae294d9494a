"""Markdown → HTML with slots, plain text with slots, and the links in reading order.

1. Placeholders become slots, so that Markdown never sees a person's name.
2. markdown-it reads the text; raw HTML stays text, pictures are refused.
3. Every link's address becomes a slot; addresses of an unknown kind lose their link.
4. nh3 lets through only what is listed here, whatever the steps before did.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.token import Token

from commsplan.messages.plaintext import Lines, write
from commsplan.messages.rules import ADDRESS_FIELDS, GAP, SLOT, make_slot, slot_words, with_slots

WORDS = {"p", "br", "hr", "h2", "h3", "h4", "strong", "em", "s", "a", "code", "pre"}
BLOCKS = {"ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = frozenset({"http", "https", "mailto"})
ADDRESS_LIMIT = 2000  # characters, as the column


class Fault(StrEnum):
    """Why a text cannot be used."""

    PICTURE = "picture"
    ADDRESS = "address"
    FIELD_IN_ADDRESS = "field in address"


@dataclass(frozen=True)
class Address:
    """A counted link: where it leads, and the words that carry it."""

    position: int
    address: str
    words: str


@dataclass(frozen=True)
class Body:
    """A text, read: everything that is the same in all copies of one version."""

    html: str
    lines: tuple[Lines, ...]
    links: tuple[Address, ...]
    faults: tuple[tuple[Fault, str], ...]
    word_count: int


def _reader() -> MarkdownIt:
    reader = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False})
    reader.validateLink = lambda url: True  # type: ignore[method-assign]  # judged below, by name
    reader.normalizeLink = (  # type: ignore[method-assign]  # a slot must come through as it is
        lambda url: url if SLOT.search(url) else normalizeLink(url)
    )
    reader.disable("image")  # reading nested ones takes quadratic time; see _settle_links
    return reader


_MARKDOWN = _reader()


@lru_cache(maxsize=64)
def read_body(body: str) -> Body:
    """Read one text."""
    tokens = _MARKDOWN.parse(with_slots(body))
    _settle_headings(tokens)
    links: list[Address] = []
    faults: list[tuple[Fault, str]] = []
    for token in tokens:
        if token.type == "inline" and token.children is not None:
            token.children = _settle_links(token.children, links, faults)
    html = nh3.clean(
        _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}),
        tags=WORDS | BLOCKS,
        attributes=ATTRIBUTES,
        url_schemes=set(SCHEMES),
        link_rel=None,
    )
    words = sum(len(token.content.split()) for token in tokens if token.type in ("inline", "fence"))
    return Body(html, write(tokens), tuple(links), tuple(faults), words)


def _settle_headings(tokens: list[Token]) -> None:
    """Let the highest heading be the second level: the first is the subject's."""
    levels = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
    shift = 2 - min(levels, default=2)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + shift, 4)}"


def _settle_links(
    children: list[Token], links: list[Address], faults: list[tuple[Fault, str]]
) -> list[Token]:
    """Put slots where addresses were; drop links that lead nowhere we allow, and pictures."""
    kept: list[Token] = []
    open_links: list[bool] = []
    for at, token in enumerate(children):
        if token.type == "link_open":
            if kept and kept[-1].content.endswith("!"):
                kept[-1].content = kept[-1].content[:-1]
                faults.append((Fault.PICTURE, words_of(children[at + 1 :])))
                slot = None
            else:
                address = str(token.attrs.get("href", ""))
                slot = _slot_of(address, children[at + 1 :], links, faults)
            open_links.append(slot is not None)
            if slot is not None:
                token.attrs = {"href": slot}
                kept.append(token)
        elif token.type == "link_close":
            if open_links.pop():
                kept.append(token)
        else:
            kept.append(token)
    return kept


def _slot_of(
    address: str, rest: list[Token], links: list[Address], faults: list[tuple[Fault, str]]
) -> str | None:
    """Return what stands in for an address, or None where there must be no link."""
    field = SLOT.search(address)
    if field:
        if field.span() == (0, len(address)) and field[1] in ADDRESS_FIELDS:
            return GAP + make_slot(field[1])
        faults.append((Fault.FIELD_IN_ADDRESS, slot_words(address)))
        return None
    if not is_address(address):
        faults.append((Fault.ADDRESS, address))
        return None
    if address.lower().startswith("mailto:"):
        return address
    links.append(Address(len(links) + 1, address, words_of(rest)))
    return GAP + make_slot(f"link{len(links)}")


def is_address(address: str) -> bool:
    """Tell whether an address may stand in a message: http, https with a host, or mailto."""
    if len(address) > ADDRESS_LIMIT or re.search(r"[\s\x00-\x1f\\]", address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return "@" in parts.path
    return parts.scheme in SCHEMES and bool(parts.hostname) and "@" not in parts.netloc


def words_of(tokens: list[Token]) -> str:
    """Return the words up to the end of the link, placeholders by their names."""
    words = ""
    for token in tokens:
        if token.type == "link_close":
            break
        words += " " if token.type in ("softbreak", "hardbreak") else token.content
    return slot_words(words).strip()[:300]
