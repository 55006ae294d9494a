"""A Postfix of the test's own: its folder, its queue, its ports; the machine's own is not touched.

It takes mail for @northwind.example into one Maildir, whatever the name, except that names which
begin with "gone." belong to nobody: such mail is taken and then bounced, as by a server that finds
out late. Mail for @bounces.northwind.example goes to whoever listens as LMTP server.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from commsplan.demo.ports import HOST, wait_until_open

ROOT = Path(__file__).parent.parent.parent
DOMAIN = "northwind.example"
BOUNCES = f"bounces.{DOMAIN}"
SERVICES = Path("/etc/postfix/master.cf.proto"), Path("/usr/share/postfix/master.cf.dist")
NEEDS_ROOT = (
    "A Postfix of one's own has to be started by root (its parts change to the users `postfix` and "
    "`nobody`). Run these tests as root, in a container for instance."
)


@dataclass(frozen=True)
class Postfix:
    """A running instance."""

    folder: Path
    port: int

    def mails(self) -> list[EmailMessage]:
        """Return every mail that has reached a mailbox, read by Python's own parser."""
        parser = BytesParser(policy=policy.default)
        files = (self.folder / "mail" / "all" / "new").glob("*")
        return [parser.parsebytes(path.read_bytes()) for path in files]  # type: ignore[misc]

    def log(self) -> str:
        """Return what it has logged."""
        path = self.folder / "maillog"
        return path.read_text(errors="replace") if path.exists() else ""


def require() -> None:
    """Have Postfix, or fail in plain words: these proofs are never silently left out."""
    if os.geteuid() != 0:
        raise AssertionError(NEEDS_ROOT)
    done = subprocess.run(
        [ROOT / "tests" / "install-postfix"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    os.environ["PATH"] += ":/usr/sbin:/sbin"


@contextmanager
def postfix(port: int, lmtp_port: int, **more: str) -> Iterator[Postfix]:
    """Run an instance on `port`; `more` are further parameters of its main.cf."""
    folder = Path(tempfile.mkdtemp(prefix="commsplan-postfix-"))
    folder.chmod(0o755)
    found = Postfix(folder, port)
    _set_up(found, lmtp_port, more)
    control = ["postfix", "-c", str(folder / "etc")]
    try:
        started = subprocess.run([*control, "start"], check=False, capture_output=True, text=True)
        assert started.returncode == 0, started.stderr + found.log()
        assert wait_until_open(port, 20), found.log()
        yield found
    finally:
        subprocess.run([*control, "stop"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def _set_up(server: Postfix, lmtp_port: int, more: dict[str, str]) -> None:
    folder, nobody = server.folder, pwd.getpwnam("nobody")
    for name in ("etc", "queue", "data", "mail"):
        (folder / name).mkdir()
    os.chown(folder / "data", pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postfix").gr_gid)
    os.chown(folder / "mail", nobody.pw_uid, nobody.pw_gid)
    (folder / "etc" / "mailboxes").write_text(
        f"if !/^gone\\./\n/@{DOMAIN.replace('.', '[.]')}$/ all/\nendif\n"
    )
    (folder / "etc" / "transport").write_text(f"{BOUNCES} lmtp:inet:{HOST}:{lmtp_port}\n")
    parameters = {
        "compatibility_level": "3.6",
        "queue_directory": str(folder / "queue"),
        "data_directory": str(folder / "data"),
        "maillog_file": str(folder / "maillog"),
        "maillog_file_prefixes": str(folder),
        "myhostname": f"mx.{DOMAIN}",
        "inet_interfaces": HOST,
        "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.0/8",
        "mydestination": "",
        "alias_maps": "",
        "alias_database": "",
        "local_recipient_maps": "",
        "relay_domains": BOUNCES,
        "transport_maps": f"texthash:{folder}/etc/transport",
        "virtual_mailbox_domains": DOMAIN,
        "virtual_mailbox_base": str(folder / "mail"),
        "virtual_mailbox_maps": f"regexp:{folder}/etc/mailboxes",
        "virtual_minimum_uid": "1",
        "virtual_uid_maps": f"static:{nobody.pw_uid}",
        "virtual_gid_maps": f"static:{nobody.pw_gid}",
        "smtpd_reject_unlisted_recipient": "no",  # "gone." is taken first and bounced later
        "smtpd_recipient_restrictions": "permit_mynetworks, reject",
        "default_destination_concurrency_limit": "4",
        "smtputf8_enable": "yes",
        **more,
    }
    text = "".join(f"{name} = {value}\n" for name, value in parameters.items())
    (folder / "etc" / "main.cf").write_text(text)
    (folder / "etc" / "master.cf").write_text(_services(server.port))


def _services(port: int) -> str:
    """Return Debian's list of services: nothing in a chroot, the SMTP server on our port."""
    wanted = ("pickup", "cleanup", "qmgr", "tlsmgr", "rewrite", "bounce", "defer", "trace")
    wanted += ("verify", "proxymap", "smtp", "relay", "error", "retry", "virtual", "lmtp")
    wanted += ("anvil", "scache", "postlog", "local", "discard")
    lines = [f"{HOST}:{port} inet n - n - - smtpd"]
    for line in next(path for path in SERVICES if path.exists()).read_text().splitlines():
        words = line.split()
        if len(words) >= 8 and words[0] in wanted and words[1] in ("unix", "unix-dgram"):
            lines.append(" ".join([*words[:4], "n", *words[5:]]))
    return "\n".join(lines) + "\n"
