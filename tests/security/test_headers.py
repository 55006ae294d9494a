"""Every answer tells the browser what it may load, and keeps nothing that is personal."""

import re
from pathlib import Path

import pytest

from commsplan.app import create_app
from commsplan.foundation.settings import Settings
from tests.security.world import World, rules_of

INLINE = re.compile(r"""\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=["']|javascript:|hx-on""")
ELSEWHERE = re.compile(r"""<(?:script|img|iframe|link)[^>]*(?:src|href)=["']https?://(?!127\.)""")


@pytest.mark.parametrize("who", ["lead", "admin", "employee", ""])
def test_every_page_is_fenced_in(world: World, who: str) -> None:
    browser = world.cast.as_(getattr(world.cast, who)) if who else world.app.test_client()
    for rule in rules_of(world.app, "GET"):
        headers = browser.get(world.address(rule)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src" in policy, rule
        assert "unsafe-inline" not in policy, rule
        assert "unsafe-eval" not in policy, rule
        assert re.search(r"frame-ancestors '(none|self)'", policy), rule
        assert headers["X-Content-Type-Options"] == "nosniff", rule
        assert "no-store" in headers["Cache-Control"] or "private" in headers["Cache-Control"], rule


def test_only_previews_may_be_framed_and_only_by_our_own_pages(world: World) -> None:
    browser = world.cast.as_(world.cast.admin)
    framed = [
        str(rule)
        for rule in rules_of(world.app, "GET")
        if "frame-ancestors 'none'"
        not in browser.get(world.address(rule)).headers["Content-Security-Policy"]
    ]
    assert [rule for rule in framed if "preview" not in rule] == []


@pytest.mark.parametrize("who", ["lead", "admin", "employee", ""])
def test_no_page_carries_a_script_or_a_style_of_its_own(world: World, who: str) -> None:
    browser = world.cast.as_(getattr(world.cast, who)) if who else world.app.test_client()
    for rule in rules_of(world.app, "GET"):
        answer = browser.get(world.address(rule))
        framed = "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
        if answer.mimetype == "text/html" and not framed:
            assert not INLINE.search(answer.text), rule
            assert not ELSEWHERE.search(answer.text), rule


@pytest.mark.parametrize(
    "prefix", ["/m/", "/s/", "/sign-in/link/", "/f/", "/board/feed/", "/u/", "/c/", "/a/"]
)
def test_secret_addresses_are_not_passed_on(world: World, prefix: str) -> None:
    for rule in rules_of(world.app, "GET"):
        if str(rule).startswith(prefix):
            policy = world.app.test_client().get(world.address(rule)).headers["Referrer-Policy"]
            assert policy == "no-referrer", rule


def test_behind_https_the_cookie_is_bound_to_this_host(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_key="x" * 40, secure_cookies=True)
    app = create_app(settings, {"TESTING": True, "RATELIMIT_STORAGE_URI": "memory://"})
    answer = app.test_client().get("/sign-in", base_url="https://comms.northwind.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-commsplan=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
