"""Questions that would be closed when people are asked stop the message."""

from __future__ import annotations

from datetime import timedelta

import pytest

from commsplan.foundation.clock import now_utc
from commsplan.messages.checks import BAD, GOOD, WARN
from commsplan.surveys.sending import check_survey
from tests.cast import Cast
from tests.messages.stage import make_message
from tests.surveys.scene import ask


@pytest.mark.parametrize(("days", "kind"), [(0, GOOD), (6, WARN), (8, BAD)])
def test_the_close_is_held_against_the_moment_of_sending(cast: Cast, days: int, kind: str) -> None:
    message = make_message(cast)
    ask(cast, message)
    (found,) = check_survey(message, now_utc() + timedelta(days=days))
    assert found.kind == kind


def test_a_message_without_questions_has_nothing_to_say(cast: Cast) -> None:
    assert check_survey(make_message(cast), now_utc()) == []


def test_the_schedule_page_refuses_it(cast: Cast) -> None:
    message = make_message(cast)
    ask(cast, message)
    due = (now_utc() + timedelta(days=30)).date().isoformat()
    form = {"when": "later", "due_date": due, "due_time": "09:00", "due_zone": "Europe/Berlin"}
    answer = cast.as_(cast.lead).post(f"/messages/{message.id}/schedule", data=form)
    assert answer.status_code == 422
    assert "The questions close before the message goes out" in answer.text
