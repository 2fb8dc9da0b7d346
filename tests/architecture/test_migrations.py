"""The migrations make exactly what the program maps, and can be undone."""

import os
import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.base import ischema_names

from app.supervise import postgres
from app.supervise.schema import config, downgrade, include_object, target_metadata, upgrade
from common.db import make_engine
from common.events import Xid8

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty_url(cluster):
    """An empty database of this test's own."""
    name = f"zone_migrations_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    postgres.create_database(cluster, name)
    yield cluster.url(name)
    engine = make_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def tables(url):
    engine = make_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"))
        names = set(found.scalars())
    engine.dispose()
    return names


def test_migrations_go_up_down_and_up_again(empty_url):
    upgrade(empty_url)
    first = tables(empty_url)
    downgrade(empty_url, "base")
    assert tables(empty_url) == {"alembic_version", "alembic_version_pkc"}
    upgrade(empty_url)
    assert tables(empty_url) == first


def test_the_migrated_schema_is_what_the_program_maps(empty_url, monkeypatch):
    monkeypatch.setitem(ischema_names, "xid8", Xid8)  # a type that SQLAlchemy does not know
    upgrade(empty_url)
    engine = make_engine(empty_url)
    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": include_object}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), target_metadata())
    engine.dispose()
    assert found == []


def test_there_is_one_head_and_the_file_names_it():
    heads = ScriptDirectory.from_config(config("postgresql://")).get_heads()
    assert heads == [(ROOT / "migrations" / "HEAD").read_text(encoding="utf-8").strip()]


def test_migrations_are_numbered_in_their_order():
    revisions = ScriptDirectory.from_config(config("postgresql://")).walk_revisions()
    numbers = [revision.revision for revision in reversed(list(revisions))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    names = [file.name for file in (ROOT / "migrations" / "versions").glob("*.py")]
    assert [name for name in names if not re.match(r"^\d{4}_[a-z0-9_]+\.py$", name)] == []
