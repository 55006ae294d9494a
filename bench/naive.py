"""What a Django user writes: one `EmailMultiAlternatives` per person over one open connection.

Both bodies are Django templates of the size and with the six fields of our own copy, rendered for
each person; the people come from a generator, so no database is in this loop's way.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formataddr
from itertools import islice

import django
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template import Context, Engine, Template

from commsplan.demo.ports import HOST
from commsplan.messages.models import Version
from commsplan.messages.rendering import Places, Reader, compose
from tests.crowd import FIRST, LAST, PLACES

FIELDS = ("first_name", "name", "title", "department", "location", "manager_name")


def templates_of(version: Version) -> tuple[str, str, str]:
    """Return subject, text and HTML of our own copy as Django templates."""
    gaps = {name: "{{" + name + "}}" for name in FIELDS}
    here = "https://plan.northwind.example"
    places = Places(
        page=here + "/m/{{token}}",
        link=lambda position: f"{here}/l/{{{{token}}}}{position}",
        pixel=here + "/o/{{token}}.gif",
        unsubscribe=here + "/u/{{token}}",
    )
    copy = compose(version, version.message, replace(Reader("", ""), **gaps), places)
    return copy.subject, copy.text, copy.html


def people(number: int) -> Iterator[dict[str, str]]:
    """Invent as many people, with the fields that the templates use."""
    for n in range(number):
        first, last = FIRST[n % len(FIRST)], LAST[n // 10 % len(LAST)]
        yield {
            "first_name": first, "name": f"{first} {last} {n}", "title": f"Signaller {n % 60}",
            "department": f"Operations & Safety {n % 14}", "location": PLACES[n % 4][0],
            "manager_name": "Lena Lead", "email": f"person.{n:07}@northwind.example",
            "token": f"{n:040x}",
        }  # fmt: skip


def naive_loop(port: int, copies: int, written: tuple[str, str, str]) -> float:
    """Return the messages per second of the loop, one process as it stands."""
    if not settings.configured:
        settings.configure(USE_I18N=False, EMAIL_TIMEOUT=60)
        django.setup()
    engine = Engine()
    plain = engine.from_string("{% autoescape off %}" + written[1] + "{% endautoescape %}")
    subject, page = engine.from_string(written[0]), engine.from_string(written[2])
    everybody = people(copies)
    connection = get_connection("django.core.mail.backends.smtp.EmailBackend", host=HOST, port=port)
    connection.open()
    began = time.perf_counter()
    for person in islice(everybody, copies):
        connection.send_messages([_mail(subject, plain, page, person)])
    took = time.perf_counter() - began
    connection.close()
    return copies / took


def _mail(
    subject: Template, plain: Template, page: Template, person: dict[str, str]
) -> EmailMultiAlternatives:
    context = Context(person)
    mail = EmailMultiAlternatives(
        subject.render(context), plain.render(context),
        "Northwind Rail <communications@northwind.example>",
        [formataddr((person["name"], person["email"]))],
    )  # fmt: skip
    mail.attach_alternative(page.render(context), "text/html")
    return mail
