"""Waiting a moment for a worker's answer, so that a page can show it at once instead of a progress bar."""

from __future__ import annotations

import time
from collections.abc import Sequence

from flask import current_app
from sqlalchemy import func, select

from app.session import unit_of_work
from customs.intake.inbox import RECEIVED
from customs.tables import Message

PATIENCE_S = 3.0
"""How long a page waits before it shows progress instead."""

_PAUSE_S = 0.05


def wait_for(message_ids: Sequence[int]) -> bool:
    """Whether all messages have their first answers, waiting up to `PATIENCE_S`; at once where no worker listens."""
    until = time.monotonic() + (PATIENCE_S if current_app.config.get("BROKER_URL") else 0)
    while waiting(message_ids):
        if time.monotonic() + _PAUSE_S > until:
            return False
        time.sleep(_PAUSE_S)
    return True


def waiting(message_ids: Sequence[int]) -> int:
    """How many of the messages still wait for a worker."""
    with unit_of_work() as session:
        query = select(func.count()).where(Message.id.in_(message_ids), Message.state == RECEIVED)
        return session.scalars(query).one()
