"""The parts of the delivery benchmark: what is started for each, and what is measured."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figures
from bench.gauge import percentile
from bench.naive import naive_loop, templates_of
from bench.probe import Probe, Watching
from bench.sink import mean_size, sink, smtp_source
from bench.stage import Stage, stage
from commsplan.delivery.models import Send
from commsplan.delivery.starting import start_due_sends
from commsplan.foundation.database import db
from tests import crowd

PAGES_PER_SECOND = 5
IDLE_SECONDS = 15.0
NAIVE_SHARE = 10  # the loop sends a tenth: it is as fast after 1,000 copies as after 40,000


@dataclass
class Bench:
    """What all parts share."""

    folder: Path
    ports: tuple[int, int, int]
    """Of queue, web and mail server."""
    copies: int
    rounds: int
    figures: Figures

    def race(self, url: str, prefix: str = "") -> None:
        """Run smtp-source, the engine and (on PostgreSQL) the loop, in turns."""
        names = {one: prefix + one for one in ("smtp_source_per_s", "engine_per_s", "cpu_us")}
        with self._engine(f"race{prefix}", url, self.copies) as it, self._sized(it) as size:
            written = self._naive(it)
            for _ in range(self.rounds):
                source = smtp_source(self.ports[2], self.copies, size)
                self.figures.add(names["smtp_source_per_s"], source)
                sent = it.send(str(self.copies))
                self.figures.add(names["engine_per_s"], sent.rate)
                self.figures.add(names["cpu_us"], sent.cpu_us)
                if not prefix:
                    loop = naive_loop(self.ports[2], self.copies // NAIVE_SHARE, written)
                    self.figures.add("naive_loop_per_s", loop)
        self.figures.ratio(
            f"{prefix}ratio_smtp_source", names["engine_per_s"], names["smtp_source_per_s"]
        )
        if not prefix:
            self.figures.ratio("ratio_naive_loop", "engine_per_s", "naive_loop_per_s")
            self.figures.add("cpu_us_per_message", self.figures.of("cpu_us"))

    def pages(self, url: str, copies: int) -> None:
        """Compare pages while nothing is sent with pages during a send."""
        with self._engine("pages", url, copies) as it, sink(self.ports[2]):
            it.start_engine()
            it.made.start_web(self.ports[1])
            probe = Probe(it)
            before = it.send(str(crowd.SIZES[1] if copies > crowd.SIZES[1] else crowd.WARM))
            pages = _paths(before.send_id)  # the same in both: a running send's page costs less
            probe.warm_up(pages)
            idle = Watching(probe, pages, PAGES_PER_SECOND)
            time.sleep(IDLE_SECONDS)
            quiet = idle.end()
            watching: list[Watching] = []
            sent = it.send(
                str(copies),
                lambda _one: watching.append(Watching(probe, pages, PAGES_PER_SECOND)),
            )
            busy = watching[0].end()
        self.figures.add("page_idle_p95_ms", percentile(quiet, 0.95))
        self.figures.add("page_send_p95_ms", percentile(busy, 0.95))
        self.figures.add("engine_per_s_under_pages", sent.rate)
        self.figures.ratio("page_p95_ratio_under_send", "page_send_p95_ms", "page_idle_p95_ms")

    def memory(self, url: str, copies: int) -> None:
        """Take the workers' memory after a small send and, with new workers, after a large one."""
        with self._engine("memory", url, copies) as it, sink(self.ports[2]):
            for size in (size for size in crowd.SIZES[1:] if size in (10_000, copies)):
                it.start_engine()
                it.send(str(size))
                self.figures.add(f"worker_rss_mb_{size // 1000}k", it.memory_mb())
                it.stop_engine()

    def freeze(self, url: str, number: int, whole: bool) -> None:
        """Start a send to everybody, while pages are asked for; with `whole`, send it too."""
        with self._engine("freeze", url, number) as it, sink(self.ports[2]):
            it.made.start_web(self.ports[1])
            probe = Probe(it)
            with it.made.app.app_context():
                send_id = crowd.write_and_schedule("everybody")
                probe.warm_up(_paths(send_id))
                watching = Watching(probe, _paths(send_id), PAGES_PER_SECOND)
                time.sleep(2)
                before = _wal(it)
                began = time.perf_counter()
                start_due_sends()
                self.figures.add("freeze_1m_s", time.perf_counter() - began)
                addressed = db.session.get_one(Send, send_id).addressed
                db.session.remove()
            slowest = max(watching.end())
            self.figures.add("freeze_people", addressed)
            self.figures.add("page_max_ms_during_freeze", slowest)
            self._ledger(it, "frozen", before)
            if whole:
                self._send_all(it, send_id)

    def _send_all(self, it: Stage, send_id: int) -> None:
        """Let two new workers send what is frozen, and see what that took."""
        before = _wal(it)
        began = time.monotonic()
        it.start_engine(warm=False)
        it.made.wait_for(send_id)
        took = time.monotonic() - began
        self.figures.add("engine_per_s_of_all", self.figures.of("freeze_people") / took)
        self.figures.add("worker_rss_mb_all", it.memory_mb())
        self._ledger(it, "sent", before)

    def _ledger(self, it: Stage, when: str, wal_before: float) -> None:
        with it.made.app.app_context():
            size = it.made.ask(
                "select pg_total_relation_size('delivery'), pg_relation_size('delivery')"
            )
            self.figures.add(f"ledger_{when}_mb", int(str(size[0][0])) / 2**20)
            self.figures.add(f"ledger_{when}_rows_mb", int(str(size[0][1])) / 2**20)
        self.figures.add(f"wal_{when}_mb", _wal(it) - wal_before)

    @contextmanager
    def _engine(self, name: str, url: str, number: int) -> Iterator[Stage]:
        """Set up an installation with so many people."""
        with stage(self.folder / name, url, self.ports) as it:
            with it.made.app.app_context():
                crowd.employ(number)
                db.session.remove()
            yield it

    @contextmanager
    def _sized(self, it: Stage) -> Iterator[int]:
        """Start the engine, find how large its copies are, then leave it with an empty sink."""
        with TemporaryDirectory() as name:
            Path(name).chmod(0o777)
            with sink(self.ports[2], Path(name)):
                it.start_engine()
            size = mean_size(Path(name))
        self.figures.add("copy_bytes", size)
        with sink(self.ports[2]):
            it.send(str(crowd.WARM))  # connections to the old sink are gone; that is over now
            yield size

    def _naive(self, it: Stage) -> tuple[str, str, str]:
        with it.made.app.app_context():
            send = db.session.query(Send).order_by(Send.id.desc()).first()
            assert send is not None
            found = templates_of(send.version)
            db.session.remove()
        return found


def _paths(send_id: int) -> tuple[str, ...]:
    return ("/", f"/sends/{send_id}")


def _wal(it: Stage) -> float:
    """Return how much write-ahead log there has been so far, in MB."""
    with it.made.app.app_context():
        return (
            float(str(it.made.ask("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")[0][0]))
            / 2**20
        )
