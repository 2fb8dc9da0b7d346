"""The inbox: every message as it came in, committed before it is acknowledged, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class Message(Base):
    """报文: the raw bytes, who sent them, and the first answer of each document.

    `documents` is a list of `{"index","guid","key","id","status","echo","pre_no","findings"}` in the order of the
    message; it is the truth for refused documents (which have no row elsewhere). The bytes are their own evidence.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_unprocessed", "received_at", postgresql_where=text("state = 'received'")),
        Index("ix_message_sender_id_id", "sender_id", "id"),
        {"postgresql_partition_by": "RANGE (id)"},
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guid: Mapped[str | None] = mapped_column(Text)
    type: Mapped[str | None] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(Text)
    sender_id: Mapped[int]
    account_id: Mapped[int]
    zone_code: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(server_default="0")
    processed_at: Mapped[datetime | None]
    documents: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    envelope: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    accepted: Mapped[int] = mapped_column(server_default="0")
    rejected: Mapped[int] = mapped_column(server_default="0")
