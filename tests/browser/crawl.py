"""Finds one address of every page a person can reach by following links."""

from __future__ import annotations

import re
from collections import deque
from html import unescape
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

HREF = re.compile(r'(?:href|src)="(/[^"#]*)')
QUERIES_PER_PAGE = 4  # views of one page that differ by their query


def reachable(app: Flask, client: FlaskClient, start: str = "/") -> list[str]:
    """Follow links from a page and return one path for every page, and a few for each query."""
    adapter = app.url_map.bind("localhost")
    seen: dict[str, set[frozenset[str]]] = {}
    found: list[str] = []
    waiting = deque([start])
    while waiting:
        path = waiting.popleft()
        parts = urlsplit(path)
        try:
            endpoint, _ = adapter.match(parts.path, "GET")
        except HTTPException:
            raise AssertionError(f"A page links to {path}, which is nowhere.") from None
        shape = frozenset(re.findall(r"(?:^|[&?])(\w+=?\w*)", parts.query))
        known = seen.setdefault(endpoint, set())
        if endpoint == "static" or shape in known or len(known) >= QUERIES_PER_PAGE:
            continue
        known.add(shape)
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 200, f"{path} answers {answer.status_code}"
        if answer.mimetype != "text/html":
            continue
        found.append(path)
        waiting.extend(unescape(link) for link in HREF.findall(answer.get_data(as_text=True)))
    return found
