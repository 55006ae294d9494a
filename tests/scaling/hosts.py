"""Hosts made of network namespaces, on a bridge of the test's own (10.0.0.0/8, nothing routed).

The machine itself is at the bridge's address, where database, queue and mail server listen. A host
is cut off by taking its link down: packets are lost and nobody is told, as when a switch dies.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
NEEDS_ROOT = (
    "Two worker hosts are made of network namespaces, which only root may make. Run these tests as "
    "root with the right to make namespaces (a container needs CAP_SYS_ADMIN and CAP_NET_ADMIN)."
)


def require() -> None:
    """Have `ip` and the right to use it, or fail in plain words: never silently left out."""
    if os.geteuid() != 0:
        raise AssertionError(NEEDS_ROOT)
    done = subprocess.run(
        [ROOT / "tests" / "install-iproute"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    os.environ["PATH"] += ":/usr/sbin:/sbin"


@dataclass(frozen=True)
class Host:
    """One host; what runs on it is started through `enter`."""

    name: str
    link: str
    """Its cable, at the bridge's end."""

    @property
    def enter(self) -> tuple[str, ...]:
        """What stands before a command so that it runs on this host."""
        return ("ip", "netns", "exec", self.name)

    def cut_off(self) -> None:
        """Pull the cable."""
        _ip("link", "set", self.link, "down")

    def reconnect(self) -> None:
        """Put it back."""
        _ip("link", "set", self.link, "up")


@dataclass(frozen=True)
class Network:
    """A bridge and the hosts on it."""

    address: str
    """Of the machine itself."""
    hosts: tuple[Host, ...]


@contextmanager
def network(number: int) -> Iterator[Network]:
    """Make so many hosts; everything is gone afterwards."""
    subnet = f"10.{os.getpid() % 200 + 20}.{os.getpid() // 200 % 250}"
    short = f"{os.getpid() % 100000}"
    bridge = f"cpb{short}"
    hosts = tuple(Host(f"commsplan-{short}-{n}", f"cpl{short}-{n}") for n in range(number))
    made = Network(f"{subnet}.1", hosts)
    try:
        _ip("link", "add", bridge, "type", "bridge")
        _ip("address", "add", f"{made.address}/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for n, host in enumerate(hosts):
            _add(host, bridge, f"{subnet}.{n + 10}/24", f"cpe{short}-{n}")
        yield made
    finally:
        for host in hosts:
            subprocess.run(["ip", "netns", "delete", host.name], check=False, capture_output=True)
            subprocess.run(["ip", "link", "delete", host.link], check=False, capture_output=True)
        subprocess.run(["ip", "link", "delete", bridge], check=False, capture_output=True)


def _add(host: Host, bridge: str, address: str, end: str) -> None:
    _ip("netns", "add", host.name)
    _ip("link", "add", host.link, "type", "veth", "peer", "name", end, "netns", host.name)
    _ip("link", "set", host.link, "master", bridge, "up")
    _ip("-n", host.name, "address", "add", address, "dev", end)
    _ip("-n", host.name, "link", "set", end, "up")
    _ip("-n", host.name, "link", "set", "lo", "up")


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()} {NEEDS_ROOT}")
