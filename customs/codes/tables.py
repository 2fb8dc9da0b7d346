"""Where code tables live: one row per code and period."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Identity, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class CodeEntry(Base):
    """One code of one table in one period; an absent day means that no start or no end is known."""

    __tablename__ = "code_entry"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name="days"),
        Index(
            "uq_code_entry_key",
            "table_name",
            "code",
            "valid_from",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    table_name: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(20))
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    extra: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    """What this table says besides the names; the columns are declared in `customs/codes/specs.py`."""
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
    shipped: Mapped[bool] = mapped_column(Boolean)
    """Came with the product; an operator's load of the same code takes its place."""
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[str] = mapped_column(String(100))


class HsRow(Base):
    """One full ten-digit code (商品编码) in one period, with its statutory units and marks."""

    __tablename__ = "hs_code"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name="days"),
        Index("uq_hs_code_key", "code", "valid_from", unique=True, postgresql_nulls_not_distinct=True),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(String(10))
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    unit1: Mapped[str] = mapped_column(String(3))
    """First statutory unit (法定第一计量单位); empty where it is not known."""
    unit2: Mapped[str] = mapped_column(String(3))
    """Second statutory unit; empty where there is none or it is not known."""
    licence: Mapped[bool] = mapped_column(Boolean)
    export_duty: Mapped[bool] = mapped_column(Boolean)
    refund_cancelled: Mapped[bool] = mapped_column(Boolean)
    verified: Mapped[bool] = mapped_column(Boolean)
    """Whether the row was compared with the official table."""
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
    shipped: Mapped[bool] = mapped_column(Boolean)
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[str] = mapped_column(String(100))
