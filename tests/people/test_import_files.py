"""Brought lists hold personal data: nobody else on the machine reads them, and they go."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from flask import Flask

from commsplan.foundation.clock import now_utc
from commsplan.people.import_files import PROBLEMS_KEPT, forget_old_problems
from commsplan.people.imports import call_off, problem_file, stored
from tests.people.lists import checked, imported


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_we_may_read_them(app: Flask) -> None:
    brought = checked("nobody,Ann,Ops")
    file, listed = stored(brought), problem_file(brought)
    assert (mode(file.parent), mode(file), mode(listed)) == (0o700, 0o600, 0o600)


def test_the_list_goes_when_its_import_ends(app: Flask) -> None:
    assert not stored(imported("a@northwind.example,Ann,Ops")).exists()
    brought = checked("b@northwind.example,Ben,Ops")
    call_off(brought, by=None)
    assert not stored(brought).exists()


def test_unusable_rows_are_forgotten_after_a_month(app: Flask) -> None:
    listed = problem_file(imported("nobody,Ann,Ops"))
    forget_old_problems()
    assert listed.exists()
    long_ago = (now_utc() - PROBLEMS_KEPT).timestamp() - 1
    os.utime(listed, (long_ago, long_ago))
    forget_old_problems()
    assert not listed.exists()
