"""Mandates (代理报关委托书): who may file what for whom, from when to when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class Mandate(Base):
    """A principal lets an agent file some message types, both days inclusive; from the day of revocation no longer."""

    __tablename__ = "mandate"
    __table_args__ = (
        CheckConstraint("principal_id <> agent_id", name="parties"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="days"),
        CheckConstraint("cardinality(message_types) > 0", name="message_types"),
        Index("ix_mandate_agent_id", "agent_id", "principal_id"),
        Index("ix_mandate_principal_id", "principal_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    principal_id: Mapped[int] = mapped_column(ForeignKey("subject.id"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("subject.id"))
    message_types: Mapped[list[str]] = mapped_column(ARRAY(String(6)))
    """CEB message types, or `*` for all that can be filed under a mandate."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    granted_by: Mapped[str] = mapped_column(String(100))
    granted_at: Mapped[datetime]
    revoked_on: Mapped[date | None]
    revoked_by: Mapped[str | None] = mapped_column(String(100))
    revoked_at: Mapped[datetime | None]
