"""Where the benchmark runs: a PostgreSQL of its own with the shipped settings, a fresh database, the demo's firms."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from app.factory import create_app
from app.seed import Seeding, seed
from app.session import bind
from app.settings import Settings
from app.supervise import postgres
from app.supervise.accounts import reachable_home, server_account
from app.supervise.launching import end, launch
from app.supervise.ports import free_port
from app.supervise.schema import upgrade
from common import clock
from common.db import make_engine, session_factory
from common.partitions import ensure_ahead


@dataclass(frozen=True, slots=True)
class Place:
    """The application on its database, and the folder of its files (the demo's accounts among them)."""

    app: Flask
    factory: sessionmaker[Session]
    folder: Path
    url: str


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    """A place below `folder`, thrown away afterwards; what the server keeps is flushed as in production."""
    account = server_account()
    home = reachable_home(folder / "pg", account)
    for old in (folder, home):
        shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o711)
    cluster = postgres.Cluster(home, free_port(), secrets.token_hex(8), account)
    postgres.initialise(cluster)
    program = postgres.program(cluster, folder / "postgres.log")
    child = launch(program)
    try:
        postgres.wait_until_ready(cluster, child)
        postgres.create_database(cluster)
        upgrade(cluster.url())
        yield _filled(cluster.url(), folder)
    finally:
        end(child, program)
        for used in (folder, home):
            shutil.rmtree(used, ignore_errors=True)


def _filled(url: str, folder: Path) -> Place:
    engine = make_engine(url)
    factory = session_factory(engine)
    with factory() as session, session.begin():
        ensure_ahead(session, clock.today())
    seed(factory, Seeding(clock.now(), demo=True, folder=folder))
    settings = Settings(database_url=url, broker_url=None, secret_key=secrets.token_hex(16), demo=True, data_dir=folder)
    app = create_app(settings)
    bind(factory)
    return Place(app, factory, folder, url)
