"""The asking person as the queries see them."""

from __future__ import annotations

from app.access import Role, person
from customs.queries.scope import Viewer

OFFICERS = frozenset({Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR, Role.AUDITOR})
"""Roles that see tier and trace."""


def viewer() -> Viewer:
    """Whose papers the asking person may see."""
    asking = person()
    if asking.enterprise_id is not None:
        return Viewer(asking.enterprise_id)
    return Viewer(None, asking.zones, officer=asking.role in OFFICERS)
