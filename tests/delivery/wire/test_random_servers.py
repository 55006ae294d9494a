"""Whatever a server does, every copy comes back once, and none is lost or repeated in silence."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from commsplan.delivery.journal import Journal, evidence_of
from commsplan.delivery.wire import Wire
from commsplan.foundation.relay_addresses import read_relays
from tests.delivery.wire.conftest import SOON, TEXT, Results, finish, parcel
from tests.delivery.wire.server import ALL, Answer, FakeServer, Talk, serving

REFUSALS = [
    b"550 5.1.1 No\r\n",
    b"450-4.2.0 Not\r\n450 4.2.0 now\r\n",
    b"421 4.3.2 Bye\r\n",
    b"552 5.3.4 Too big\r\n",
    b"451 4.3.0 Not you\r\n",
    b"200\r\n",
    b"354 What\r\n",
    b"nonsense\r\n",
]
ENDS: list[Answer] = [Talk.cut, Talk.close]
PLACES = st.tuples(
    st.sampled_from(["MAIL", "RCPT", "RCPT", "DATA", "DOT", "DOT", "RSET"]), st.integers(1, 12)
)
WITHOUT_RECIPIENTS: dict[tuple[str, int], Answer] = {("DATA", -1): b"always 354"}
STEPS = st.builds(
    lambda steps, strange: {**steps, **(WITHOUT_RECIPIENTS if strange else {})},
    st.dictionaries(PLACES, st.sampled_from([*REFUSALS, *ENDS]), max_size=5),
    st.booleans(),
)
OFFERS = st.sampled_from([ALL, ("PIPELINING",), ("8BITMIME",), ()])
CUTS = st.lists(st.integers(250, 4000), max_size=3)  # mostly behind the first greetings
SIZES = st.lists(st.sampled_from([0, 100, 300_000]), min_size=1, max_size=12)


def at_random(seed: int) -> Callable[[bytes], Sequence[bytes]]:
    """Return a way to split answers into packets."""
    chance = random.Random(seed)

    def split(text: bytes) -> Sequence[bytes]:
        at = sorted(chance.sample(range(len(text) + 1), min(len(text), chance.randint(0, 4))))
        return [text[a:b] for a, b in zip([0, *at], [*at, len(text)], strict=True)]

    return split


def send(server: FakeServer, sizes: list[int], lines: int, folder: Path) -> Results:
    """Send copies of these sizes; check the journal against what came back."""
    wire_url = f"smtp://{server.name}?connections={lines}&copies=5"
    with Journal(folder) as journal:
        wire = Wire(read_relays(wire_url), journal, timeouts=SOON)
        wire.put(parcel(n, TEXT + b"z" * size + b"\r\n") for n, size in enumerate(sizes))
        results = finish(wire)
        assert wire.close() == []
        text = journal.path.read_text()
    (folder / "copy.log").write_text(text)
    evidence = evidence_of(folder, "copy")
    assert evidence is not None
    in_journal = {one for one, _fence in evidence.accepted()}
    assert in_journal == {n for n, state in results.states().items() if state == "accepted"}
    silent = {one for one, _fence in evidence.bodies} - {one for one, *_ in evidence.replies}
    assert silent == {n for n, state in results.states().items() if state == "lost"}
    return results


@settings(max_examples=300)
@given(
    steps=STEPS,
    offers=OFFERS,
    read=CUTS,
    said=CUTS,
    sizes=SIZES,
    lines=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
def test_no_copy_is_lost_or_repeated_in_silence(
    *,
    steps: dict[tuple[str, int], Answer],
    offers: Sequence[str],
    read: list[int],
    said: list[int],
    sizes: list[int],
    lines: int,
    seed: int,
) -> None:
    server = FakeServer(
        steps,
        offers,
        at_random(seed),
        receive_buffer=4096,
        cut_when_read=read,
        cut_when_said=said,
    )
    with serving(server), tempfile.TemporaryDirectory() as folder:
        results = send(server, sizes, lines, Path(folder))
    taken = Counter(int(a.split(b"@")[0].removeprefix(b"person")) for a, _body in server.taken)
    states = results.states()
    assert sorted(states) == list(range(len(sizes)))
    assert len(results) == len(sizes)
    assert set(taken.values()) <= {1}
    accepted = {number for number, state in states.items() if state == "accepted"}
    doubtful = {number for number, state in states.items() if state == "lost"}
    assert accepted <= set(taken) <= accepted | doubtful
    assert len(doubtful) <= server.connections
    assert {len(body) for _address, body in server.taken} <= {
        len(TEXT) + size + 2 for size in sizes
    }
