"""What has been loaded into the reference tables (codes, rates, calendar), and which state of them a process holds.

Every load leaves one row: what, from which source, by whom, how many rows changed. The newest row of a table is its
version; snapshots in memory are thrown away when it moves. Rows are only ever added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Identity, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from common.db import Base

_SESSION_KEY = "reference_versions"

SHIPPED = "platform"
"""Who loads the rows that come with the product."""


class ReferenceLoad(Base):
    """One load of one reference table."""

    __tablename__ = "reference_load"
    __table_args__ = (Index("ix_reference_load_name", "name", "id"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    """The table: `codes.country`, `rates.customs`, `calendar`."""
    source: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the file, so that a file can be recognised later."""
    added: Mapped[int]
    changed: Mapped[int]
    removed: Mapped[int]
    loaded_by: Mapped[str] = mapped_column(String(100))
    loaded_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class LoadResult:
    """How many rows a load added, changed, removed and found already there."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    same: int = 0


@dataclass(frozen=True, slots=True)
class LoadedBy:
    """Who loads which file, from which source, when."""

    source: str
    digest: str
    person: str
    at: datetime


def record_load(session: Session, name: str, by: LoadedBy, result: LoadResult) -> None:
    """Write the load's row; snapshots of that table are stale from here on."""
    session.add(
        ReferenceLoad(
            name=name,
            source=by.source,
            digest=by.digest,
            added=result.added,
            changed=result.changed,
            removed=result.removed,
            loaded_by=by.person,
            loaded_at=by.at,
        )
    )
    session.flush()
    session.info.pop(_SESSION_KEY, None)


def versions(session: Session) -> Mapping[str, int]:
    """The newest load of every table; asked once per session."""
    held = session.info.get(_SESSION_KEY)
    if not isinstance(held, dict):
        rows = session.execute(select(ReferenceLoad.name, func.max(ReferenceLoad.id)).group_by(ReferenceLoad.name))
        held = session.info[_SESSION_KEY] = {name: version for name, version in rows}
    return held


def loads(session: Session, name: str, limit: int = 10) -> list[ReferenceLoad]:
    """The newest loads of a table, newest first."""
    query = select(ReferenceLoad).where(ReferenceLoad.name == name).order_by(ReferenceLoad.id.desc()).limit(limit)
    return list(session.scalars(query))


def last_loads(session: Session, prefix: str) -> dict[str, ReferenceLoad]:
    """The newest load of every table whose name begins with the prefix, by name."""
    newest = select(func.max(ReferenceLoad.id)).group_by(ReferenceLoad.name)
    query = select(ReferenceLoad).where(ReferenceLoad.id.in_(newest), ReferenceLoad.name.startswith(prefix))
    return {one.name: one for one in session.scalars(query)}


def last_digest(session: Session, name: str, person: str) -> str | None:
    """The digest of the last file that `person` loaded into a table."""
    query = select(ReferenceLoad.digest).where(ReferenceLoad.name == name, ReferenceLoad.loaded_by == person)
    return session.scalar(query.order_by(ReferenceLoad.id.desc()).limit(1))
