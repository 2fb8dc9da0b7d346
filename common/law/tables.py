"""Where zones keep their own dated settings."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Identity, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class ZoneParameterRow(Base):
    """One dated setting of a zone, or of all zones; rows are only ever added, a later row replaces an earlier one."""

    __tablename__ = "zone_parameter"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="days"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    zone_code: Mapped[str | None] = mapped_column(String(6))
    """The zone's six-digit code; null for all zones."""
    name: Mapped[str] = mapped_column(String(100))
    value: Mapped[str] = mapped_column(Text)
    """As written; its type is that of the default of the same name. Lists: words with spaces between."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    document: Mapped[str] = mapped_column(String(200))
    """What the setting rests on: a notice, a meeting's minutes."""
    set_by: Mapped[str] = mapped_column(String(100))
    set_at: Mapped[datetime]
