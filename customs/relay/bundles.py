"""The names of what goes out together: `<subject>:<id>:<revision>`, one bundle for one revision of one paper."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from customs.relay.finding import CHECKLIST, TABLES


def prefix(subject_type: str, id: int) -> str:
    """How the bundles of a paper begin."""
    return f"{subject_type}:{id}:"


def name(subject_type: str, id: int, revision: int) -> str:
    """The bundle of one revision of a paper."""
    return f"{prefix(subject_type, id)}{revision}"


def subject_of(bundle: str) -> tuple[str, int]:
    """The kind and the id of the paper that a bundle belongs to."""
    subject_type, id, _ = bundle.split(":")
    return subject_type, int(id)


def current(session: Session, bundles: Iterable[str]) -> set[str]:
    """Those of the bundles that still say what their paper says.

    Withdrawing a paper raises its revision, and its deletion goes out as a bundle of its own; a checklist that is
    withdrawn has nothing to say any more.
    """
    ids: dict[str, set[int]] = {}
    for bundle in bundles:
        subject_type, id = subject_of(bundle)
        ids.setdefault(subject_type, set()).add(id)
    found: set[str] = set()
    for subject_type, wanted in ids.items():
        table = TABLES[subject_type]
        query = select(table.id, table.revision).where(table.id.in_(sorted(wanted)))
        if subject_type == CHECKLIST:
            query = query.where(table.withdrawn_at.is_(None))
        found |= {name(subject_type, row.id, row.revision) for row in session.execute(query)}
    return found
