"""The task of intake: one message from the inbox to rows, events and answers."""

from __future__ import annotations

from app.session import sessions
from app.tasks.bell import TASK
from app.tasks.celery_app import celery
from common import clock
from customs.intake.process import process_message


@celery.task(name=TASK)
def process(message_id: int) -> None:
    """Work on one message; a repeat finds it done and does nothing."""
    process_message(sessions(), message_id, clock.now())
