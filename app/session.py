"""The process's database sessions: one unit of work per request or command, with its actor known to the audit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import g, has_request_context
from sqlalchemy.orm import Session, sessionmaker

from common import clock
from common.audit import PLATFORM, set_context
from common.db import transaction


class _Process:
    """This process's session factory, bound once at start."""

    factory: sessionmaker[Session] | None = None


def bind(factory: sessionmaker[Session]) -> None:
    """Say which database this process works on."""
    _Process.factory = factory


def sessions() -> sessionmaker[Session]:
    """The process's session factory; raises `RuntimeError` before `bind`."""
    if _Process.factory is None:
        raise RuntimeError("no database bound: create_app and the worker call app.session.bind")
    return _Process.factory


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """A session that commits when the block ends well; what it changes is audited under the asking person's name."""
    from app.access import person  # the access layer itself reads accounts through this module

    with transaction(sessions()) as session:
        asking = person()
        request_id = g.get("request_id", "") if has_request_context() else ""
        set_context(
            session, actor=asking.actor if asking.signed_in else PLATFORM, at=clock.now(), request_id=request_id
        )
        yield session
