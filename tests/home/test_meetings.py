"""Invitations stand on my page; what went wrong with them, and what people wrote, on a lead's."""

from email.message import EmailMessage
from email.utils import parseaddr

import pytest

from commsplan.calendars.invitation_rules import Answer
from commsplan.people.models import Person
from commsplan.plans.actions import set_activity_status
from tests.calendars.invitations.conftest import Meet, anna, meet, sink

__all__ = ["anna", "meet", "sink"]  # fixtures of the meetings' own tests


def page(meet: Meet, person: Person, address: str) -> str:
    return " ".join(meet.cast.as_(person).get(address).text.split())


def test_my_page_asks_for_my_answer(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    mine = page(meet, anna, "/me")
    assert "What I am invited to" in mine
    assert "Please answer" in mine
    meet.say(anna, Answer.YES)
    assert "Coming" in page(meet, anna, "/me")


def test_what_is_cancelled_asks_nothing(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    set_activity_status(meet.activity, "cancelled", meet.cast.lead)
    assert "What I am invited to" not in page(meet, anna, "/me")


@pytest.mark.parametrize("who", ["lead", "outsider"])
def test_a_lead_hears_of_mails_that_went_wrong(meet: Meet, anna: Person, who: str) -> None:
    meet.sink.at_end = lambda _server, _number: "taken, line cut"
    meet.invite(anna)
    seen = "1 mail went wrong" in page(meet, getattr(meet.cast, who), "/")
    assert seen is (who == "lead")


def test_a_lead_hears_of_what_people_wrote(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    mail = EmailMessage()
    mail["From"], mail["To"] = anna.email, parseaddr(meet.last(anna)["From"])[1]
    mail["Subject"] = "Re: Invitation"
    mail.set_content("Can I bring Carla?")
    meet.receive(mail)
    assert "1 invited person wrote to you" in page(meet, meet.cast.lead, "/")
    address = f"/plans/{meet.plan.id}/activities/{meet.activity.id}/invitations"
    assert "Can I bring Carla?" in page(meet, meet.cast.lead, address)
