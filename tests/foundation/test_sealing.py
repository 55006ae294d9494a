"""A sealed secret can be used again by us, for its purpose, and read by nobody else."""

import pytest
from flask import Flask

from commsplan.foundation.sealing import Unsealable, seal, unseal

ADDRESS = "https://hooks.example/T/B/töken"


def test_what_was_sealed_comes_back(app: Flask) -> None:
    assert unseal("address", seal("address", ADDRESS)) == ADDRESS


def test_the_seal_shows_nothing_and_is_never_the_same(app: Flask) -> None:
    first, second = seal("address", ADDRESS), seal("address", ADDRESS)
    assert first != second
    assert "hooks" not in first


def test_another_purpose_opens_nothing(app: Flask) -> None:
    with pytest.raises(Unsealable):
        unseal("secret", seal("address", ADDRESS))


def test_another_secret_key_opens_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal("address", ADDRESS)
    monkeypatch.setitem(app.config, "SECRET_KEY", "another-secret-that-is-long-enough-too")
    with pytest.raises(Unsealable):
        unseal("address", sealed)


def test_a_damaged_seal_opens_nothing(app: Flask) -> None:
    sealed = seal("address", ADDRESS)
    flipped = "A" if sealed[40] != "A" else "B"
    with pytest.raises(Unsealable):
        unseal("address", sealed[:40] + flipped + sealed[41:])
