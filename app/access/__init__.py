"""Who is asking, and whether they may: accounts, tokens, sessions, roles, declared access of routes."""

from __future__ import annotations

from flask import Flask

from app.access.declared import allow, allow_everyone, allow_signed_in, changes_nothing, check_declared
from app.access.persons import ANONYMOUS, Person, person
from app.access.roles import AGENCY, ENTERPRISE, Role

__all__ = [
    "AGENCY",
    "ANONYMOUS",
    "ENTERPRISE",
    "Person",
    "Role",
    "allow",
    "allow_everyone",
    "allow_signed_in",
    "changes_nothing",
    "check_declared",
    "install",
    "person",
]


def install(app: Flask) -> None:
    """Enforce declared access on every request; call `check_declared(app)` once all routes are registered."""
    from app.access import enforcement, reads  # use app.session, which asks this package for the person

    enforcement.install(app)
    reads.install(app)
