"""Movement: arrival notices, master lists, departure notices, cancellation requests; site records and incidents.

A part of a split paper (拆分报文) is a row of its own: each part takes effect when it is received. The parcel itself
and where it stands is `customs.tables.keys.Parcel`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, Integer, Text, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from common.db import Base
from customs.tables.papers import Asked, Paper


class MovementPaper(Paper):
    """What arrival notice, master list and departure notice have in common.

    `msg_count` and `msg_seq_no`: how many messages the paper was split into, and which of them this row is.
    """

    customs_code: Mapped[str] = mapped_column(Text)
    cop_no: Mapped[str] = mapped_column(Text)
    traf_mode: Mapped[str] = mapped_column(Text)
    bill_no: Mapped[str | None] = mapped_column(Text)
    carrier_id: Mapped[int]
    logistics_code: Mapped[str] = mapped_column(Text)
    logistics_name: Mapped[str] = mapped_column(Text)
    msg_count: Mapped[int] = mapped_column(Integer)
    msg_seq_no: Mapped[int] = mapped_column(Integer)


class MovementLine:
    """One waybill of a movement paper; `outcome` says what naming it led to, `rule` why it led to nothing."""

    gnum: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    logistics_no: Mapped[str] = mapped_column(Text)
    total_package_no: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    rule: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)


class Arrival(MovementPaper, Base):
    """CEB507 运抵单 (arrival notice), by the operator of the supervised site."""

    __tablename__ = "arrival"

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> Any:
        """Found by its operator, newest first."""
        return (Index("ix_arrival_operator_id", "operator_id", "id"), {"postgresql_partition_by": "RANGE (id)"})

    operator_id: Mapped[int]
    operator_code: Mapped[str] = mapped_column(Text)
    operator_name: Mapped[str] = mapped_column(Text)
    loct_no: Mapped[str] = mapped_column(Text)
    domestic_traf_no: Mapped[str] = mapped_column(Text)


class ArrivalLine(MovementLine, Base):
    """One waybill of an arrival notice; outcome `arrived`, `repeat` or `refused`. Weights in kg."""

    __tablename__ = "arrival_line"
    __table_args__ = {"postgresql_partition_by": "RANGE (arrival_id)"}  # noqa: RUF012 - SQLAlchemy reads it

    arrival_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    weighed_gross: Mapped[Decimal | None]


class Departure(MovementPaper, Base):
    """CEB509 离境单 (departure notice), by the logistics firm."""

    __tablename__ = "departure"

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> Any:
        """Found by its carrier, newest first."""
        return (Index("ix_departure_carrier_id", "carrier_id", "id"), {"postgresql_partition_by": "RANGE (id)"})

    traf_name: Mapped[str | None] = mapped_column(Text)
    voyage_no: Mapped[str | None] = mapped_column(Text)
    leave_time: Mapped[datetime]


class DepartureLine(MovementLine, Base):
    """One waybill of a departure notice; outcome `left`, `repeat` or `refused`."""

    __tablename__ = "departure_line"
    __table_args__ = {"postgresql_partition_by": "RANGE (departure_id)"}  # noqa: RUF012 - SQLAlchemy reads it

    departure_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    checklist_id: Mapped[int | None]


class MasterList(MovementPaper, Base):
    """CEB607 清单总分单 (master list): the waybills under one bill, by the declarant."""

    __tablename__ = "master_list"

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> Any:
        """Found by its declarant, newest first."""
        return (Index("ix_master_list_declarant_id", "declarant_id", "id"), {"postgresql_partition_by": "RANGE (id)"})

    declarant_id: Mapped[int]
    agent_code: Mapped[str] = mapped_column(Text)
    agent_name: Mapped[str] = mapped_column(Text)
    loct_no: Mapped[str | None] = mapped_column(Text)
    traf_name: Mapped[str] = mapped_column(Text)
    voyage_no: Mapped[str] = mapped_column(Text)
    domestic_traf_no: Mapped[str | None] = mapped_column(Text)
    gross_weight: Mapped[Decimal]


class MasterListLine(MovementLine, Base):
    """One waybill of a master list; outcome `tied` or `refused`."""

    __tablename__ = "master_list_line"
    __table_args__ = {"postgresql_partition_by": "RANGE (master_list_id)"}  # noqa: RUF012 - SQLAlchemy reads it

    master_list_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class MovementKey(Base):
    """(kind, filer, copNo, msgSeqNo): the part that claims the number; holds across months.

    `kind` is `arrival`, `departure`, `master_list` or `cancellation`; the filer is operator, carrier or declarant.
    """

    __tablename__ = "movement_key"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cop_no: Mapped[str] = mapped_column(Text, primary_key=True)
    msg_seq_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    msg_count: Mapped[int] = mapped_column(Integer)
    paper_id: Mapped[int]


class Cancellation(Asked, Base):
    """CEB605 撤销申请单 (cancellation request)."""

    __tablename__ = "cancellation"

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> Any:
        """Few rows: one table, found by checklist, and the pending ones by zone."""
        return (
            Index("ix_cancellation_checklist_id", "checklist_id"),
            Index("ix_cancellation_declarant_id", "declarant_id", "id"),
            Index("uq_cancellation_pending", "checklist_id", unique=True, postgresql_where=text("outcome = 'pending'")),
            Index("ix_cancellation_zone_code", "zone_code", "id", postgresql_where=text("outcome = 'pending'")),
        )

    invt_no: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)


class SiteRecord(Base):
    """What a site operator finds and the papers do not say: a surplus, missing or unreadable parcel.

    `resolved_at` is filled when the paper comes, the parcel is found, or the operator says how it ended.
    """

    __tablename__ = "site_record"
    __table_args__ = (
        Index("ix_site_record_operator_id", "operator_id", "id"),
        Index("ix_site_record_zone_code", "zone_code", "id", postgresql_where=text("resolved_at IS NULL")),
        Index(
            "uq_site_record_open",
            "kind",
            "carrier_id",
            "logistics_no",
            unique=True,
            postgresql_where=text("resolved_at IS NULL AND logistics_no IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text)
    zone_code: Mapped[str] = mapped_column(Text)
    customs_code: Mapped[str] = mapped_column(Text)
    loct_no: Mapped[str] = mapped_column(Text)
    operator_id: Mapped[int]
    carrier_id: Mapped[int | None]
    logistics_code: Mapped[str | None] = mapped_column(Text)
    logistics_no: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(Text)
    checklist_id: Mapped[int | None]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str | None] = mapped_column(Text)
    resolution_note: Mapped[str | None] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]


class Incident(Base):
    """A supervisor's case: somebody reported the departure of a parcel that was not free to leave."""

    __tablename__ = "incident"
    __table_args__ = (
        Index(
            "uq_incident_open",
            "carrier_id",
            "logistics_no",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_incident_zone_code", "zone_code", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text)
    zone_code: Mapped[str] = mapped_column(Text)
    carrier_id: Mapped[int]
    carrier_name: Mapped[str] = mapped_column(Text)
    logistics_no: Mapped[str] = mapped_column(Text)
    checklist_id: Mapped[int | None]
    status: Mapped[str | None] = mapped_column(Text)
    """The checklist's state when the departure was reported; none where no checklist was there."""
    rule: Mapped[str] = mapped_column(Text)
    message_id: Mapped[int]
    cop_no: Mapped[str] = mapped_column(Text)
    leave_time: Mapped[datetime]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None]
    closed_name: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]
