"""The file of rows that could not be used: line, reason and the cells as they came."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy import or_, select

from commsplan.foundation.database import db
from commsplan.foundation.sheets import neutralise, open_rows
from commsplan.people.import_columns import Columns
from commsplan.people.import_files import private
from commsplan.people.imports import problem_file, stored
from commsplan.people.models import StaffImport, StaffImportRow


def write_problems(brought: StaffImport, columns: Columns) -> None:
    """Write the problems beside the stored file, in the order of its lines.

    The staged rows and the file are walked side by side, so that memory stays constant.
    """
    problems = _problems(brought.id)
    rows = open_rows(stored(brought))
    path = problem_file(brought)
    private(path)
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        out = csv.writer(target)
        head = [_("Line"), _("E-mail"), _("What is wrong"), _("What happens")]
        out.writerow(neutralise(cell) for cell in head + columns.header)
        expected = next(problems, None)
        for line, cells in rows:
            if expected is None:
                break
            if line == expected.line:
                out.writerow(neutralise(cell) for cell in _told(expected) + cells)
                expected = next(problems, None)
    rows.close()


def _problems(import_id: int) -> Iterator[StaffImportRow]:
    wrong = or_(StaffImportRow.problem != "", StaffImportRow.remark != "")
    return iter(
        db.session.scalars(
            select(StaffImportRow)
            .where(StaffImportRow.import_id == import_id, wrong)
            .order_by(StaffImportRow.line)
            .execution_options(yield_per=1000)
        )
    )


def _told(row: StaffImportRow) -> list[str]:
    happens = _("not imported") if row.problem else _("imported without what cannot be used")
    return [str(row.line), row.email, f"{row.problem} {row.remark}".strip(), happens]
