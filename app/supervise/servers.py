"""Our own PostgreSQL and Valkey under `var/`, unless the environment names others."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import redis

from app.supervise import postgres, valkey
from app.supervise.accounts import ELSEWHERE, Account, can_reach, give, server_account
from app.supervise.children import Children
from app.supervise.folder import Folder
from app.supervise.launching import Program
from app.supervise.ports import free_port
from app.supervise.refusals import CannotStartError

Say = Callable[[str], None]
_HOME = "SERVERS_HOME"
_PASSWORD = "POSTGRES_PASSWORD"  # noqa: S105 - the name of a kept value
_PATIENCE_S = 5


def start_database(folder: Folder, children: Children, say: Say) -> str:
    """Start our own PostgreSQL, made at the first start; the address of its database."""
    account = server_account()
    home = _home(folder, account, say) / "postgres"
    if (home / "data").exists() and folder.kept(_PASSWORD) is None:
        raise CannotStartError(
            f"{folder.path}/keys.env has lost the password of the database in {home}: restore the file, "
            "or remove both to begin anew"
        )
    cluster = postgres.Cluster(home, free_port(), folder.key(_PASSWORD), account)
    if not (home / "data").exists():
        say("making the database")
    try:
        postgres.initialise(cluster)
    except subprocess.CalledProcessError as failed:
        raise CannotStartError(f"the database could not be made: {failed.stderr.strip()}") from None
    program = _server(postgres.program(cluster, folder.log / "postgres.log"), folder)
    child = children.start(program, before=lambda: postgres.clear_the_way(cluster))
    postgres.wait_until_ready(cluster, child, children.watch)
    postgres.create_database(cluster)
    return cluster.url()


def start_broker(folder: Folder, children: Children, say: Say) -> str:
    """Start our own Valkey; its address."""
    account = server_account()
    home = _home(folder, account, say) / "valkey"
    give(home, account)
    broker = valkey.Broker(home, free_port(), secrets.token_hex(24), account)
    valkey.write_settings(broker)
    children.start(_server(valkey.program(broker, folder.log / "valkey.log"), folder))
    return broker.url


def check_database(url: str) -> None:
    """Raise `CannotStartError` where somebody else's database does not answer."""
    try:
        with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=_PATIENCE_S):
            return
    except psycopg.Error as refused:
        raise CannotStartError(f"DATABASE_URL does not answer: {str(refused).splitlines()[0]}") from None


def check_broker(url: str) -> None:
    """Raise `CannotStartError` where somebody else's broker does not answer."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=_PATIENCE_S, socket_timeout=_PATIENCE_S) as client:
            client.ping()
    except (redis.RedisError, ValueError) as refused:
        raise CannotStartError(f"BROKER_URL does not answer: {refused}") from None


def _server(program: Program, folder: Folder) -> Program:
    # of our environment, servers see nothing that they have no need of: it holds addresses and keys
    passed = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    return replace(program, env={**passed, "LC_ALL": "C.UTF-8", **folder.mark})


def _home(folder: Folder, account: Account | None, say: Say) -> Path:
    """Where the servers' folders are: in `var/`, or below /var/lib where their account cannot reach `var/`."""
    kept = folder.kept(_HOME)
    if kept is None and can_reach(folder.path / "postgres", account):
        return folder.path
    prefix = hashlib.sha256(str(folder.path).encode()).hexdigest()[:16]
    own = Path(kept) if kept else Path(folder.keep(_HOME, str(ELSEWHERE / f"{prefix}-{secrets.token_hex(4)}")))
    for old in ELSEWHERE.glob(f"{prefix}-*"):
        if old != own:
            say(f"removing {old}: the data of a {folder.path} that was removed")
            shutil.rmtree(old, ignore_errors=True)
    if kept is None:
        say(f"the database's account cannot reach {folder.path}; its data goes to {own}")
    give(own, account)
    return own
