"""The scheduler process: runs the periodic jobs of `app.jobs` as they become due."""

from __future__ import annotations

import logging
import signal
import threading
from datetime import timedelta

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from app import jobs, logs
from app.session import bind
from app.settings import load_settings
from app.tasks import bell
from common import clock
from common.db import make_engine, session_factory, transaction

log = logging.getLogger(__name__)

TICK_S = 1.0


def main() -> None:
    """Run due jobs every second until told to end."""
    settings = load_settings()
    logs.configure("scheduler", settings.data_dir / "log")
    clock.set_offset(timedelta(seconds=settings.clock_offset_s))
    bell.bind(settings.broker_url)
    factory = session_factory(make_engine(settings.database_url, pool_size=2, max_overflow=1))
    bind(factory)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    _keep_running(factory, ended)


def _keep_running(factory: sessionmaker[Session], ended: threading.Event) -> None:
    registered = False
    while not ended.wait(TICK_S if registered else 0):
        try:
            if not registered:
                with transaction(factory) as session:
                    jobs.register(session)
                registered = True
            for ran in jobs.run_due(factory, clock.now()):
                if ran.count or ran.ms >= 1000:
                    log.info("job ran", extra={"job": ran.name, "count": ran.count, "ms": ran.ms})
        except OperationalError:
            log.warning("the database is away; trying again")
            ended.wait(TICK_S)


if __name__ == "__main__":
    main()
