"""Ringing for a worker after a message is committed.

A broker that is away never fails a request: the message is safe in the inbox, and the sweep rings again.
"""

from __future__ import annotations

import logging

from kombu.exceptions import OperationalError

from app.tasks.celery_app import celery, configure

log = logging.getLogger(__name__)

TASK = "intake.process"


class _Process:
    """Whether this process has a broker to ring through."""

    connected = False


def bind(broker_url: str | None) -> None:
    """Say which broker rings; None where nothing is sent to workers."""
    configure(broker_url)
    _Process.connected = broker_url is not None


def ring(message_id: int) -> bool:
    """Call a worker for a committed message; False where nobody could be called, which the sweep makes good."""
    if not _Process.connected:
        return False
    try:
        celery.send_task(TASK, args=[message_id], retry=False, ignore_result=True)
    except (OperationalError, OSError) as away:
        log.warning("the broker is away; the sweep will ring", extra={"message_id": message_id, "why": str(away)})
        return False
    return True
