"""The way from a plan to an answered message, with nothing but a keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from commsplan.delivery.models import Delivery
from commsplan.foundation import addresses
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.people.models import Person
from commsplan.receipts.models import Confirmation
from commsplan.surveys.models import Survey
from tests.browser.conftest import Site
from tests.browser.keys import Keys

pytestmark = pytest.mark.browser


@pytest.fixture
def keys(browser: Browser) -> Iterator[Keys]:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield Keys(page)
    context.close()


@pytest.fixture
def lead(keys: Keys, site: Site) -> Keys:
    """A lead who has signed in with a one-time link."""
    keys.page.goto(site.sign_in_link("lead"))
    keys.follow("button", "Sign in")
    return keys


def _title(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def test_the_first_stop_skips_to_the_content(lead: Keys) -> None:
    lead.tab_to("link", "Skip to the content")
    lead.press("Enter")
    expect(lead.page.locator("main")).to_be_focused()
    lead.press("Tab")
    assert lead.page.evaluate("document.activeElement.closest('main') !== null")


def test_a_slash_searches(lead: Keys) -> None:
    lead.press("/")
    lead.look()
    lead.type("escalation")
    with lead.page.expect_navigation():
        lead.press("Enter")
    expect(lead.page.get_by_role("main")).to_contain_text("Say it early")


def test_menus_open_close_and_let_go(lead: Keys) -> None:
    menu = lead.page.locator("details.menu", has_text="New").last
    _open_new_menu(lead)
    expect(menu).to_have_attribute("open", "")
    lead.press("Tab")
    lead.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()
    lead.press("Enter", "Shift+Tab")
    expect(menu).not_to_have_attribute("open", "")


def test_a_lead_plans_writes_and_sends(lead: Keys) -> None:
    _begin_a_plan(lead)
    _add_an_activity(lead)
    _write_a_message(lead)
    _send_it_now(lead)


def _begin_a_plan(keys: Keys) -> None:
    _open_new_menu(keys)
    keys.follow("link", "Plan")
    keys.tab_to("textbox", "Title")
    keys.type("Keys instead of a mouse")
    keys.follow("button", "Begin the plan")
    _title(keys.page, "Keys instead of a mouse")


def _open_new_menu(keys: Keys) -> None:
    summary = keys.page.locator("summary", has_text="New").last
    for _ in range(30):
        keys.press("Tab")
        keys.look()
        if summary.evaluate("(one) => one === document.activeElement"):
            return keys.press("Space")
    raise AssertionError("Tab never reaches the menu New")


def _add_an_activity(keys: Keys) -> None:
    keys.follow("link", re.compile("Add.* activity", re.I))
    keys.tab_to("combobox", "Kind")
    keys.press("ArrowDown")
    keys.tab_to("textbox", "Title")
    keys.type("Try it without a mouse")
    keys.tab_to("textbox", "Date")
    keys.type("10122030")
    keys.tab_to("textbox", "Time")
    keys.type("0930AM")
    keys.follow("button", "Add to the plan")
    expect(keys.page.get_by_role("main")).to_contain_text("Try it without a mouse")


def _write_a_message(keys: Keys) -> None:
    keys.follow("link", "Keys instead of a mouse")
    keys.follow("link", "Messages")
    keys.follow("link", re.compile("Write a message"))
    keys.tab_to("combobox", "To")
    keys.press("ArrowDown")
    keys.tab_to("textbox", "Subject")
    keys.type("A message without a mouse")
    keys.tab_to("textbox", "Text")
    keys.type("Hello.\n\nEverything works with keys.")
    keys.tab_to("combobox", "Insert a personal field", back=True)
    keys.press("ArrowDown", "ArrowDown", "Enter")
    text = keys.page.get_by_role("textbox", name="Text", exact=True)
    expect(text).to_be_focused()
    expect(text).to_have_value(re.compile(r"with keys\.\{\{ \w+ \}\}"))
    keys.follow("button", "Save")
    _title(keys.page, "A message without a mouse")


def _send_it_now(keys: Keys) -> None:
    keys.follow("button", "Save and schedule")
    _title(keys.page, "Who gets what, when?")
    keys.tab_to("radio", "now")
    keys.press("Space")
    keys.follow("button", re.compile(r"Send to \d+ people"))
    _title(keys.page, "A message without a mouse")


def test_a_page_that_moves_keeps_the_focus(lead: Keys, tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    path.write_text("Name;E-mail\nMoira Slow;moira.slow@northwind.example\n")
    lead.page.goto(lead.page.url + "people/import")
    chooser = lead.page.get_by_label("Staff list")
    while not chooser.evaluate("(one) => one === document.activeElement"):
        lead.press("Tab")
        lead.look()
    chooser.set_input_files(path)  # the window that Space opens is the browser's own
    lead.follow("button", "Upload and check")
    stop = lead.tab_to("button", "Call it off")
    stop.evaluate("(one) => { one.dataset.first = 'yes'; }")
    expect(stop).not_to_have_attribute("data-first", "yes")  # nobody works here: it is drawn again
    expect(stop).to_be_focused()
    with lead.page.expect_navigation():
        lead.press("Enter")


@pytest.mark.parametrize("scripted", [True, False], ids=["with script", "without script"])
def test_what_is_missing_gets_the_focus(browser: Browser, site: Site, scripted: bool) -> None:
    context = browser.new_context(java_script_enabled=scripted)
    keys = Keys(context.new_page())
    keys.page.goto(site.sign_in_link("lead"))
    keys.follow("button", "Sign in")
    keys.page.goto(site.address + "/plans/new")
    keys.tab_to("textbox", "Title")
    keys.type(" ")
    keys.follow("button", "Begin the plan")
    expect(keys.page.locator(".problems")).to_be_focused()
    keys.press("Tab", "Enter", "Tab")
    keys.press("Shift+Tab")
    expect(keys.page.get_by_role("textbox", name="Title")).to_be_focused()
    context.close()


def test_a_reader_confirms_answers_and_subscribes(keys: Keys, site: Site) -> None:
    keys.page.goto(_address_of_a_copy(site))
    keys.follow("button", "I have read this")
    expect(keys.page.get_by_role("main")).to_contain_text("You have read this")
    keys.follow("link", re.compile("Answer"))
    _answer(keys)
    keys.page.go_back()
    keys.page.go_back()
    keys.follow("link", re.compile("calendar"))
    keys.follow("button", "Make my address")
    keys.tab_to("link", re.compile("calendar", re.I))


def _answer(keys: Keys) -> None:
    questions = keys.page.locator("fieldset")
    for question in questions.all():
        while not question.evaluate("(one) => one.contains(document.activeElement)"):
            keys.press("Tab")
            keys.look()
        keys.press("ArrowDown")
        expect(question.locator(":checked")).to_have_count(1)
    keys.follow("button", "Send my answers")
    expect(keys.page.get_by_role("main")).to_contain_text("Thank")


def _address_of_a_copy(site: Site) -> str:
    """Return the page of a copy whose survey is open, for somebody who reads English."""
    with site.app.app_context():
        open_ones = select(Survey.message_id).where(Survey.closes_at > now_utc())
        silent = Delivery.id.not_in(select(Confirmation.delivery_id))
        english = Delivery.person.has(Person.language == "en")  # the keys look for English words
        copy = db.session.scalars(
            select(Delivery)
            .where(Delivery.message_id.in_(open_ones), silent, english)
            .order_by(Delivery.id)
        ).first()
        address = addresses.message_address(copy.id)
        db.session.remove()
    return address
