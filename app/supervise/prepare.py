"""Brings a database to what this program needs: migrations, the coming months, what is shipped, the demo's accounts.

Runs as a process of its own at every start, before anything is served; a repeat changes nothing and is quick.
"""

from __future__ import annotations

from datetime import timedelta

from app import jobs, logs
from app.seed import Seeding, seed
from app.session import bind
from app.settings import load_settings
from app.supervise.schema import upgrade
from common import clock
from common.db import make_engine, session_factory, transaction
from common.partitions import ensure_ahead


def main() -> None:
    """Prepare the database of this process's settings."""
    settings = load_settings()
    logs.configure("prepare", settings.data_dir / "log")
    clock.set_offset(timedelta(seconds=settings.clock_offset_s))
    upgrade(settings.database_url)
    engine = make_engine(settings.database_url)
    factory = session_factory(engine)
    bind(factory)
    with transaction(factory) as session:
        ensure_ahead(session, clock.today())
        jobs.register(session)
    seed(factory, Seeding(at=clock.now(), demo=settings.demo, folder=settings.data_dir))
    engine.dispose()


if __name__ == "__main__":
    main()
