"""Databases of a test run: templates that the first worker to ask makes, and that every other one finds there."""

from __future__ import annotations

from collections.abc import Callable

import psycopg

from app.supervise import postgres

TEMPLATE = "zone_template"
"""The schema with a few months of partitions, and nothing in it."""
SHIPPED = "zone_shipped"
"""`TEMPLATE` with the zones and codes that come with the product."""
FIRST_LOAD = 1_000_000
"""Loads in `SHIPPED` are numbered from here: what a process keeps of one database is not taken for another's."""


def made_once(cluster: postgres.Cluster, name: str, template: str, fill: Callable[[str], None]) -> str:
    """The address of database `name`, made from `template` and filled by whoever asks first; the others wait."""
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as lock:
        lock.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        if not lock.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            draft = f"{name}_draft"
            postgres.create_database(cluster, draft, template=template)
            fill(cluster.url(draft))
            lock.execute(f"ALTER DATABASE {draft} RENAME TO {name}")
    return cluster.url(name)
