"""A web server killed while a send is being scheduled leaves either no send or a whole one."""

import os
import signal
import subprocess
import sys

import pytest
from flask import Flask
from sqlalchemy import select

from commsplan.delivery.clockwork import look_after_sends
from commsplan.delivery.models import Send
from commsplan.foundation.database import db
from tests.delivery.conftest import Stage
from tests.delivery.processes import settings_of


@pytest.fixture
def press(stage: Stage, app: Flask):  # type: ignore[no-untyped-def]  # a function of one word
    """Press "schedule" in a web server that is killed before or after its commit."""

    def run(moment: str) -> list[Send]:
        names = [str(stage.message.id), str(stage.cast.lead.id), moment]
        web = subprocess.run(
            [sys.executable, "-m", "tests.delivery.killed_web", *names],
            env={**os.environ, **settings_of(app)},
            timeout=60,
            capture_output=True,
            check=False,
        )
        assert web.returncode == -signal.SIGKILL, web.stderr.decode()
        db.session.rollback()
        return list(db.session.scalars(select(Send)))

    return run


def test_killed_before_the_commit_nothing_is_scheduled_and_pressing_again_works(
    stage: Stage, press
) -> None:
    assert press("before") == []
    db.session.refresh(stage.message)
    assert stage.message.state == "draft"
    stage.schedule()
    look_after_sends()
    assert stage.states() == {"planned": 6}


def test_killed_after_the_commit_the_send_goes_out_and_pressing_again_makes_no_second(
    stage: Stage, press
) -> None:
    [send] = press("after")
    page = stage.cast.as_(stage.cast.lead).post(
        f"/messages/{stage.message.id}/schedule", data={"when": "now"}
    )
    assert page.status_code == 303
    assert page.location.endswith(f"/sends/{send.id}")
    look_after_sends()
    assert stage.states() == {"planned": 6}
