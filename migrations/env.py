"""Runs migrations on the database of the process's settings, one at a time, never waiting long for a lock."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection, text

from app.settings import load_settings
from app.supervise.schema import include_object, target_metadata
from common.db import make_engine

LOCK_TIMEOUT = "5s"
ONE_AT_A_TIME = 440200


def run(connection: Connection) -> None:
    """Upgrade or downgrade on this connection, all in one transaction."""
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
    options: dict[str, Any] = {"target_metadata": target_metadata(), "include_object": include_object}
    context.configure(connection=connection, compare_type=True, **options)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    url = context.config.get_main_option("sqlalchemy.url") or load_settings().database_url
    engine = make_engine(url)
    with engine.begin() as own:
        run(own)
    engine.dispose()
