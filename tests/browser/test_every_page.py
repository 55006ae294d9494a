"""Every page a person can reach is accessible, fits a phone, and loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from commsplan.delivery.models import Delivery
from commsplan.foundation import addresses
from commsplan.foundation.database import db
from tests.browser.conftest import Site
from tests.browser.crawl import reachable

pytestmark = pytest.mark.browser

PHONE, DESK = (320, 640), (1440, 900)
SIZES = {"light": (PHONE, DESK), "dark": (PHONE,)}  # colours do not depend on the width
BETWEEN = (720, 1000)  # a desk at 200 % zoom, and a tablet
MOVES = """() => [...document.querySelectorAll("*")].some((one) => {
  const style = getComputedStyle(one);
  return style.transitionDuration !== "0s" || style.animationName !== "none";
})"""
AXE = Axe()
PAGE: dict[str, object] = {"resultTypes": ["violations"]}
FRAME = {**PAGE, "rules": {name: {"enabled": False} for name in ("region", "landmark-one-main")}}
"""What is asked of a page, and what of the mail inside a preview."""
OUTSIDE = """() => [...document.querySelectorAll("details.menu")].flatMap((menu) => {
  if (!menu.checkVisibility()) return [];
  menu.open = true;
  const box = menu.lastElementChild.getBoundingClientRect();
  menu.open = false;
  return box.left < 0 || box.right > innerWidth ? [menu.innerText.split("\\n")[0]] : [];
})"""


def _paths_of(site: Site, role: str) -> list[str]:
    """Return what a role reaches; of an administrator's pages, those a lead has not."""
    paths = _paths(site, role)
    seen = set(_paths(site, "lead")) if role == "admin" else set()
    return [path for path in paths if path not in seen]


def _paths(site: Site, role: str) -> list[str]:
    client = site.app.test_client()
    link = site.sign_in_link(role)
    site.app.config["WTF_CSRF_ENABLED"] = False
    assert client.post(link.removeprefix(site.address)).status_code in (302, 303)
    site.app.config["WTF_CSRF_ENABLED"] = True
    return reachable(site.app, client)


def _reader_paths(site: Site) -> list[str]:
    with site.app.app_context():
        copy = db.session.query(Delivery).order_by(Delivery.id.desc()).first()
        makers = (
            addresses.message_address,
            addresses.survey_address,
            addresses.subscribe_address,
            addresses.unsubscribe_address,
        )
        found = [make(copy.id).removeprefix(site.address) for make in makers]
        db.session.remove()
    return ["/sign-in", "/m/not-a-token", *found]


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(browser: Browser, scheme: str) -> Iterator[Page]:
    """A page in one colour scheme, of somebody who wants no motion."""
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    yield page
    context.close()


def _complaints(page: Page, site: Site, paths: list[str], scheme: str) -> list[str]:
    """Say what is from elsewhere, what the policy refuses, and what is wrong on each page."""
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("request", lambda asked: said.append(asked.url) if _foreign(asked.url, site) else None)
    for path in paths:
        before, said[:] = list(said), []
        page.goto(site.address + path)
        for width in BETWEEN:
            page.set_viewport_size({"width": width, "height": 450})
            said += _too_wide(page, width)
        for width, height in SIZES[scheme]:
            page.set_viewport_size({"width": width, "height": height})
            said += _faults(page, width, FRAME if "/preview?" in path else PAGE)
        said[:] = before + [f"{path}: {line}" for line in said if "status of 404" not in line]
    return said


def _foreign(address: str, site: Site) -> bool:
    return not address.startswith((site.address, "about:", "data:"))


def _too_wide(page: Page, width: int) -> list[str]:
    scrolls = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    said = [f"scrolls sideways at {width}"] if scrolls else []
    return said + [f"menu leaves the screen at {width}: {one}" for one in page.evaluate(OUTSIDE)]


def _faults(page: Page, width: int, options: dict[str, object]) -> list[str]:
    said = _too_wide(page, width)
    if page.evaluate(MOVES):
        said.append("moves, although no motion is wanted")
    said += [] if options is FRAME else _nameless(page)
    for violation in AXE.run(page, options=options).response["violations"]:
        targets = [node["target"] for node in violation["nodes"]][:3]
        said.append(f"{violation['id']} at {width}: {targets}")
    return said


def _nameless(page: Page) -> list[str]:
    """Say whether the page lacks its one heading or a title of its own."""
    headings = page.locator("h1").count()
    own, _, place = page.title().rpartition(" · ")
    said = [] if headings == 1 else [f"{headings} headings of the first level"]
    return said if own.strip() and place.strip() else [*said, f"title {page.title()!r}"]


@pytest.mark.parametrize("role", ["lead", "sponsor", "admin", "employee"])
def test_pages_behind_sign_in(page: Page, site: Site, role: str, scheme: str) -> None:
    paths = _paths_of(site, role)
    page.goto(site.sign_in_link(role))
    page.get_by_role("button", name="Sign in").click()
    complaints = _complaints(page, site, paths, scheme)
    assert not complaints, "\n".join(complaints)


def test_pages_of_readers(page: Page, site: Site, scheme: str) -> None:
    complaints = _complaints(page, site, _reader_paths(site), scheme)
    assert not complaints, "\n".join(complaints)
