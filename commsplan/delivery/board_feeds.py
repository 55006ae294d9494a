"""The notice board as RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1, from the same notices.

XML is built as a tree, so that no text can become a tag (the names of namespaces are written out:
registering them would be for the whole process); characters that XML 1.0 does not know (§2.2) are
left out. Whatever is the same gives the same bytes: nothing in a feed is "now".
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as Tree

from commsplan.delivery.board_queries import Notice

ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Board:
    """What a feed says about itself."""

    title: str
    about: str
    author: str
    page: str
    """The board as a web page."""
    address: str
    """The feed's own address."""
    language: str
    since: datetime
    """When the feed was made; stands for the last change while there is none."""


def rss(board: Board, notices: Sequence[Notice]) -> bytes:
    """Return the board as RSS 2.0 (rssboard.org/rss-specification)."""
    root = Tree.Element("rss", {"version": "2.0", "xmlns:atom": ATOM})
    channel = Tree.SubElement(root, "channel")
    _put(channel, "title", board.title)
    _put(channel, "link", board.page)
    _put(channel, "description", board.about)
    _put(channel, "language", board.language)
    _put(channel, "lastBuildDate", _rfc822(_updated(board, notices)))
    itself = {"href": board.address, "rel": "self", "type": "application/rss+xml"}
    Tree.SubElement(channel, "atom:link", itself)
    for notice in notices:
        item = Tree.SubElement(channel, "item")
        _put(item, "title", notice.words.title)
        _put(item, "link", page_of(board, notice))
        _put(item, "guid", tag_of(board, notice), isPermaLink="false")
        _put(item, "pubDate", _rfc822(notice.at))
        _put(item, "category", notice.plan)
        _put(item, "description", notice.words.html)
    return _bytes(root)


def atom(board: Board, notices: Sequence[Notice]) -> bytes:
    """Return the board as Atom (RFC 4287)."""
    feed = Tree.Element("feed", {"xmlns": ATOM, "xml:lang": board.language})
    _put(feed, "id", f"{board.page}#feed")
    _put(feed, "title", board.title)
    _put(feed, "subtitle", board.about)
    _put(feed, "updated", _updated(board, notices).isoformat(timespec="seconds"))
    _put(Tree.SubElement(feed, "author"), "name", board.author)
    itself = {"href": board.address, "rel": "self", "type": "application/atom+xml"}
    Tree.SubElement(feed, "link", itself)
    Tree.SubElement(feed, "link", {"href": board.page, "rel": "alternate"})
    for notice in notices:
        entry = Tree.SubElement(feed, "entry")
        _put(entry, "id", tag_of(board, notice))
        _put(entry, "title", notice.words.title)
        moment = notice.at.isoformat(timespec="seconds")
        _put(entry, "updated", moment)
        _put(entry, "published", moment)
        link = {"href": page_of(board, notice), "rel": "alternate", "type": "text/html"}
        Tree.SubElement(entry, "link", link)
        Tree.SubElement(entry, "category", {"term": _sound(notice.plan)})
        _put(entry, "content", notice.words.html, type="html")
    return _bytes(feed)


def json_feed(board: Board, notices: Sequence[Notice]) -> bytes:
    """Return the board as JSON Feed 1.1 (jsonfeed.org/version/1.1)."""
    content = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": board.title,
        "description": board.about,
        "home_page_url": board.page,
        "feed_url": board.address,
        "language": board.language,
        "authors": [{"name": board.author}],
        "items": [
            {
                "id": tag_of(board, notice),
                "url": page_of(board, notice),
                "title": notice.words.title,
                "content_html": notice.words.html,
                "date_published": notice.at.isoformat(timespec="seconds"),
                "tags": [notice.plan],
            }
            for notice in notices
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def page_of(board: Board, notice: Notice) -> str:
    """Return where one notice stands."""
    return f"{board.page}{notice.id}"


def tag_of(board: Board, notice: Notice) -> str:
    """Return what stands for one notice for ever, as a tag URI (RFC 4151)."""
    host = urlsplit(board.page).hostname or "localhost"
    return f"tag:{host},{notice.at.date().isoformat()}:notice/{notice.id}"


def _updated(board: Board, notices: Sequence[Notice]) -> datetime:
    return max((notice.at for notice in notices), default=board.since)


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def _put(parent: Tree.Element, name: str, text: str, **attributes: str) -> None:
    Tree.SubElement(parent, name, attributes).text = _sound(text)


def _sound(text: str) -> str:
    return _NOT_XML.sub("", text)


def _bytes(root: Tree.Element) -> bytes:
    return bytes(Tree.tostring(root, encoding="utf-8", xml_declaration=True))
