"""People are invited by a mail each, as RFC 5546 and RFC 6047 have it."""

from email.utils import parseaddr

from commsplan.people.models import Person
from tests.calendars.invitations.conftest import MAILBOX, Meet, calendar_of, events_of


def test_each_gets_a_mail_of_their_own(meet: Meet, anna: Person, bela: Person) -> None:
    meet.invite(anna, bela)
    assert sorted(meet.sink.to) == [anna.email, bela.email]
    assert meet.states() == [("invitation", "accepted")] * 2


def test_the_mail_is_built_as_clients_expect_it(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    mail = meet.last(anna)
    shape = [(part.get_content_type(), part.get_filename()) for part in mail.walk()]
    assert shape == [
        ("multipart/mixed", None),
        ("multipart/alternative", None),
        ("text/plain", None),
        ("text/html", None),
        ("text/calendar", None),
        ("application/ics", "invite.ics"),
    ]
    part = list(mail.walk())[4]
    assert part.get_param("method") == "REQUEST"
    assert part.get_param("component") == "VEVENT"
    assert part.get_content_charset() == "utf-8"
    assert part["Content-Transfer-Encoding"] == "base64"
    assert part.get_payload(decode=True) == list(mail.walk())[5].get_payload(decode=True)


def test_the_calendar_names_both_sides(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    mail = meet.last(anna)
    assert calendar_of(mail)["METHOD"] == "REQUEST"
    (event,) = events_of(mail)
    sender = parseaddr(mail["From"])[1]
    assert sender.startswith("meetings+i")
    assert sender.endswith(MAILBOX.partition("@")[2])
    assert event["ORGANIZER"] == f"mailto:{sender}"
    assert event["ATTENDEE"] == f"mailto:{anna.email}"
    assert dict(event["ATTENDEE"].params) == {
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "TRUE",
        "CN": "Anna Arnold",
    }
    assert event["UID"] == meet.activity.uid
    assert event["SEQUENCE"] == 0


def test_bounces_come_back_to_the_same_address(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    assert meet.sink.senders == [parseaddr(meet.last(anna)["From"])[1]]


def test_inviting_twice_mails_once(meet: Meet, anna: Person) -> None:
    meet.invite(anna)
    meet.invite(anna)
    assert len(meet.mails(anna)) == 1
