"""Where exchange rates live: three tables, because the three kinds are never mixed (glossary, Words)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, Identity, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class _Rate:
    """What a rate of any kind is made of."""

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3))
    """Alpha-3 (ISO 4217)."""
    rate: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    source: Mapped[str] = mapped_column(String(200))
    is_sample: Mapped[bool] = mapped_column(Boolean)
    """Made up for the demo; never loaded outside it."""
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[str] = mapped_column(String(100))


class CustomsRate(_Rate, Base):
    """计征汇率: yuan for one unit of the currency, for one month; decides value limits and duty."""

    __tablename__ = "customs_rate"
    __table_args__ = (UniqueConstraint("currency", "period"), CheckConstraint("rate > 0", name="positive"))

    period: Mapped[date]
    """The first day of the month."""


class SafeRate(_Rate, Base):
    """各种货币对美元折算率: US dollars for one unit of the currency, for one month; decides forex limits."""

    __tablename__ = "safe_rate"
    __table_args__ = (UniqueConstraint("currency", "period"), CheckConstraint("rate > 0", name="positive"))

    period: Mapped[date]
    """The first day of the month."""


class TaxRate(_Rate, Base):
    """人民币汇率中间价: yuan for one unit of the currency, for one day; turns foreign sales into yuan for tax."""

    __tablename__ = "tax_rate"
    __table_args__ = (UniqueConstraint("currency", "period"), CheckConstraint("rate > 0", name="positive"))

    period: Mapped[date]
    """The day."""
