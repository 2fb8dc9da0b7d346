"""What the daily proof of months found: the newest result by zone and month, and differences until they are gone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Identity, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class ProofCheck(Base):
    """The newest check of a zone's month (`period` YYYY-MM): counts, the digest of the listing, sums by consignor.

    `parts` holds `customs.proof.checking.stored_part` for each consignor, declarant and channel.
    """

    __tablename__ = "proof_check"

    zone_code: Mapped[str] = mapped_column(Text, primary_key=True)
    period: Mapped[str] = mapped_column(Text, primary_key=True)
    checked_at: Mapped[datetime]
    checklists: Mapped[int]
    lines: Mapped[int]
    open_lines: Mapped[int]
    differences: Mapped[int]
    digest: Mapped[str] = mapped_column(Text)
    parts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class ProofDifference(Base):
    """One thing that did not hold, with both figures as written, until a later check finds it gone (`cleared_at`)."""

    __tablename__ = "proof_difference"
    __table_args__ = (
        Index("ix_proof_difference_open", "zone_code", "period", "id", postgresql_where=text("cleared_at IS NULL")),
        Index("ix_proof_difference_consignor_id", "consignor_id", "period"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    period: Mapped[str] = mapped_column(Text)
    zone_code: Mapped[str] = mapped_column(Text)
    consignor_id: Mapped[int]
    declarant_id: Mapped[int]
    rule: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    field: Mapped[str] = mapped_column(Text)
    expected: Mapped[str] = mapped_column(Text)
    found: Mapped[str] = mapped_column(Text)
    checklist_id: Mapped[int | None]
    gnum: Mapped[int | None] = mapped_column(Integer)
    declaration_id: Mapped[int | None]
    line_no: Mapped[int | None] = mapped_column(Integer)
    seen_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
