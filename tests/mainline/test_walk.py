"""From a staff list and a planning spreadsheet to a measured announcement, as a lead walks it."""

from __future__ import annotations

import csv
import re
import time
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from commsplan.app import ROOT
from commsplan.demo.organisation import write_staff_list
from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db
from commsplan.people.actions import make_sign_in_link
from commsplan.people.queries import person_by_email
from tests.mainline.conftest import Running

pytestmark = pytest.mark.mainline

PEOPLE = 60
SHEET = ROOT / "commsplan" / "demo" / "plans" / "escalation-rollout.xlsx"
PATIENCE_MS = 40_000


def test_a_lead_walks_the_main_line(running: Running, page: Page, tmp_path: Path) -> None:
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    page.set_viewport_size({"width": 1280, "height": 900})
    _sign_in(running, page)
    _import_people(running, page, tmp_path)
    _define_an_audience(page)
    _import_a_plan(page)
    people = _write_and_send(page)
    assert _arrived(running, people) == people
    reader = page.context.browser.new_context().new_page()
    _read_confirm_and_answer(running, reader)
    _subscribe(reader)
    _see_what_it_achieved(page, people)


def _sign_in(running: Running, page: Page) -> None:
    with running.app.app_context():
        lead = person_by_email("lena.lead@northwind.example")
        link = make_sign_in_link(lead, valid=timedelta(hours=1))
        db.session.remove()
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What needs me today?")


def _import_people(running: Running, page: Page, tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    write_staff_list(path, PEOPLE)
    with path.open("a", newline="") as file:
        csv.writer(file, delimiter=";").writerow(["1", "Nobody", "", "not an address"])
    page.goto(running.place.web + "/people/import")
    page.get_by_label("Staff list").set_input_files(path)
    page.get_by_role("button", name="Upload and check").click()
    agree = page.get_by_role("button", name=re.compile(rf"Import {PEOPLE} people"))
    agree.wait_for()
    expect(page.get_by_text("1 row cannot be imported")).to_be_visible()
    leaving = page.get_by_label(re.compile("has left|have left"))
    if leaving.count():
        leaving.check()
    agree.click()
    page.get_by_role("link", name="See the people").click()
    expect(page.get_by_role("main")).to_contain_text("Philippa Thackery")


def _define_an_audience(page: Page) -> None:
    page.get_by_role("link", name="Audiences").first.click()
    page.get_by_role("link", name=re.compile("New audience|Describe")).first.click()
    page.get_by_label("Name", exact=True).fill("All staff")
    for label, choice in (("What is compared", "email"), ("How it is compared", "contains")):
        with page.expect_response(re.compile(r"/audiences/new$")):
            page.get_by_label(label).select_option(choice)
        expect(page.locator("#builder.htmx-request, .htmx-swapping")).to_have_count(0)
        expect(page.get_by_label(label)).to_have_value(choice)
    page.get_by_label("Value", exact=True).fill("@northwind")
    page.get_by_role("button", name="Save audience").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("All staff")
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"\b6\d people"))


def _import_a_plan(page: Page) -> None:
    page.goto(page.url.split("/audiences")[0] + "/plans/import")
    page.get_by_label("Spreadsheet").set_input_files(SHEET)
    page.get_by_label(re.compile("Title of the plan")).fill("Say it early")
    page.get_by_role("button", name="Show what it becomes").click()
    page.get_by_role("button", name=re.compile("Import 14 activities")).click()
    expect(page.get_by_role("main")).to_contain_text(
        "Drill: escalation of a failed change at night"
    )
    page.get_by_role("link", name="Overview").click()
    page.wait_for_url(re.compile(r"/plans/\d+$"))
    page.locator("summary", has_text="State").click()
    page.get_by_role("button", name="Make it active").click()
    expect(page.get_by_role("main")).to_contain_text("The plan is now: Active")


def _write_and_send(page: Page) -> int:
    page.get_by_role("link", name="Messages").first.click()
    page.get_by_role("link", name="Write a message").first.click()
    page.get_by_label("To", exact=True).select_option(label="All staff")
    page.get_by_label("Subject").fill("{{ first_name }}, see a risk? Say it early")
    page.get_by_label("Text", exact=True).fill(
        "Hello {{ first_name }},\n\nread the [guide](https://intranet.northwind.example/guide)."
    )
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("main")).to_contain_text("Is it ready to go?")
    message = page.url.split("?")[0].split("#")[0]
    _ask_two_questions(page, message)
    page.goto(message + "/schedule")
    page.get_by_label("now", exact=True).check()
    send = page.get_by_role("button", name=re.compile(r"Send to \d+ people"))
    people = int(re.search(r"\d+", send.inner_text()).group())
    send.click()
    expect(page.get_by_text(f"The mail server took {people} copies.")).to_be_visible(
        timeout=PATIENCE_MS
    )
    return people


def _ask_two_questions(page: Page, message: str) -> None:
    page.goto(message + "/survey")
    soon = now_utc() + timedelta(days=7)
    page.locator("#f-q1_words").fill("How clear was this?")
    page.locator("#f-q2_words").fill("What do you do first?")
    page.locator("#f-q2_kind").select_option(value="choice")
    page.locator("#f-q2_choices").fill("Wait\nTell my manager")
    page.locator("#f-q2_right").select_option(index=2)
    page.locator("[name=closes_date]").fill(soon.date().isoformat())
    page.locator("[name=closes_time]").fill("12:00")
    page.locator("[name=reply_by]").fill((soon + timedelta(days=7)).date().isoformat())
    page.get_by_role("button", name="Save and try it").click()
    expect(page.get_by_text("How clear was this?")).to_be_visible()


def _arrived(running: Running, people: int) -> int:
    _until(lambda: len(running.mailbox.message_ids()) >= people)
    copies = running.mailbox.message_ids()
    assert len({message_id for _, message_id in copies}) == len(copies)
    return len({recipient for recipient, _ in copies})


def _read_confirm_and_answer(running: Running, reader: Page) -> None:
    reader.set_default_timeout(PATIENCE_MS)
    reader.goto(running.place.inbox + "/?q=callum")
    reader.get_by_role("link", name=re.compile("Callum, see a risk")).click()
    mail = reader.frame_locator("iframe")
    address = mail.get_by_role("link", name="Read and confirm").get_attribute("href")
    reader.set_viewport_size({"width": 360, "height": 740})
    reader.goto(address)
    expect(reader.get_by_role("main")).to_contain_text("Hello Callum")
    reader.get_by_role("button", name="I have read this").click()
    reader.get_by_role("link", name=re.compile("Answer 2 questions")).click()
    reader.locator("label").filter(has_text=re.compile("4")).first.click()
    reader.get_by_text("Tell my manager").click()
    reader.get_by_role("button", name="Send my answers").click()
    expect(reader.get_by_role("main")).to_contain_text("Thank")
    reader.goto(address)


def _subscribe(reader: Page) -> None:
    reader.get_by_role("link", name=re.compile("calendar", re.I)).first.click()
    reader.get_by_role("main").get_by_role("button").first.click()
    feed = re.search(r"http://[^\s\"<]+\.ics", reader.content()).group()
    with urllib.request.urlopen(feed) as answer:
        assert answer.headers["Content-Type"].startswith("text/calendar")
        calendar = Calendar.from_ical(answer.read())
    titles = [str(event["SUMMARY"]) for event in calendar.walk("VEVENT")]
    assert any("The procedure takes effect" in title for title in titles), titles


def _see_what_it_achieved(page: Page, people: int) -> None:
    page.get_by_role("link", name="What it achieved").click()
    main = page.get_by_role("main")
    expect(main).to_contain_text(re.compile(rf"{people}"))
    row = main.get_by_role("listitem").filter(has_text=re.compile("have read", re.I)).first
    expect(row).to_contain_text(re.compile(rf"1 of {people}"))


def _until(holds: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.2)
