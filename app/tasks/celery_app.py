"""The Celery application: settings that senders and workers share.

The database is the truth and the broker only rings the bell: tasks carry ids, keep no results, are acknowledged when
done, and a task that is lost with its worker is rung for again by the sweep (`app.jobs_work`).
"""

from __future__ import annotations

from celery import Celery

celery = Celery("zone", set_as_current=True)
celery.conf.update(
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": 600,  # seconds until the broker hands a dead worker's task out again
        "socket_connect_timeout": 2,
        "max_retries": 1,  # a sender does not wait for a broker that is away
        "interval_start": 0,
        "interval_step": 0.1,
    },
    imports=["app.tasks.intake"],
)


def configure(broker_url: str | None) -> None:
    """Say which broker this process uses."""
    celery.conf.broker_url = broker_url
