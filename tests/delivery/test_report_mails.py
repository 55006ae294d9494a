"""What mail systems write is read as what it means."""

import pytest

from commsplan.delivery.bounce_rules import fate_of, kind_of
from commsplan.delivery.report_mail import Reading
from commsplan.delivery.reports import read
from tests.delivery.letters import NAMES, letter

EMIL = "emil.employee@northwind.example"
OURS = "d12.0123456789abcdef@localhost"
RETURN_PATH = "bounces+12.0123456789abcdef0123@news.northwind.example"

MEANINGS = {
    "arf_abuse": ("complaint", "", ""),
    "arf_not_spam": ("other", "", ""),
    "challenge": ("challenge", "", ""),
    "exchange_edge": ("report", "hard", "5.4.1"),
    "exchange_not_found": ("report", "hard", "5.1.10"),
    "exim_plain": ("report", "hard", ""),
    "exim_warning": ("report", "delayed", ""),
    "gmail_no_such_account": ("report", "hard", "5.1.1"),
    "international": ("report", "hard", "5.1.1"),
    "out_of_office_de": ("auto-reply", "", ""),
    "out_of_office_en": ("auto-reply", "", ""),
    "out_of_office_fr": ("auto-reply", "", ""),
    "postfix_delayed": ("report", "delayed", "4.4.1"),
    "postfix_delivered": ("report", "delivered", "2.0.0"),
    "postfix_mailbox_full": ("report", "soft", "5.2.2"),
    "postfix_unknown_user": ("report", "hard", "5.1.1"),
    "qmail": ("report", "hard", "5.1.1"),
    "reply_of_a_person": ("other", "", ""),
    "several_recipients": ("report", "delayed", "4.2.2"),
}


def _read(name: str) -> Reading:
    return read(letter(name, message_id=OURS, return_path=RETURN_PATH))


def test_every_letter_has_a_meaning() -> None:
    assert sorted(MEANINGS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_letter_means(name: str) -> None:
    reading = _read(name)
    fate = fate_of(reading.fates, EMIL)
    found = (reading.what, kind_of(fate).value if fate else "", fate.status if fate else "")
    assert found == MEANINGS[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_letter_says_which_copy_it_is_about(name: str) -> None:
    reading = _read(name)
    assert OURS in reading.mentions or RETURN_PATH in reading.recipients


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"qmail"}))
def test_a_letter_s_own_id_is_known(name: str) -> None:
    assert _read(name).own_id.startswith("<")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("postfix_unknown_user", "User unknown in virtual mailbox table"),
        ("exchange_not_found", "RecipientNotFound"),
        ("gmail_no_such_account", "does not exist"),
        ("exim_plain", "Unrouteable address"),
        ("qmail", "no mailbox here by that name"),
        ("arf_abuse", "abuse"),
        ("out_of_office_de", "Abwesenheitsnotiz: Kisten für Montag"),
        ("out_of_office_fr", "Réponse automatique"),
    ],
)
def test_the_server_s_words_are_found(name: str, words: str) -> None:
    reading = _read(name)
    fate = fate_of(reading.fates, EMIL)
    assert words in (fate.words if fate else reading.words)


def test_an_address_in_xtext_is_decoded() -> None:
    raw = letter("postfix_unknown_user").replace(
        b"Original-Recipient: rfc822;emil.employee@", b"Original-Recipient: rfc822;emil+2Bwork@"
    )
    assert any("emil+work@northwind.example" in fate.addresses for fate in read(raw).fates)


def test_a_report_as_a_part_among_others_is_found() -> None:
    raw = letter("postfix_unknown_user").replace(b"multipart/report", b"multipart/mixed")
    assert read(raw).what == "report"


def test_a_vacation_message_of_a_person_called_unknown_is_no_bounce() -> None:
    raw = letter("out_of_office_en").replace(b"I am out", b"User unknown. I am out")
    assert read(raw).what == "auto-reply"


def test_a_step_may_read_mail_of_its_own_first() -> None:
    mine = Reading("calendar")
    assert read(letter("qmail"), [lambda mail: mine]) is mine
