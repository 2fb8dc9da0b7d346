"""Risk: the secrets of the day, what history the factors compare with, rolling counts, settings as they were used."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Identity, Index, Integer, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class DailySecret(Base):
    """The secret of a day's random draws; made when first needed, shown to the auditor once the day is over."""

    __tablename__ = "daily_secret"

    day: Mapped[date] = mapped_column(primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class RiskGoods(Base):
    """What a zone has seen of a heading in a unit: observations and the bounds between which nine in ten lie.

    `unit_*` CNY per statutory unit, `piece_*` gross kg per statutory unit, `value_*` gross kg per 1,000 CNY; the last
    two from checklists with one line only.
    """

    __tablename__ = "risk_goods"

    zone_code: Mapped[str] = mapped_column(Text, primary_key=True)
    heading: Mapped[str] = mapped_column(Text, primary_key=True)
    unit1: Mapped[str] = mapped_column(Text, primary_key=True)
    unit_n: Mapped[int]
    unit_low: Mapped[Decimal | None]
    unit_high: Mapped[Decimal | None]
    piece_n: Mapped[int]
    piece_low: Mapped[Decimal | None]
    piece_high: Mapped[Decimal | None]
    value_low: Mapped[Decimal | None]
    value_high: Mapped[Decimal | None]
    refreshed_at: Mapped[datetime]


class RiskSubject(Base):
    """What the platform has seen of a subject as seller and as declarant in the window of history."""

    __tablename__ = "risk_subject"

    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    closed: Mapped[int] = mapped_column(Integer)
    filed: Mapped[int] = mapped_column(Integer)
    rejected: Mapped[int] = mapped_column(Integer)
    active_days: Mapped[int] = mapped_column(Integer)
    usual_per_hour: Mapped[Decimal | None]
    consignors: Mapped[int] = mapped_column(Integer)
    refreshed_at: Mapped[datetime]


class RiskTally(Base):
    """Rolling counts, only ever appended (no row is waited for), merged and dropped by the refresh.

    `kind`: `seller` (per batch and seller), `receiver` and `goods` (per ticket that counts towards a split), `tier`
    and `drawn` (per batch, zone and tier; key = tier, subject 0).
    """

    __tablename__ = "risk_tally"
    __table_args__ = (
        Index("ix_risk_tally_subject", "subject_id", "kind", "key", "at"),
        Index("ix_risk_tally_kind_at", "kind", "at"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    zone_code: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int]
    key: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    count: Mapped[int] = mapped_column(Integer)
    value_cny: Mapped[Decimal]
    checklist_id: Mapped[int | None]


class RiskSettings(Base):
    """The parameters that tierings rested on, kept once per content; stored traces name the id (a hash)."""

    __tablename__ = "risk_settings"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
