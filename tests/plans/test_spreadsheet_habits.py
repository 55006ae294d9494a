"""Planning sheets as teams keep them are read as their authors meant them."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

from openpyxl import Workbook

from commsplan.plans.grid_guess import guess, guess_title
from commsplan.plans.spreadsheet import read_book
from tests.plans.sheets import HEADER, csv_file, read, starts, workbook


def test_titles_above_the_header_are_passed_over_and_give_year_and_name(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "plan.xlsx",
        ["Communication plan: New VPN for everyone"],
        ["Version 3, autumn 2027"],
        [],
        HEADER,
        ["6 Oct", "9am", "Why the VPN changes", "All staff", "E-mail"],
    )
    book = read_book(path, path.name)
    choices = guess(book, 2026, "Europe/Berlin")
    assert (choices.sheets[0].header, choices.year) == (4, 2027)
    assert guess_title(book, choices) == "New VPN for everyone"
    assert starts(read(path)) == ["2027-10-06 09:00"]


def test_dates_of_every_style_stand_side_by_side(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "plan.xlsx",
        HEADER,
        [datetime(2026, 10, 6), time(9, 30), "A"],
        [date(2026, 10, 7), 0.5, "B"],
        [46303, "9.30 Uhr", "C"],
        ["09.10.2026", "14h30", "D"],
        ["Mon 12 October", "9-10am", "E"],
        ["w/c 19 Oct", "", "F"],
        ["26–30 Oct", "all day", "G"],
        ["KW 45", "", "H"],
        [datetime(2026, 11, 10, 8, 15), None, "I"],
    )
    assert starts(read(path)) == [
        "2026-10-06 09:30",
        "2026-10-07 12:00",
        "2026-10-08 09:30",
        "2026-10-09 14:30",
        "2026-10-12 09:00",
        "2026-10-19",
        "2026-10-26",
        "2026-11-02",
        "2026-11-10 08:15",
    ]


def test_what_is_no_day_yet_is_a_problem_with_a_reason(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "plan.xlsx",
        HEADER,
        ["Q4", "", "A", "x"],
        ["TBC", "", "B", "x"],
        ["October", "", "C", "x"],
        ["end of Oct", "", "D", "x"],
        ["31 Nov", "", "E", "x"],
        ["", "", "F", "x"],
        ["soon", "", "G", "x"],
        ["6 Oct", "25:00", "H", "x"],
        ["6 Oct", "", "", "x"],
        ["6 Oct", "", "#REF!", "x"],
    )
    assert starts(read(path)) == [
        "date_quarter",
        "date_open",
        "date_month",
        "date_vague",
        "date_impossible",
        "no_date",
        "date_unreadable",
        "time_unreadable",
        "no_title",
        "cell_error",
    ]


def test_the_whole_column_decides_between_day_and_month_first(tmp_path: Path) -> None:
    american = csv_file(tmp_path / "a.csv", "Date,Activity\n10/6/26,A\n10/13/26,B\n")
    british = csv_file(tmp_path / "b.csv", "Date,Activity\n6/10/26,A\n13/10/26,B\n")
    assert starts(read(american)) == ["2026-10-06 09:00", "2026-10-13 09:00"]
    assert starts(read(british)) == ["2026-10-06 09:00", "2026-10-13 09:00"]


def test_a_merged_date_holds_for_every_row_it_covers(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "plan.xlsx",
        HEADER,
        [datetime(2026, 10, 6), "9:00", "A"],
        [None, "11:00", "B"],
        [datetime(2026, 10, 7), "9:00", "C"],
        prepare=lambda sheet: sheet.merge_cells("A2:A3"),
    )
    assert starts(read(path)) == ["2026-10-06 09:00", "2026-10-06 11:00", "2026-10-07 09:00"]


def test_section_rows_go_into_the_comments_and_printed_headers_go_nowhere(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "plan.xlsx",
        [*HEADER, "Notes"],
        ["Phase 1 – Prepare"],
        ["6 Oct", "", "Brief the managers", "Managers", "Meeting", "Room booked"],
        [],
        [*HEADER, "Notes"],
        ["Phase 2 – Roll out"],
        ["7 Oct", "", "Tell everybody", "All staff", "E-mail"],
        prepare=lambda sheet: sheet.merge_cells("A2:F2"),
    )
    assert [(one.title, one.comments) for one in read(path)] == [
        ("Brief the managers", "Phase 1 – Prepare\nRoom booked"),
        ("Tell everybody", "Phase 2 – Roll out"),
    ]


def test_a_phase_in_a_merged_column_of_its_own_goes_into_the_comments(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "plan.xlsx",
        ["Phase", *HEADER],
        ["Prepare", "6 Oct", "", "A"],
        [None, "7 Oct", "", "B"],
        prepare=lambda sheet: sheet.merge_cells("A2:A3"),
    )
    assert [one.comments for one in read(path)] == ["Prepare", "Prepare"]


def test_one_sheet_a_month_gives_days_their_month_and_hidden_sheets_stay_out(
    tmp_path: Path,
) -> None:
    book = Workbook()
    october, november = book.worksheets[0], book.create_sheet("November 2026")
    old = book.create_sheet("Old")
    october.title, old.sheet_state = "October 2026", "hidden"
    for sheet, day, title in (
        (october, 6, "A"),
        (november, "Tue 3", "B"),
        (old, "1 Oct 2020", "C"),
    ):
        sheet.append(["Day", "Topic", "Audience"])
        sheet.append([day, title, "All staff"])
    book.save(tmp_path / "plan.xlsx")
    assert starts(read(tmp_path / "plan.xlsx")) == ["2026-10-06 09:00", "2026-11-03 09:00"]


def test_german_semicolons_and_windows_letters(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path / "plan.csv",
        "Datum;Uhrzeit;Maßnahme;Zielgruppe;Kanal;Verantwortlich;Status\n"
        "06.10.2026;9.30 Uhr;Ankündigung Schichtplan;Zugpersonal;E-Mail;Frau Öztürk;bestätigt\n"
        "08.10.;14–15 Uhr;Fragestunde;Stationspersonal;Teams-Besprechung;N. N.;offen\n",
        encoding="cp1252",
    )
    first, second = read(path)
    assert (first.title, first.audience_text, first.owner_text, first.kind, first.status) == (
        "Ankündigung Schichtplan",
        "Zugpersonal",
        "Frau Öztürk",
        "announcement",
        "confirmed",
    )
    assert (second.kind, second.status, second.starts_local, second.ends_local) == (
        "meeting",
        "planned",
        datetime(2026, 10, 8, 14),
        datetime(2026, 10, 8, 15),
    )


def test_french_and_spanish_headers_are_understood(tmp_path: Path) -> None:
    french = csv_file(
        tmp_path / "f.csv",
        "Date;Heure;Activité;Public cible;Canal;Responsable\n"
        "6 octobre;9h30;Lettre du directeur;Tous;Courriel;Mme Petit\n",
    )
    spanish = csv_file(
        tmp_path / "s.csv",
        "Fecha;Hora;Actividad;Destinatarios;Medio;Responsable\n"
        "6 de octubre;9:30;Taller de escalado;Jefes;Taller;Sra. Ruiz\n",
    )
    for path, kind in ((french, "announcement"), (spanish, "training")):
        (row,) = read(path)
        assert (row.starts_local, row.kind) == (datetime(2026, 10, 6, 9, 30), kind)
        assert row.audience_text
        assert row.owner_text


def test_channels_and_titles_say_the_kind(tmp_path: Path) -> None:
    rows = {
        "Newsletter": "announcement",
        "Town hall": "meeting",
        "Teams call": "meeting",
        "Teams": "chat",
        "Webinar": "training",
        "Pulse survey by e-mail": "survey",
        "": "deadline",
    }
    lines = "".join(f"6 Oct,Go-live of the procedure,{channel}\n" for channel in rows)
    path = csv_file(tmp_path / "plan.csv", "Date,Activity,Channel\n" + lines)
    assert [one.kind for one in read(path)] == list(rows.values())


def test_a_plan_over_new_year_goes_on_in_the_next_year(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "plan.csv", "Date,Activity\n14 Dec,A\n11 Jan,B\n")
    assert starts(read(path)) == ["2026-12-14 09:00", "2027-01-11 09:00"]


def test_start_and_end_may_be_days_or_hours(tmp_path: Path) -> None:
    days = csv_file(tmp_path / "d.csv", "Activity,Start,End\nA,2026-10-05,2026-10-09\n")
    hours = csv_file(tmp_path / "h.csv", "Date,Start,End,Activity\n2026-10-05,9:00,10:30,A\n")
    (over_days,), (over_hours,) = read(days), read(hours)
    assert (over_days.all_day, over_days.ends_local) == (True, datetime(2026, 10, 9))
    assert (over_hours.starts_local.hour, over_hours.ends_local) == (
        9,
        datetime(2026, 10, 5, 10, 30),
    )


def test_without_a_header_the_contents_tell_date_and_title(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "plan.csv", "06.10.2026,Ask all managers\n07.10.2026,Tell all\n")
    assert [one.title for one in read(path)] == ["Ask all managers", "Tell all"]


def test_a_guarded_formula_comes_back_as_the_text_it_is(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "plan.csv", "Date,Activity\n6 Oct,'=1+1 is not our plan\n")
    assert read(path)[0].title == "=1+1 is not our plan"


def test_what_is_too_long_goes_on_in_the_comments(tmp_path: Path) -> None:
    title = "word " * 60
    (row,) = read(csv_file(tmp_path / "plan.csv", f"Date,Activity\n6 Oct,{title}\n"))
    assert len(row.title) <= 200
    assert title.strip() in row.comments
    assert [note.code for note in row.notes] == ["text_cut"]


def test_a_weekday_that_does_not_fit_the_date_is_pointed_out(tmp_path: Path) -> None:
    lines = 'Date,Activity\nMon 6 October,A\nTue 6 October,B\n"Di, 06.10.",C\nMar 3,D\n'
    rows = read(csv_file(tmp_path / "plan.csv", lines))
    assert [[note.code for note in one.notes] for one in rows] == [["weekday"], [], [], []]
