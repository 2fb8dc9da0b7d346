"""Pilot zones (综试区), their parks, customs offices and supervised sites.

Offices and sites are append-only states: the newest row that has started counts, so a correction or a change is a new
row and the past stays as it was decided on.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class Zone(Base):
    """A pilot zone; `code` is the city's six-digit code."""

    __tablename__ = "zone"

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60))
    approved_on: Mapped[date]
    """Day of the State Council's approval."""


class Park(Base):
    """A park (园区) of a zone, from and to inclusive."""

    __tablename__ = "park"
    __table_args__ = (Index("ix_park_zone_code", "zone_code"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    zone_code: Mapped[str] = mapped_column(String(6), ForeignKey("zone.code"))
    name_zh: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100))
    core: Mapped[bool]
    """Whether the zone's plan names it as the core park."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class ZoneOffice(Base):
    """From `valid_from` on, a customs office (关区) handles a zone's declarations like this; `open` false ends it."""

    __tablename__ = "zone_office"
    __table_args__ = (
        Index("ix_zone_office_office_code", "office_code", "valid_from", "id"),
        CheckConstraint("mode IN ('decide', 'relay')", name="mode"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    zone_code: Mapped[str] = mapped_column(String(6), ForeignKey("zone.code"))
    office_code: Mapped[str] = mapped_column(String(4))
    mode: Mapped[str] = mapped_column(String(6))
    """`decide`: states are moved here; `relay`: only customs' own responses move them."""
    early_declaration: Mapped[bool]
    """Whether release may precede arrival (提前申报)."""
    open: Mapped[bool]
    verified: Mapped[bool]
    """Whether the link between office and zone is confirmed; it is nowhere published."""
    successor_code: Mapped[str | None] = mapped_column(String(4))
    source: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date]
    set_by: Mapped[str] = mapped_column(String(100))
    set_at: Mapped[datetime]


class SupervisedSite(Base):
    """From `valid_from` on, a supervised site (监管作业场所) of an office is operated by a subject; nobody: closed."""

    __tablename__ = "supervised_site"
    __table_args__ = (
        Index("ix_supervised_site_place", "office_code", "loct_no", "valid_from", "id"),
        Index("ix_supervised_site_operator_id", "operator_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    office_code: Mapped[str] = mapped_column(String(4))
    loct_no: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(100))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id"))
    valid_from: Mapped[date]
    set_by: Mapped[str] = mapped_column(String(100))
    set_at: Mapped[datetime]
