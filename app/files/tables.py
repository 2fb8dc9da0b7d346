"""Uploaded files: as they came, where their documents stand, and the messages made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class Upload(Base):
    """A spreadsheet handed in by an enterprise; the same file of the same firm is the same upload.

    `layout` is `{"sheet","header","places":{column key: index},"rows":[[sheet rows] per document]}`; `chunks` names,
    for each of `message_ids`, the documents it carries; `held` lists the documents that were not filed because of
    their cells: `{"document","findings"}`.
    """

    __tablename__ = "upload"
    __table_args__ = (
        Index("uq_upload_sender_id_sha256", "sender_id", "sha256", unique=True),
        Index("ix_upload_message_ids", "message_ids", postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    sender_id: Mapped[int]
    account_id: Mapped[int]
    zone_code: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]
    name: Mapped[str] = mapped_column(Text)
    raw: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    type: Mapped[str] = mapped_column(Text)
    rows: Mapped[int]
    documents: Mapped[int]
    message_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    chunks: Mapped[list[list[int]]] = mapped_column(JSONB, deferred=True)
    layout: Mapped[dict[str, Any]] = mapped_column(JSONB, deferred=True)
    held: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
