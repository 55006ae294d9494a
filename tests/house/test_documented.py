"""What can be set, what runs by itself and what can be typed is described in docs/reference."""

import click
import pytest

from commsplan.app import ROOT
from commsplan.cli import main
from commsplan.foundation.settings import Settings
from commsplan.timetable import PERIODIC

REFERENCE = ROOT / "docs" / "reference"


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_described(name: str) -> None:
    assert f"`{name.upper()}`" in (REFERENCE / "settings.md").read_text()


@pytest.mark.parametrize("name", [job.name for job in PERIODIC])
def test_every_periodic_job_is_described(name: str) -> None:
    assert f"`{name}`" in (REFERENCE / "timetable.md").read_text()


def _commands(group: click.Group, before: str = "") -> list[str]:
    found = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        if isinstance(command, click.Group):
            found += _commands(command, f"{before}{name} ")
        else:
            found.append(before + name)
    return found


@pytest.mark.parametrize("name", _commands(main))
def test_every_command_is_described(name: str) -> None:
    assert f"`commsplan {name}" in (REFERENCE / "commands.md").read_text()
