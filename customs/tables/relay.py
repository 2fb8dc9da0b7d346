"""What customs' own system answered: each message as it came, and each response in it with what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Identity, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class CustomsMessage(Base):
    """A message received from customs' system through a connector; the same bytes are kept once."""

    __tablename__ = "customs_message"
    __table_args__ = (Index("uq_customs_message_sha256", "sha256", unique=True),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    guid: Mapped[str] = mapped_column(Text)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    received_by: Mapped[str] = mapped_column(Text)


class CustomsResponse(Base):
    """One response (回执) of customs' system.

    `outcome`: `applied` (moved the state), `noted` (kept, nothing to move), `stale` (older than what was applied),
    `unmatched` (no paper of ours), `refused` (does not follow, unknown code, unusable time: `findings` say why).
    `fingerprint` makes a repeat a no-op. `zone_code` is null while no paper is known.
    """

    __tablename__ = "customs_response"
    __table_args__ = (
        Index("uq_customs_response_fingerprint", "fingerprint", unique=True),
        Index("ix_customs_response_subject", "subject_type", "subject_id"),
        Index("ix_customs_response_zone", "zone_code", "id"),
        Index("ix_customs_response_message_id", "message_id"),
        Index("ix_customs_response_pre_no", "pre_no", postgresql_where=text("pre_no IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    message_id: Mapped[int]
    type: Mapped[str] = mapped_column(Text)
    zone_code: Mapped[str | None] = mapped_column(Text)
    subject_type: Mapped[str | None] = mapped_column(Text)
    subject_id: Mapped[int | None]
    pre_no: Mapped[str | None] = mapped_column(Text)
    head: Mapped[dict[str, Any]] = mapped_column(JSONB)
    return_status: Mapped[str] = mapped_column(Text)
    return_time: Mapped[datetime | None]
    return_info: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
