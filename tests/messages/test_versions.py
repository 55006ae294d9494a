"""A version is never changed: another text is another version, the same text is none."""

from dataclasses import replace

import pytest

from commsplan.foundation.errors import NotNow
from commsplan.messages.actions import Overtaken, bring_back, mark, save_version, wish_of
from commsplan.messages.models import Message
from tests.cast import Cast
from tests.messages.stage import CONTENT, make_message


def test_the_first_version_holds_the_whole_text(cast: Cast) -> None:
    version = make_message(cast).latest
    assert (version.number, version.subject) == (1, CONTENT.subject)
    assert version.content_hash == CONTENT.hash


def test_links_are_kept_in_reading_order_the_call_to_action_last(cast: Cast) -> None:
    links = make_message(cast).latest.links
    assert [(link.position, link.words) for link in links] == [
        (1, "the procedure"),
        (2, "the form"),
        (3, "Read the procedure and confirm that you have read it"),
    ]


def test_the_same_text_makes_no_version(cast: Cast) -> None:
    message = make_message(cast)
    save_version(message, wish_of(message), cast.lead)
    assert len(message.versions) == 1


@pytest.mark.parametrize("changed", ["subject", "preview", "body", "action_otherwise"])
def test_another_text_makes_a_version(cast: Cast, changed: str) -> None:
    message = make_message(cast)
    content = replace(CONTENT, **{changed: "Other"})
    save_version(message, wish_of(message, content), cast.lead)
    assert [version.number for version in message.versions] == [1, 2]
    assert message.versions[0].content_hash != message.versions[1].content_hash


def test_a_text_made_from_an_older_version_is_not_saved_over_a_newer(cast: Cast) -> None:
    message = make_message(cast)
    mine = wish_of(message, replace(CONTENT, body="Mine"))
    save_version(message, wish_of(message, replace(CONTENT, body="Theirs")), cast.teammate)
    with pytest.raises(Overtaken):
        save_version(message, mine, cast.lead)
    assert message.latest.body == "Theirs"


@pytest.mark.parametrize("state", ["scheduled", "sending", "sent"])
def test_a_message_on_its_way_is_not_changed(cast: Cast, state: str) -> None:
    message = make_message(cast)
    assert mark(message.id, {"draft"}, state)
    with pytest.raises(NotNow):
        save_version(message, wish_of(message, replace(CONTENT, body="Late")), cast.lead)


def test_a_cancelled_message_becomes_a_draft_when_it_is_saved(cast: Cast) -> None:
    message = make_message(cast)
    mark(message.id, {"draft"}, "cancelled")
    save_version(message, wish_of(message, replace(CONTENT, body="Again")), cast.lead)
    assert message.state == "draft"


def test_only_one_of_two_marks_succeeds(cast: Cast) -> None:
    message = make_message(cast)
    assert mark(message.id, {"draft"}, "scheduled")
    assert not mark(message.id, {"draft"}, "scheduled")


def test_an_old_text_comes_back_as_the_newest_version(cast: Cast) -> None:
    message = make_message(cast)
    save_version(message, wish_of(message, replace(CONTENT, body="Second")), cast.lead)
    bring_back(message, 1, cast.lead)
    latest: Message = message
    assert (latest.latest.number, latest.latest.body) == (3, CONTENT.body)
