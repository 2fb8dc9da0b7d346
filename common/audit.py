"""The audit trail: who changed or looked at what, when, in which request.

Changes of tables that people change are recorded by a trigger (`audit_change`, migration 0003), which takes the actor
and the instant from the transaction: `set_context` says both at its start. Reads of somebody else's data, sign-ins and
refusals are recorded by `record`. Entries are never changed; `common.audit_seals` proves that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from common.db import Base
from common.events import Xid8

PLATFORM = "platform"
"""The actor where no person acts: jobs, seeding."""


class AuditEntry(Base):
    """One entry; `xid` is its transaction, by which sealing knows what has finished."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_zone_code", "zone_code", "xid", "id"),
        Index("ix_audit_entry_subject", "subject_type", "subject_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    xid: Mapped[int] = mapped_column(Xid8, server_default=text("pg_current_xact_id()"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    """`insert`, `change`, `delete` from the trigger; `read`, `sign_in`, … from the access layer."""
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[str] = mapped_column(Text)
    zone_code: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did to which subject; `subject_id` may be empty where there is none."""

    action: str
    subject_type: str
    subject_id: str
    zone_code: str | None = None
    facts: Mapping[str, Any] | None = None


def set_context(session: Session, *, actor: str, at: datetime, request_id: str = "") -> None:
    """Tell the audit trigger who acts and when, until the transaction ends."""
    session.execute(
        text(
            "SELECT set_config('zone.actor', :actor, true), set_config('zone.now', :at, true), "
            "set_config('zone.request', :request, true)"
        ),
        {"actor": actor, "at": at.isoformat(), "request": request_id},
    )


def record(session: Session, deed: Deed, *, actor: str, at: datetime, request_id: str | None = None) -> None:
    """Write one entry that no trigger can know of."""
    session.add(
        AuditEntry(
            at=at,
            actor=actor,
            action=deed.action,
            subject_type=deed.subject_type,
            subject_id=deed.subject_id,
            zone_code=deed.zone_code,
            request_id=request_id or None,
            after=dict(deed.facts) if deed.facts is not None else None,
        )
    )
