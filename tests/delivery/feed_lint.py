"""What a feed must be, by its specification; small on purpose, and independent of the writer."""

from __future__ import annotations

import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as Tree

ATOM = "{http://www.w3.org/2005/Atom}"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def complaints(form: str, raw: bytes) -> list[str]:
    """Return what is wrong with a feed."""
    return {"atom": _atom, "rss": _rss, "json": _json}[form](raw)


def titles(form: str, raw: bytes) -> list[str]:
    """Return the titles of a feed's entries, in order."""
    if form == "json":
        return [item["title"] for item in json.loads(raw)["items"]]
    root = Tree.fromstring(raw)
    path = f"{ATOM}entry/{ATOM}title" if form == "atom" else "channel/item/title"
    return [found.text or "" for found in root.findall(path)]


def _atom(raw: bytes) -> list[str]:
    """RFC 4287 §4.1.1, §4.1.2: what a feed and an entry must have, once."""
    root = Tree.fromstring(raw)
    found = [] if root.tag == f"{ATOM}feed" else [f"root is {root.tag}"]
    found += _once(root, "feed", "id", "title", "updated")
    if root.find(f"{ATOM}author/{ATOM}name") is None:
        found.append("no author")
    rels = [link.get("rel", "alternate") for link in root.findall(f"{ATOM}link")]
    if rels.count("self") != 1 or rels.count("alternate") > 1:
        found.append("links of the feed")
    for entry in root.findall(f"{ATOM}entry"):
        found += _once(entry, "entry", "id", "title", "updated", "content")
        if entry.find(f"{ATOM}content").get("type") not in ("html", "text", "xhtml"):  # type: ignore[union-attr]
            found.append("type of content")
    for moment in [*root.iter(f"{ATOM}updated"), *root.iter(f"{ATOM}published")]:
        if not RFC_3339.fullmatch(moment.text or ""):
            found.append(f"moment {moment.text}")
    ids = [one.text or "" for one in root.iter(f"{ATOM}id")]
    found += [f"id {one}" for one in ids if not urlsplit(one).scheme]
    return found + (["the same id twice"] if len(set(ids)) != len(ids) else [])


def _once(parent: Tree.Element, name: str, *children: str) -> list[str]:
    return [
        f"{name} has not one {child}"
        for child in children
        if len(parent.findall(f"{ATOM}{child}")) != 1
    ]


def _rss(raw: bytes) -> list[str]:
    """rssboard.org/rss-specification: required elements of channel and item, dates, guids."""
    root = Tree.fromstring(raw)
    found = [] if (root.tag, root.get("version")) == ("rss", "2.0") else [f"root is {root.tag}"]
    channels = root.findall("channel")
    if len(channels) != 1:
        return [*found, "not one channel"]
    for child in ("title", "link", "description"):
        if len(channels[0].findall(child)) != 1 or not channels[0].findtext(child):
            found.append(f"channel has not one {child}")
    guids = []
    for item in channels[0].findall("item"):
        if not (item.findtext("title") or item.findtext("description")):
            found.append("item has neither title nor description")
        guid = item.find("guid")
        if guid is None or guid.get("isPermaLink") != "false" or not guid.text:
            found.append("guid")
        guids.append(guid.text if guid is not None else "")
    for moment in [*root.iter("pubDate"), *root.iter("lastBuildDate")]:
        if parsedate_to_datetime(moment.text or "").tzinfo is None:
            found.append(f"moment {moment.text}")
    itself = channels[0].find(f"{ATOM}link")
    if itself is None or itself.get("rel") != "self" or not itself.get("href"):
        found.append("no link to itself")
    return found + (["the same guid twice"] if len(set(guids)) != len(guids) else [])


def _json(raw: bytes) -> list[str]:
    """jsonfeed.org/version/1.1: required keys of the feed and of each item."""
    feed = json.loads(raw)
    found = [f"no {key}" for key in ("version", "title", "items") if key not in feed]
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        found.append("version")
    for item in feed.get("items", []):
        if not isinstance(item.get("id"), str) or not item["id"]:
            found.append("id of an item")
        if not (item.get("content_html") or item.get("content_text")):
            found.append("content of an item")
        if datetime.fromisoformat(item["date_published"]).tzinfo is None:
            found.append("date of an item")
        if not all(isinstance(tag, str) for tag in item.get("tags", [])):
            found.append("tags of an item")
    return found
