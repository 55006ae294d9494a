"""Whatever leaves over HTTP goes to the address that was looked at, and to the right server."""

import ipaddress
import socket
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask

from commsplan.delivery.channel_webhook import WebhookChannel
from commsplan.delivery.rules import State
from commsplan.foundation.clock import now_utc
from tests.delivery.badly import Bad, bad_server
from tests.delivery.test_webhook import post


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody but its file vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "commsplan test")])
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now_utc() - timedelta(days=1))
        .not_valid_after(now_utc() + timedelta(days=1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "server.pem"
    path.write_bytes(private + made.public_bytes(pem))
    return path


@pytest.fixture
def encrypted(app: Flask, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bad]:
    """A server with TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    monkeypatch.setitem(app.config, "WEBHOOK_PRIVATE_HOSTS", "127.0.0.1")
    with bad_server(context) as bad:
        yield bad


def test_a_certificate_that_nobody_vouches_for_stops_it(encrypted: Bad) -> None:
    outcome = WebhookChannel().hand_over(post(f"https://127.0.0.1:{encrypted.port}/in"))
    assert (outcome.state, outcome.note) == (State.PLANNED, "Its certificate cannot be verified.")
    assert encrypted.came == []


def test_an_organisations_own_authority_is_believed_when_it_is_set(
    app: Flask, encrypted: Bad, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "CA_BUNDLE", str(certificate))
    outcome = WebhookChannel().hand_over(post(f"https://127.0.0.1:{encrypted.port}/in"))
    assert outcome.state is State.ACCEPTED


def test_a_name_that_changes_its_mind_leads_where_it_was_looked_at(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    reached: list[object] = []

    def resolve(host: str, port: int, *_args: object, **_more: object) -> list[object]:
        address = next(answers) if host == "rebinding.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(_socket: socket.socket, address: object) -> None:
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    outcome = WebhookChannel().hand_over(post("https://rebinding.example/in"))
    assert outcome.note == "It cannot be reached."
    assert reached == [("93.184.216.34", 443)]


def test_a_proxy_or_netrc_of_the_environment_changes_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setitem(app.config, "WEBHOOK_PRIVATE_HOSTS", "127.0.0.1")
    with bad_server() as bad:
        assert WebhookChannel().hand_over(post(bad.url)).state is State.ACCEPTED
    assert "Authorization" not in bad.came[0].headers
