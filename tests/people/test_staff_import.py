"""A staff list becomes the directory, as often as it is brought."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import func, select

from commsplan.foundation.clock import now_utc
from commsplan.foundation.database import db, transaction
from commsplan.people.import_applying import apply
from commsplan.people.import_checking import check
from commsplan.people.imports import agree, receive, staff_import
from commsplan.people.models import Person, StaffImportRow
from tests.cast import make_person
from tests.people.lists import checked, imported, person, problems


def test_people_arrive_with_everything_the_list_says(app: Flask) -> None:
    imported(
        "17,anna@northwind.example,Anna,Berg,Ops,Berlin,Germany,,German,,Clerk,31.12.2025,B7",
        header="Employee number,Work e-mail,First name,Surname,Dept,Site,Country,Time zone,"
        "Language,Manager e-mail,Job title,Start date,Building",
    )
    anna = person("anna@northwind.example")
    assert (anna.external_id, anna.name, anna.first_name) == ("17", "Anna Berg", "Anna")
    assert (anna.country, anna.zone, anna.language) == ("DE", "Europe/Berlin", "de")
    assert str(anna.started_on) == "2025-12-31"
    assert anna.attributes == {"Building": "B7"}


def test_the_same_list_twice_changes_nothing(app: Flask) -> None:
    rows = ["a@northwind.example,Ann,Ops", "b@northwind.example,Ben,Ops"]
    imported(*rows)
    again = checked(*rows)
    assert (again.counts["same"], again.counts["new"], again.counts["leaving"]) == (2, 0, 0)


def test_the_same_list_with_attributes_and_managers_changes_nothing(app: Flask) -> None:
    header = "E-mail,Name,Manager e-mail,Floor,Büro"
    rows = ["a@northwind.example,Ann,,3,süd", "b@northwind.example,Ben,a@northwind.example,,x"]
    imported(*rows, header=header)
    assert checked(*rows, header=header).counts["same"] == 2
    assert person("b@northwind.example").manager.name == "Ann"


def test_new_people_follow_known_ones_and_have_ids_nobody_else_gets(app: Flask) -> None:
    header = "Mail,Name,Manager e-mail"
    imported("a@northwind.example,Ann,", header=header)
    imported(
        "b@northwind.example,Bo,a@northwind.example",
        "a@northwind.example,Ann,c@northwind.example",
        "c@northwind.example,Cem,",
        "d@northwind.example,Dee,b@northwind.example",
        header=header,
    )
    bosses = {who: person(f"{who}@northwind.example").manager.name for who in ("a", "b", "d")}
    assert bosses == {"a": "Cem", "b": "Ann", "d": "Bo"}
    with transaction() as database:
        database.add(Person(email="e@x.example", name="Eve", updated_at=now_utc()))
    assert db.session.scalar(select(func.count()).select_from(Person)) == 5


def test_a_new_address_under_the_same_number_is_the_same_person(app: Flask) -> None:
    header = "Employee number,E-mail,Name"
    imported("1,ann@northwind.example,Ann Old", header=header)
    before = person("ann@northwind.example").id
    imported("1,ann.new@northwind.example,Ann New", header=header)
    assert person("ann.new@northwind.example").id == before


def test_who_is_missing_is_marked_as_left_and_comes_back(app: Flask) -> None:
    imported("a@northwind.example,Ann,Ops", "b@northwind.example,Ben,Ops")
    imported("a@northwind.example,Ann,Ops")
    assert person("b@northwind.example").left_on is not None
    back = imported("a@northwind.example,Ann,Ops", "b@northwind.example,Ben,Ops")
    assert back.counts["returning"] == 1
    assert person("b@northwind.example").left_on is None


def test_columns_that_are_not_there_leave_fields_alone(app: Flask) -> None:
    imported("a@northwind.example,Ann,Ops")
    imported("a@northwind.example,Anne", header="E-mail,Name")
    assert person("a@northwind.example").department == "Ops"


def test_somebody_whose_row_is_bad_stays_as_is(app: Flask) -> None:
    make_person("Ann Berg", email="ann@northwind.example")
    make_person("Ben Low", email="ben@northwind.example", external_id="2")
    brought = imported(
        "1,ann@northwind,Ann Berg,DE", "2,ben@,Ben Low,DE",
        header="Employee number,E-mail,Name,Country",
    )  # fmt: skip
    assert (brought.counts["bad"], brought.counts["leaving"]) == (2, 0)
    assert person("ann@northwind.example").left_on is None


def test_duplicates_are_reported_with_both_lines(app: Flask) -> None:
    brought = checked("a@northwind.example,Ann,Ops", "A@Northwind.example,Ann,Ops")
    assert brought.counts["bad"] == 1
    assert "3,a@northwind.example,The same e-mail address is on line 2." in problems(brought)


def test_repeated_numbers_are_reported(app: Flask) -> None:
    brought = checked(
        "7,a@northwind.example,Ann", "7,b@northwind.example,Ben", header="Staff ID,E-mail,Name"
    )
    assert "The same personnel number is on line 2." in problems(brought)


def test_an_address_of_somebody_else_is_a_conflict(app: Flask) -> None:
    make_person("Ann Berg", email="ann@northwind.example", external_id="1")
    brought = checked("2,ann@northwind.example,Ann Other", header="Staff ID,E-mail,Name")
    assert "belongs to Ann Berg (1) already" in problems(brought)


def test_a_loop_of_managers_is_named_and_broken(app: Flask) -> None:
    mail = "%s@northwind.example".__mod__
    brought = imported(
        f"{mail('a')},Ann,{mail('c')}", f"{mail('b')},Ben,{mail('a')}",
        f"{mail('c')},Cy,{mail('b')}", f"{mail('d')},Di,{mail('a')}",
        header="Mail,Name,Manager",
    )  # fmt: skip
    assert brought.counts["remarks"] == 3
    assert f"in a circle: {mail('a')} → {mail('c')} → {mail('b')}" in problems(brought)
    assert person(mail("a")).manager_id is None
    assert person(mail("d")).manager.name == "Ann"


def test_a_manager_nobody_knows_is_left_out_and_said(app: Flask) -> None:
    brought = imported(
        "a@northwind.example,Ann,x@northwind.example",
        "b@northwind.example,Ben,b@northwind.example",
        header="Mail,Name,Manager",
    )  # fmt: skip
    assert brought.counts["new"] == 2
    assert "The manager x@northwind.example is not in the list." in problems(brought)
    assert "They are given as their own manager." in problems(brought)


def test_an_applied_list_leaves_no_rows_and_no_file(app: Flask) -> None:
    brought = imported("a@northwind.example,Ann,Ops")
    assert db.session.scalar(select(func.count()).select_from(StaffImportRow)) == 0
    assert brought.state == "done"


@pytest.mark.parametrize("name", ["=1+1", "-2", "@x"])
def test_the_problem_file_holds_no_formula(app: Flask, name: str) -> None:
    assert f",'{name}," in problems(checked(f"nobody,{name},Ops"))


def test_checking_alone_writes_nobody(app: Flask) -> None:
    checked("a@northwind.example,Ann,Ops")
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_any_encoding_with_any_delimiter_is_imported(app: Flask, encoding: str, mark: str) -> None:
    table = [["E-mail", "Name", "Größe"], ["j@northwind.example", "Jürgen Groß", "Süd"]]
    text = "\r\n".join(mark.join(cells) for cells in table)
    brought = receive(BytesIO(text.encode(encoding)), "staff.csv", None)
    check(brought.id)
    agree(staff_import(brought.id), leaving_confirmed=False, by=None)
    apply(brought.id)
    assert person("j@northwind.example").name == "Jürgen Groß"
    assert person("j@northwind.example").attributes == {"Größe": "Süd"}


def test_a_workbook_is_imported_too(app: Flask) -> None:
    book, content = Workbook(), BytesIO()
    book.active.append(["E-mail", "Name", "Start date"])
    book.active.append(["a@northwind.example", "Ann", datetime(2025, 12, 31)])
    book.save(content)
    content.seek(0)
    brought = receive(content, "staff.xlsx", None)
    assert check(brought.id)
    agree(staff_import(brought.id), leaving_confirmed=False, by=None)
    assert apply(brought.id)
    assert str(person("a@northwind.example").started_on) == "2025-12-31"


def test_every_problem_of_a_row_is_told(app: Flask) -> None:
    brought = checked(
        f"x,,Nowhere,UTC+2,Elvish,{'d' * 201}",
        header="Mail,Name,Country,Time zone,Language,Department",
    )
    told = problems(brought)
    for words in ("not an e-mail address", "name is missing", "not a country", "summer time",
                  "not a language", "longer than 200"):  # fmt: skip
        assert words in told


def test_a_row_with_more_cells_than_columns_is_bad(app: Flask) -> None:
    assert "more cells than columns" in problems(checked("a@northwind.example,Ann,Ops,more"))


def test_whoever_brings_the_list_is_not_marked_as_left(app: Flask) -> None:
    with transaction():
        lead = make_person("Lena Lead")
    imported("a@northwind.example,Ann,Ops", by=lead)
    assert person(lead.email).left_on is None


def test_somebody_who_left_comes_back_under_a_new_number(app: Flask) -> None:
    header = "Staff ID,E-mail,Name"
    imported("1,ann@northwind.example,Ann", header=header)
    imported("2,ben@northwind.example,Ben", header=header)
    imported("2,ben@northwind.example,Ben", "3,ann@northwind.example,Ann", header=header)
    ann = person("ann@northwind.example")
    assert (ann.external_id, ann.left_on) == ("3", None)


def test_an_emptied_attribute_goes_and_one_not_in_the_list_stays(app: Flask) -> None:
    imported("a@northwind.example,Ann,3", header="E-mail,Name,Floor")
    imported("a@northwind.example,Ann,x", header="E-mail,Name,Badge")
    assert person("a@northwind.example").attributes == {"Floor": "3", "Badge": "x"}
    imported("a@northwind.example,Ann,", header="E-mail,Name,Floor")
    assert person("a@northwind.example").attributes == {"Badge": "x"}
