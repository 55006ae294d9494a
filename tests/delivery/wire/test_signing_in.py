"""A relay that asks who we are is told, and a wrong password costs no copy anything."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.delivery.sink import Sink, free_port
from tests.delivery.wire.certificates import Certified, certified
from tests.delivery.wire.conftest import TEXT, Bench, finish, parcel
from tests.delivery.wire.server import FakeServer, Talk

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
BODY = b"Message-ID: <1@out.example>\r\n" + TEXT


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    return certified(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def strict() -> Iterator[int]:
    """An aiosmtpd that takes nothing from strangers; its port."""

    def authenticate(*arguments: object) -> AuthResult:
        known = arguments[-1] == LoginPassword(b"us", b"let me/in")
        return AuthResult(success=known, handled=False)

    port = free_port()
    controller = Controller(
        Sink(),
        hostname="127.0.0.1",
        port=port,
        auth_required=True,
        auth_require_tls=False,
        authenticator=authenticate,
        ready_timeout=10,
    )
    controller.start()
    yield port
    controller.stop(no_assert=True)


def test_the_right_password_is_let_in(bench: Bench, strict: int) -> None:
    wire = bench.wire_to(f"smtp://us:let%20me%2Fin@127.0.0.1:{strict}")
    wire.put([parcel(1, BODY)])
    assert finish(wire).tally() == {"accepted": 1}


def test_the_wrong_password_makes_the_relay_away(bench: Bench, strict: int) -> None:
    url = f"smtp://us:secret@127.0.0.1:{strict}?connections=1"
    wire = bench.wire_to(url)
    wire.put([parcel(1, BODY)])
    results = finish(wire)
    assert results.tally() == {"away": 1}
    assert results.of(1).outcome.note.startswith("535 ")
    assert "secret" not in results.of(1).outcome.note


def test_a_stranger_is_not_let_in(bench: Bench, strict: int) -> None:
    wire = bench.wire_to(f"smtp://127.0.0.1:{strict}")
    wire.put([parcel(1, BODY)])
    assert finish(wire).of(1).outcome.note.startswith("530 ")


def sign_in(bench: Bench, server: FakeServer) -> str:
    """Send one copy as "us" and return what became of it."""
    wire = bench.wire_to(f"smtp://us:secret@{server.name}?connections=1")
    wire.put([parcel(1)])
    (done,) = finish(wire)
    return done.outcome.note


def test_login_is_spoken_where_plain_is_not(bench: Bench) -> None:
    def challenge(talk: Talk) -> None:
        talk.say(b"334 UGFzc3dvcmQ6\r\n")
        assert talk.line() == b"c2VjcmV0"
        talk.say(b"235 Come in\r\n")

    server = bench.server({("AUTH", 1): challenge}, offers=("AUTH LOGIN",))
    assert sign_in(bench, server).startswith("250 ")
    assert b"AUTH LOGIN dXM=" in server.heard


def test_cram_md5_does_not_show_the_password(bench: Bench) -> None:
    def challenge(talk: Talk) -> None:
        talk.say(b"334 PDFAZmFrZT4=\r\n")
        talk.line()
        talk.say(b"235 Come in\r\n")

    server = bench.server({("AUTH", 1): challenge}, offers=("AUTH CRAM-MD5 PLAIN",))
    assert sign_in(bench, server).startswith("250 ")
    digest = hmac.new(b"secret", b"<1@fake>", "md5").hexdigest()  # RFC 2195 §2
    assert server.heard[2] == b64encode(f"us {digest}".encode())


def test_a_server_that_offers_no_sign_in_is_away(bench: Bench) -> None:
    assert "AUTH" in sign_in(bench, bench.server())


def test_a_challenge_that_is_garbage_makes_the_relay_away(bench: Bench) -> None:
    server = bench.server({("AUTH", 0): b"334 x\r\n"}, offers=("AUTH CRAM-MD5",))
    assert sign_in(bench, server)
    assert server.taken == []


def test_the_password_is_said_behind_the_encryption_alone(bench: Bench, trust: Certified) -> None:
    server = bench.server(
        {
            ("EHLO", 1): b"250-fake\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n",
            ("AUTH", 1): b"235 Hi\r\n",
        },
        offers=("AUTH PLAIN",),
        tls=trust.server,
    )
    wire = bench.wire_to(f"smtp+starttls://us:secret@{server.name}?connections=1", tls=trust.client)
    wire.put([parcel(1)])
    assert finish(wire).tally() == {"accepted": 1}
    words = [line.split(b" ")[0].upper() for line in server.heard[:4]]
    assert words == [b"EHLO", b"STARTTLS", b"EHLO", b"AUTH"]
