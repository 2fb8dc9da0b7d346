"""The worker process: `celery -A app.tasks.worker worker`. Settings, logs and database, then the tasks."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from typing import Any

import structlog
from celery.signals import setup_logging, task_postrun, task_prerun, worker_process_init

from app import logs
from app.session import bind
from app.settings import load_settings
from app.supervise.death import die_with_parent
from app.tasks import bell
from app.tasks.celery_app import celery
from common import clock
from common.db import make_engine, session_factory
from customs.intake.receivers import ReceiverKey

settings = load_settings()
clock.set_offset(timedelta(seconds=settings.clock_offset_s))
bell.bind(settings.broker_url)
app = celery
_parent = os.getpid()


@setup_logging.connect
def _log(**_: Any) -> None:
    logs.configure("worker", settings.data_dir / "log")
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)  # two lines a task cost more than the bell itself


@worker_process_init.connect
def _begin(**_: Any) -> None:
    """Each pool process has its own connection and ends with the worker, however that ends."""
    die_with_parent(_parent)
    engine = make_engine(settings.database_url, pool_size=1, max_overflow=1)
    bind(session_factory(engine, ReceiverKey.from_secret(settings.secret_key).info))


@task_prerun.connect
def _name(task_id: str, task: Any, **_: Any) -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)


@task_postrun.connect
def _unname(**_: Any) -> None:
    structlog.contextvars.clear_contextvars()
