"""Every template compiles, and none carries a style or a script of its own."""

import re
from pathlib import Path

import pytest
from flask import Flask

from commsplan.app import ROOT

FILES = sorted((ROOT / "templates").rglob("*.html"))
OWN_PAGES = [path for path in FILES if "mail" not in path.relative_to(ROOT / "templates").parts[0]]
INLINE = re.compile(r"""\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=["']|javascript:|hx-on""")
COMMENT = re.compile(r"\{#.*?#\}", re.S)
ELSEWHERE = re.compile(r"""(?:src|action|data|poster)=["']https?://|<link[^>]*href=["']https?://""")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_it_compiles(path: Path, built_app: Flask) -> None:
    built_app.jinja_env.parse(path.read_text(), _name(path))


@pytest.mark.parametrize("path", OWN_PAGES, ids=_name)
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(path: Path) -> None:
    text = COMMENT.sub("", path.read_text())
    assert not INLINE.search(text)
    assert not ELSEWHERE.search(text)


@pytest.mark.parametrize("path", sorted((ROOT / "static").glob("*.*")), ids=lambda path: path.name)
def test_no_sheet_or_script_loads_from_elsewhere(path: Path) -> None:
    assert not re.search(r"url\(['\"]?https?:|@import|fetch\(['\"]http", path.read_text())
