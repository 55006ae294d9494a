"""Somebody without a mouse: finds every control with Tab, and wants to see where they are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

MOST_STOPS = 90
STOP = """() => {
  const here = document.activeElement, box = here.getBoundingClientRect();
  const rings = (one) => {
    const style = one && getComputedStyle(one);
    return style && (style.outlineStyle !== "none" || style.boxShadow !== "none");
  };
  const hit = here.querySelector(".hit");
  const near = [here, here.closest("label, .editor"), here.nextElementSibling];
  const top = Math.max(box.top, 0), end = Math.min(box.bottom, innerHeight);
  const middle = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
  const free = (y) => {
    const over = document.elementFromPoint(middle, y)?.closest(".top, .save-bar");
    return !over || over.contains(here);
  };
  return {
    words: here.outerHTML.slice(0, 160),
    nowhere: here === document.body || here.tagName === "IFRAME",
    rings: near.some(rings) || (hit && getComputedStyle(hit).stroke !== "none"),
    inSight: top < end && box.right > 0 && box.left < innerWidth &&
      [top + 2, (top + end) / 2, end - 2].some(free),
  };
}"""


@dataclass
class Keys:
    """A page and a keyboard."""

    page: Page

    def tab_to(self, role: str, name: str | re.Pattern[str], *, back: bool = False) -> Locator:
        """Press Tab until the control is reached; every stop on the way must be visible.

        Raises:
            AssertionError: it is not reached, or a stop shows nothing.
        """
        wanted = self.page.get_by_role(role, name=name, exact=isinstance(name, str))
        for _ in range(MOST_STOPS):
            self.press("Shift+Tab" if back else "Tab")
            self.look()
            if wanted.evaluate_all("(all) => all.includes(document.activeElement)"):
                return wanted
        raise AssertionError(f"Tab never reaches the {role} {name!r} on {self.page.url}")

    def look(self) -> None:
        """See where the focus is."""
        stop = self.page.evaluate(STOP)
        if not stop["nowhere"]:
            assert stop["rings"], f"no focus to be seen on {stop['words']}"
            assert stop["inSight"], f"the focus is out of sight on {stop['words']}"

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def follow(self, role: str, name: str | re.Pattern[str]) -> None:
        """Reach a link or button, press Enter, and wait for the next page."""
        self.tab_to(role, name)
        with self.page.expect_navigation():
            self.press("Enter")
