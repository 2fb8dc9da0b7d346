"""The installation's folder `var/`: whose it is, that only one supervisor works on it, its secrets, what was left over.

`run/supervisor.lock` is held while a supervisor lives; `run/<name>.pid` names each of its processes; `keys.env` keeps
what must outlive a stop. Everything secret is readable by the owner only.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import secrets
import signal
import time
from pathlib import Path

from app.settings import read_env_file
from app.supervise.death import SUPERVISED
from app.supervise.refusals import CannotStartError

LEFT_S = 40.0
"""How long a leftover process may take to end in good order."""
_POSTGRES = "postgres"


class Folder:
    """`var/` of one installation, held by this process until it ends."""

    def __init__(self, path: Path) -> None:
        """Take the folder; raises `CannotStartError` where it is somebody else's or another supervisor works on it."""
        self.path = _own(path)
        self.run = _private(path / "run")
        self.log = _private(path / "log")
        self._lock = self._hold()
        self.write_pid("supervisor", os.getpid())

    def _hold(self) -> int:
        file = os.open(self.run / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            other = _read(self.run / "supervisor.pid").strip() or "unknown"
            raise CannotStartError(
                f"{self.path} is in use: another make run (process {other}) works there; end it first, "
                "or give this one another folder with ZONE_VAR and another PORT"
            ) from None
        return file

    @property
    def mark(self) -> dict[str, str]:
        """What the environment of every process of this installation carries."""
        return {SUPERVISED: str(self.path)}

    def write_pid(self, name: str, pid: int) -> None:
        """Name a running process."""
        fresh = self.run / f"{name}.new"
        fresh.write_text(f"{pid}\n", encoding="utf-8")
        fresh.replace(self.run / f"{name}.pid")

    def forget_pid(self, name: str) -> None:
        """The process has ended."""
        (self.run / f"{name}.pid").unlink(missing_ok=True)

    def key(self, name: str) -> str:
        """A secret that is drawn once and kept in `keys.env`."""
        return self.kept(name) or self.keep(name, secrets.token_hex(24))

    def kept(self, name: str) -> str | None:
        """A value kept in `keys.env`."""
        return read_env_file(self.path / "keys.env").get(name)

    def keep(self, name: str, value: str) -> str:
        """Keep a value in `keys.env`."""
        write_env_file(self.path / "keys.env", {**read_env_file(self.path / "keys.env"), name: value})
        return value

    def end_leftovers(self) -> list[str]:
        """End what an earlier supervisor left running; returns their names. Numbers that others now have are left."""
        ended = []
        for file in sorted(self.run.glob("*.pid")):
            pid = _read(file).strip()
            if pid.isdigit() and int(pid) != os.getpid():
                if self.is_ours(int(pid)):
                    end_process(int(pid), signal.SIGINT if file.stem == _POSTGRES else signal.SIGTERM)
                    ended.append(file.stem)
                file.unlink(missing_ok=True)
        return ended

    def is_ours(self, pid: int) -> bool:
        """Whether a process was started for this installation: its environment carries our mark."""
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return False
        return f"{SUPERVISED}={self.path}".encode() in environment


def write_env_file(path: Path, values: dict[str, str]) -> None:
    """Write NAME=value lines that only the owner can read, all or nothing."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def end_process(pid: int, stop: signal.Signals) -> None:
    """End a process that is not our child: in good order, by force after a while."""
    for number, patience in ((stop, LEFT_S), (signal.SIGKILL, LEFT_S)):
        until = time.monotonic() + patience
        try:
            os.kill(pid, number)
            while time.monotonic() < until and is_alive(pid):
                time.sleep(0.05)
        except ProcessLookupError:
            return
        if not is_alive(pid):
            return


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be read by its parent does not."""
    state = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return bool(state) and state[0] != "Z"


def _own(path: Path) -> Path:
    try:
        # as root, the database's account must pass through to its own folder below
        path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        owner = path.stat().st_uid
    except OSError as refused:
        raise CannotStartError(
            f"{path} cannot be used: {refused.strerror}; give another folder with ZONE_VAR"
        ) from None
    if owner != os.geteuid():
        raise CannotStartError(
            f"{path} belongs to {_name(owner)} and you are {_name(os.geteuid())}: start as {_name(owner)}, "
            "start from a clone of your own, or give another folder with ZONE_VAR"
        )
    return path


def _private(path: Path) -> Path:
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
