"""One of everything, for tests that walk over every address."""

import pytest

from tests.cast import Cast
from tests.security.world import World, make_world


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast)
