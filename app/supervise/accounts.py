"""Which account the database runs under, and where that account can reach its files.

PostgreSQL refuses to run as root. Started by root, it runs under a system account of its own, made on the first start
(`nobody` where no account can be made). Modes of folders above ours are never changed: where the account cannot reach
the checkout (a clone under /root), data and binaries go to `/var/lib/zone-window/…` instead.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAME = "zone-window"
ELSEWHERE = Path("/var/lib/zone-window")


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged account to drop to; None of these fields is root's."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """The account that servers run under: None where this process is already unprivileged."""
    if os.geteuid() != 0:
        return None
    for name in (NAME, "nobody"):
        found = _find(name) or (_make(name) if name == NAME else None)
        if found:
            return found
    raise RuntimeError("no account to run PostgreSQL under: make one with `useradd --system zone-window`")


def _find(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)


def _make(name: str) -> Account | None:
    tool = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin")
    if tool is None:
        return None
    subprocess.run(
        [tool, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
         "--shell", "/usr/sbin/nologin", name],
        check=False, capture_output=True,
    )  # fmt: skip
    return _find(name)


def can_reach(path: Path, account: Account | None) -> bool:
    """Whether the account may pass through every folder down to `path` (which it may not own yet)."""
    if account is None:
        return True
    return all(_may_pass(folder, account) for folder in path.resolve().parents if folder.exists())


def _may_pass(folder: Path, account: Account) -> bool:
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & 0o100)
    if found.st_gid == account.gid:
        return bool(found.st_mode & 0o010)
    return bool(found.st_mode & 0o001)


def reachable_home(wanted: Path, account: Account | None) -> Path:
    """`wanted`, or a folder of this checkout's own under /var/lib where the account cannot reach `wanted`."""
    if can_reach(wanted, account):
        return wanted
    return ELSEWHERE / hashlib.sha256(str(wanted.resolve()).encode()).hexdigest()[:16]


def give(path: Path, account: Account | None) -> None:
    """Make a folder that only its owner may enter, owned by the account."""
    if account is not None and path.is_relative_to(ELSEWHERE):
        ELSEWHERE.mkdir(mode=0o711, parents=True, exist_ok=True)
        ELSEWHERE.chmod(0o711)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is not None:
        os.chown(path, account.uid, account.gid)
