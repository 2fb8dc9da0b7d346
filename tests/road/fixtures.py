"""The whole road on a database with the product's codes, zones, sample rates and the demo's firms."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from app.factory import create_app
from app.seed import Seeding, seed
from app.session import bind
from app.settings import Settings
from app.supervise import postgres
from common import clock
from common.db import make_engine, session_factory
from common.partitions import ensure_ahead
from customs.intake.receivers import ReceiverKey
from tests.databases import made_once
from tests.road.papers import Road

SECRET = "road-tests-secret-key"
SEEDED = "zone_seeded"
ACCOUNTS = "demo-accounts.json"


@pytest.fixture(scope="session")
def seeded(servers, cluster, shipped) -> Path:
    """Where the demo's accounts of `SEEDED` are told, which is filled as `make run` fills it; once for all workers."""
    folder = Path(servers["folder"]) / "seeded"

    def fill(url):
        folder.mkdir(exist_ok=True)
        engine = make_engine(url)
        factory = session_factory(engine)
        seed(factory, Seeding(clock.now(), demo=True, folder=folder))
        with factory() as session, session.begin():
            ensure_ahead(session, clock.today())
        engine.dispose()

    made_once(cluster, SEEDED, shipped, fill)
    return folder


@pytest.fixture(scope="session")
def road_folder(seeded, tmp_path_factory):
    """Where the demo's accounts are told."""
    folder = tmp_path_factory.mktemp("road")
    shutil.copy(seeded / ACCOUNTS, folder)
    return folder


@pytest.fixture(scope="session")
def road_url(cluster, seeded):
    """A seeded database of this worker's own."""
    name = f"road_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    postgres.create_database(cluster, name, template=SEEDED)
    return cluster.url(name)


@pytest.fixture(scope="session")
def road_app(road_url, road_folder):
    """The application on that database; what it commits stays."""
    settings = Settings(database_url=road_url, broker_url=None, secret_key=SECRET, demo=True, data_dir=road_folder)
    made = create_app(settings)
    made.config["TESTING"] = True
    yield made
    made.extensions["zone.engine"].dispose()


@pytest.fixture
def road(road_app, road_folder):
    """Papers by the demo's accounts, through the API and a worker of the test's own."""
    factory = session_factory(road_app.extensions["zone.engine"], ReceiverKey.from_secret(SECRET).info)
    bind(factory)
    accounts = {one["key"]: one for one in json.loads((road_folder / ACCOUNTS).read_text("utf-8"))}
    return Road(road_app, factory, accounts)
