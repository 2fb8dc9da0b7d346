"""A real PostgreSQL and Valkey for every test run: one cluster, one migrated template, a clone per worker."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from datetime import date
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.access import passwords
from app.factory import create_app
from app.session import bind
from app.settings import Settings
from app.supervise import postgres, valkey
from app.supervise.accounts import reachable_home, server_account
from app.supervise.launching import Program, end, launch
from app.supervise.ports import free_port
from app.supervise.schema import upgrade
from common import clock
from common.audit import PLATFORM, set_context
from common.db import make_engine, session_factory
from common.partitions import ensure_ahead
from credit.shipped import load_zones
from customs.codes.loading import load_shipped
from customs.intake.receivers import ReceiverKey
from tests.databases import FIRST_LOAD, SHIPPED, TEMPLATE, made_once

pytest_plugins = ["tests.road.fixtures"]

FIRST_MONTH = date(2026, 7, 1)
MONTHS = 9
_running: list[tuple[subprocess.Popen, Program]] = []
_made: list[Path] = []


def pytest_configure(config):
    """Start the servers once, in the process that starts the workers."""
    passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    account = server_account()
    folder = Path(tempfile.mkdtemp(prefix="zone-tests-", dir=tempfile.gettempdir()))
    _made.append(folder)
    folder.chmod(0o711)
    home = reachable_home(folder / "pg", account)
    _made.append(home)
    cluster = postgres.Cluster(home, free_port(), secrets.token_hex(8), account, safe=False)
    postgres.initialise(cluster)
    program = postgres.program(cluster, folder / "postgres.log")
    child = launch(program)
    _running.append((child, program))
    broker = valkey.Broker(folder, free_port(), secrets.token_hex(8))
    _running.append((valkey.start(broker, folder / "valkey.log"), valkey.program(broker, None)))
    postgres.wait_until_ready(cluster, child)
    postgres.create_database(cluster, TEMPLATE)
    upgrade(cluster.url(TEMPLATE))
    make_months(cluster.url(TEMPLATE))
    facts = {
        "folder": str(folder),
        "home": str(home),
        "port": cluster.port,
        "password": cluster.password,
        "broker": broker.url,
    }
    os.environ["ZONE_TEST_SERVERS"] = json.dumps(facts)


def make_months(url):
    """Partitions of the months in which tests receive papers."""
    engine = make_engine(url)
    with Session(engine) as session, session.begin():
        ensure_ahead(session, FIRST_MONTH, MONTHS - 1)
    engine.dispose()


def pytest_unconfigure(config):
    """End the servers and remove what they wrote."""
    while _running:
        end(*_running.pop())
    while _made:
        shutil.rmtree(_made.pop(), ignore_errors=True)


@pytest.fixture(scope="session")
def servers() -> dict:
    """Where this run's servers are."""
    return json.loads(os.environ["ZONE_TEST_SERVERS"])


@pytest.fixture(scope="session")
def cluster(servers) -> postgres.Cluster:
    """This run's PostgreSQL, for tests that need a database of their own."""
    return postgres.Cluster(Path(servers["home"]), servers["port"], servers["password"], safe=False)


@pytest.fixture(scope="session")
def database_url(cluster) -> str:
    """A migrated, empty database of this worker's own."""
    name = f"zone_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    postgres.create_database(cluster, name, template=TEMPLATE)
    return cluster.url(name)


@pytest.fixture(scope="session")
def shipped(cluster) -> str:
    """The name of the template with what comes with the product."""
    made_once(cluster, SHIPPED, TEMPLATE, ship)
    return SHIPPED


def ship(url):
    """Zones and codes as an installation is started with them."""
    engine = make_engine(url)
    at = clock.now()
    with Session(engine) as session, session.begin():
        session.execute(text(f"ALTER TABLE reference_load ALTER COLUMN id RESTART WITH {FIRST_LOAD}"))
        set_context(session, actor=PLATFORM, at=at)
        load_zones(session, at=at)
        load_shipped(session, at=at)
    engine.dispose()


@pytest.fixture(scope="session")
def broker_url(servers) -> str:
    """This run's Valkey."""
    return servers["broker"]


@pytest.fixture(scope="session")
def engine(database_url):
    """Connections to this worker's database."""
    found = make_engine(database_url)
    yield found
    found.dispose()


@pytest.fixture
def connection(engine):
    """A connection in a transaction that is rolled back after the test."""
    with engine.connect() as opened:
        outer = opened.begin()
        yield opened
        outer.rollback()


@pytest.fixture
def db_session(connection):
    """A session whose commits are savepoints: nothing outlives the test."""
    with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
        yield session


@pytest.fixture(scope="session")
def settings(database_url, tmp_path_factory) -> Settings:
    """A demo installation without workers."""
    return Settings(
        database_url=database_url,
        broker_url=None,
        secret_key=secrets.token_hex(16),
        demo=True,
        data_dir=tmp_path_factory.mktemp("var"),
    )


@pytest.fixture(scope="session")
def web(settings):
    """The application, built once per worker."""
    made = create_app(settings)
    made.config["TESTING"] = True
    yield made
    made.extensions["zone.engine"].dispose()


@pytest.fixture
def app(web, settings, connection):
    """The application on the test's own transaction: what requests commit is rolled back with it."""
    factory = session_factory(connection.engine, ReceiverKey.from_secret(settings.secret_key).info)
    factory.configure(bind=connection, join_transaction_mode="create_savepoint")
    bind(factory)
    yield web
    bind(session_factory(web.extensions["zone.engine"]))


@pytest.fixture
def client(app):
    """A caller of the application."""
    return app.test_client()


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch):
    """Tests reach nothing beyond this machine."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(f"tests may not connect to {address[0]}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
