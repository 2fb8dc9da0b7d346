"""Overseas warehouses (海外仓), who may use them, and the ledger of the goods that lie there.

The ledger is only added to: a mistake, or a sale that was undone, is put right by another entry.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, Identity, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class OverseasWarehouse(Base):
    """One warehouse as a firm registered it; the zone's manager confirms or refuses it.

    In use from `valid_from` to the earlier of `valid_to` and, where it is leased, `lease_until`. `country` is customs'
    own code.
    """

    __tablename__ = "overseas_warehouse"
    __table_args__ = (
        CheckConstraint("holding IN ('owned', 'leased', 'third_party')", name="holding"),
        CheckConstraint("state IN ('registered', 'confirmed', 'refused')", name="state"),
        Index("ix_overseas_warehouse_zone_code", "zone_code", "id"),
        Index("ix_overseas_warehouse_registered_by", "registered_by"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    zone_code: Mapped[str] = mapped_column(Text)
    registered_by: Mapped[int]
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    operator: Mapped[str] = mapped_column(Text)
    holding: Mapped[str] = mapped_column(Text)
    lease_until: Mapped[date | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    state: Mapped[str] = mapped_column(Text)
    registered_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]


class WarehouseUser(Base):
    """A firm that may use a warehouse, by date; the firm that registered it has a row of its own."""

    __tablename__ = "warehouse_user"
    __table_args__ = (
        Index("ix_warehouse_user_warehouse_id", "warehouse_id", "subject_id"),
        Index("ix_warehouse_user_subject_id", "subject_id", "warehouse_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    warehouse_id: Mapped[int]
    subject_id: Mapped[int]
    zone_code: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]


class WarehouseFiling(Base):
    """A firm's filing of its overseas-warehouse business (海外仓业务模式备案), asked for until 2024-12-14."""

    __tablename__ = "warehouse_filing"
    __table_args__ = (
        Index("ix_warehouse_filing_subject_id", "subject_id"),
        Index("ix_warehouse_filing_zone_code", "zone_code", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    subject_id: Mapped[int]
    zone_code: Mapped[str] = mapped_column(Text)
    filing_no: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]


class WarehouseProof(Base):
    """A file that proves entries; the same file of the same firm is kept once."""

    __tablename__ = "warehouse_proof"
    __table_args__ = (Index("uq_warehouse_proof_subject_id_sha256", "subject_id", "sha256", unique=True),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    subject_id: Mapped[int]
    sha256: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    uploaded_by: Mapped[str] = mapped_column(Text)
    uploaded_at: Mapped[datetime]


class WarehouseBatch(Base):
    """Entries that were recorded together, by page, API or file, or from a goods return that was completed (`return`).

    `sha256` is of file, form or key: what has it is recorded once.
    """

    __tablename__ = "warehouse_batch"
    __table_args__ = (
        CheckConstraint("origin IN ('page', 'api', 'file', 'return')", name="origin"),
        Index(
            "uq_warehouse_batch_sha256",
            "warehouse_id",
            "subject_id",
            "sha256",
            unique=True,
            postgresql_where=text("sha256 IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    warehouse_id: Mapped[int]
    subject_id: Mapped[int]
    origin: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str | None] = mapped_column(Text)
    entries: Mapped[int] = mapped_column(Integer)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]


class WarehouseEntry(Base):
    """One entry of the ledger of a checklist line, in the line's declared unit.

    `qty` is above zero, or below it where the entry takes back (part of) the entry `corrects` of the same kind.
    `apart`: the goods came back to China otherwise than by a goods return.
    """

    __tablename__ = "warehouse_entry"
    __table_args__ = (
        CheckConstraint("kind IN ('arrived', 'sold', 'returned', 'destroyed', 'lost')", name="kind"),
        CheckConstraint("qty <> 0 AND (qty < 0) = (corrects IS NOT NULL)", name="sign"),
        Index("ix_warehouse_entry_line", "checklist_id", "gnum", "id"),
        Index("ix_warehouse_entry_warehouse_id", "warehouse_id", "id"),
        Index("ix_warehouse_entry_corrects", "corrects", postgresql_where=text("corrects IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    batch_id: Mapped[int]
    warehouse_id: Mapped[int]
    zone_code: Mapped[str] = mapped_column(Text)
    consignor_id: Mapped[int]
    checklist_id: Mapped[int]
    gnum: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(Text)
    qty: Mapped[Decimal]
    day: Mapped[date]
    corrects: Mapped[int | None]
    proof_id: Mapped[int | None]
    reference: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    apart: Mapped[bool] = mapped_column(Boolean)
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]


class WarehouseReturn(Base):
    """Which entry says that pieces of a completed goods return left the warehouse, and how many of them.

    Written once: a piece that came home stands on the ledger once, whoever recorded it first.
    """

    __tablename__ = "warehouse_return"
    __table_args__ = (Index("ix_warehouse_return_entry_id", "entry_id"),)

    return_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    gnum: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    qty: Mapped[Decimal]
