"""Phase one of a staff list: read it in batches, find what is wrong, say what it would do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from commsplan.foundation.bell import closing
from commsplan.foundation.database import transaction
from commsplan.foundation.errors import Unreadable
from commsplan.foundation.languages import speak
from commsplan.foundation.logs import log
from commsplan.foundation.sheets import Rows, open_rows
from commsplan.people.import_columns import Columns, read_columns
from commsplan.people.import_matching import (
    break_loops,
    compare,
    count,
    drop_absent_managers,
    look_at_sizes,
    match,
    refuse_duplicates,
)
from commsplan.people.import_problems import write_problems
from commsplan.people.import_rows import RowReader, Values
from commsplan.people.import_staging import stage
from commsplan.people.import_values import DayOrder, order_of_days
from commsplan.people.imports import (
    Claim,
    beat,
    claim,
    forget_rows,
    give_back,
    refuse,
    staff_import,
    stored,
)
from commsplan.people.models import StaffImport
from commsplan.people.queries import language_of

BATCH_ROWS = 2_000
EXAMPLE_ROWS = 50
EXAMPLE_LIMIT = 60  # characters


Tell = Callable[[int, int], None]
"""Hears how many bytes and rows have been read."""


def _nobody_listens(_done: int, _rows: int) -> None:
    """Take no notice."""


def check(import_id: int) -> bool:
    """Check a list that waits; False when it is not (or no longer) ours to check."""
    mine = claim(import_id, "waiting", "checking")
    return mine is not None and check_claimed(mine)


def check_claimed(mine: Claim, tell: Tell = _nobody_listens) -> bool:
    """Check a list that is ours; False when it was called off or taken over.

    1. Forget what an earlier worker staged.
    2. Understand the columns, and in which order the whole column writes its days.
    3. Stage the rows in batches; every batch shows life, and stops if called off.
    4. Compare the rows with each other and with the directory, in sets.
    5. Write the file of problems and hand over to a person.
    """
    brought = staff_import(mine.import_id)
    if brought.by:
        speak(language_of(brought.by))
    try:
        return _check(brought, mine, tell)
    except Unreadable as error:
        refuse(brought, str(error))
        return True


def _check(brought: StaffImport, first: Claim, tell: Tell) -> bool:
    columns, order = _look_ahead(brought)
    mine = _begin(brought, first, columns)
    rows = open_rows(stored(brought))
    reader = RowReader(columns, order, brought.id)
    read = 0
    for batch in _batches(rows, columns.line):
        if mine is None or closing.is_set():
            rows.close()
            return bool(mine and give_back(mine))
        read += len(batch)
        tell(rows.bytes_done, read)
        mine = _stage(mine, [reader.read(line, cells) for line, cells in batch], rows, read)
    return mine is not None and _compare(brought, mine, columns)


def _begin(brought: StaffImport, mine: Claim, columns: Columns) -> Claim | None:
    with transaction():
        still_mine = beat(mine, columns=_explained(brought, columns), bytes_done=0, counts={})
        if still_mine:
            forget_rows(brought.id)
        return still_mine


def _look_ahead(brought: StaffImport) -> tuple[Columns, DayOrder]:
    """Read the file once from end to end: what is unreadable is found before anything is staged."""
    rows = open_rows(stored(brought))
    try:
        columns = read_columns(rows)
        at = columns.fields.get("started_on")
        cells = (row[at] if at is not None and at < len(row) else "" for _line, row in rows)
        return columns, order_of_days(cells)
    finally:
        rows.close()


def _explained(brought: StaffImport, columns: Columns) -> list[dict[str, str]]:
    """Say for each column its header, our field and an example."""
    rows = open_rows(stored(brought))
    sample = [row for line, row in islice(rows, EXAMPLE_ROWS) if line > columns.line]
    rows.close()
    field_at = {at: field for field, at in columns.fields.items()}
    explained = []
    for at, header in enumerate(columns.header):
        examples = (row[at] for row in sample if at < len(row) and row[at])
        if at in field_at or at in columns.further:
            explained.append(
                {
                    "header": header,
                    "field": field_at.get(at, ""),
                    "example": next(examples, "")[:EXAMPLE_LIMIT],
                }
            )
    return explained


def _batches(rows: Rows, header_line: int) -> Iterator[list[tuple[int, list[str]]]]:
    people = ((line, cells) for line, cells in rows if line > header_line)
    while batch := list(islice(people, BATCH_ROWS)):
        yield batch


def _stage(mine: Claim, values: list[Values], rows: Rows, read: int) -> Claim | None:
    """Put one batch down together with the sign of life, or nothing if the list is not ours."""
    with transaction():
        still_mine = beat(mine, bytes_done=rows.bytes_done, counts={"rows": read})
        if still_mine:
            stage(values)
        return still_mine


def _compare(brought: StaffImport, first: Claim, columns: Columns) -> bool:
    """Compare in steps, each a transaction that shows life, so that no lock is held for long."""
    mine: Claim | None = first
    steps: tuple[Callable[[int], object], ...] = (
        look_at_sizes,
        refuse_duplicates,
        match,
        drop_absent_managers,
        break_loops,
        lambda import_id: compare(import_id, columns.given),
    )
    for step in steps:
        with transaction():
            mine = beat(mine, bytes_done=brought.bytes_total) if mine else None
            if mine:
                step(brought.id)
    counts = count(brought.id)
    mine = beat(mine, counts=counts) if mine else None
    if mine is None:
        return False
    write_problems(brought, columns)
    log().info("staff_list.checked", staff_list=brought.id, **counts)
    return beat(mine, state="ready") is not None
