"""The checklist (申报清单, CEB603): the parcel's declaration, with the same legal force as a customs declaration.

The declared content is what the message said; the platform's own columns (state, tier, match, days, desk) stand after
it. Contents change only by an amendment (a new revision with its event), never silently.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base
from customs.tables.papers import Paper


class Checklist(Paper, Base):
    """CEB603 申报清单 with its state, dates kept apart, match, tier and desk."""

    __tablename__ = "checklist"
    __table_args__ = (
        Index("ix_checklist_consignor_id_id", "consignor_id", "id"),
        Index("ix_checklist_declarant_id_id", "declarant_id", "id"),
        Index("ix_checklist_carrier_id_id", "carrier_id", "id"),
        Index("ix_checklist_platform_id_id", "platform_id", "id"),
        Index("ix_checklist_zone_code_id", "zone_code", "id"),
        Index("ix_checklist_order_no", "order_no"),
        Index("ix_checklist_logistics_no", "logistics_no"),
        Index("ix_checklist_cop_no", "cop_no"),
        Index("ix_checklist_pre_no", "pre_no"),
        Index("ix_checklist_parent_order_no", "parent_order_no", postgresql_where=text("parent_order_no IS NOT NULL")),
        Index("ix_checklist_invt_no", "invt_no", postgresql_where=text("invt_no IS NOT NULL")),
        Index("ix_checklist_open", "zone_code", "status", "id", postgresql_where=text("status <> '899'")),
        Index("ix_checklist_waiting", "expires_at", postgresql_where=text("status = '2' AND withdrawn_at IS NULL")),
        Index("ix_checklist_high", "zone_code", "status", "id", postgresql_where=text("tier = 'high'")),
        Index("ix_checklist_asked", "zone_code", "id", postgresql_where=text("question IS NOT NULL")),
        Index("ix_checklist_held", "zone_code", "id", postgresql_where=text("held_at IS NOT NULL")),
        Index("ix_checklist_site_held", "zone_code", "id", postgresql_where=text("site_hold IS NOT NULL")),
        Index("ix_checklist_claimed", "claimed_by", "id", postgresql_where=text("claimed_by IS NOT NULL")),
        Index("ix_checklist_warehouse_id", "warehouse_id", "id", postgresql_where=text("warehouse_id IS NOT NULL")),
        Index("ix_checklist_closed", "zone_code", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
        Index(
            "ix_checklist_closed_b",
            "zone_code",
            "closed_at",
            postgresql_include=["id", "consignor_id", "declarant_id"],
            postgresql_where=text("status = '899' AND flag = 'B'"),
        ),
        {"postgresql_partition_by": "RANGE (id)"},
    )

    # --- declared content (InventoryHead)
    customs_code: Mapped[str] = mapped_column(Text)
    ebp_code: Mapped[str] = mapped_column(Text)
    ebp_name: Mapped[str] = mapped_column(Text)
    order_no: Mapped[str] = mapped_column(Text)
    logistics_code: Mapped[str] = mapped_column(Text)
    logistics_name: Mapped[str] = mapped_column(Text)
    logistics_no: Mapped[str] = mapped_column(Text)
    cop_no: Mapped[str] = mapped_column(Text)
    invt_no: Mapped[str | None] = mapped_column(Text)
    port_code: Mapped[str] = mapped_column(Text)
    ie_date: Mapped[date]
    flag: Mapped[str] = mapped_column(Text)
    agent_code: Mapped[str] = mapped_column(Text)
    agent_name: Mapped[str] = mapped_column(Text)
    ebc_code: Mapped[str] = mapped_column(Text)
    ebc_name: Mapped[str] = mapped_column(Text)
    owner_code: Mapped[str] = mapped_column(Text)
    owner_name: Mapped[str] = mapped_column(Text)
    iac_code: Mapped[str | None] = mapped_column(Text)
    iac_name: Mapped[str | None] = mapped_column(Text)
    ems_no: Mapped[str | None] = mapped_column(Text)
    trade_mode: Mapped[str] = mapped_column(Text)
    traf_mode: Mapped[str] = mapped_column(Text)
    traf_name: Mapped[str | None] = mapped_column(Text)
    voyage_no: Mapped[str | None] = mapped_column(Text)
    bill_no: Mapped[str | None] = mapped_column(Text)
    total_package_no: Mapped[str | None] = mapped_column(Text)
    loct_no: Mapped[str | None] = mapped_column(Text)
    license_no: Mapped[str | None] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    pod: Mapped[str] = mapped_column(Text)
    freight: Mapped[Decimal]
    f_currency: Mapped[str] = mapped_column(Text)
    f_flag: Mapped[str] = mapped_column(Text)
    insured_fee: Mapped[Decimal]
    i_currency: Mapped[str] = mapped_column(Text)
    i_flag: Mapped[str] = mapped_column(Text)
    wrap_type: Mapped[str] = mapped_column(Text)
    pack_no: Mapped[int] = mapped_column(Integer)
    gross_weight: Mapped[Decimal]
    net_weight: Mapped[Decimal]

    # --- parties, resolved to subjects on the day of declaration
    consignor_id: Mapped[int]
    declarant_id: Mapped[int]
    carrier_id: Mapped[int]
    platform_id: Mapped[int | None]
    parent_order_no: Mapped[str | None] = mapped_column(Text)

    # --- 1210 only: `parcel` or `bulk` (to an overseas warehouse); the warehouse of the register that it names
    business: Mapped[str | None] = mapped_column(Text)
    warehouse_id: Mapped[int | None]

    # --- amounts the rules ask for: the ticket value in CNY is unrounded, None while no rate is known
    currency: Mapped[str] = mapped_column(Text)
    total_price: Mapped[Decimal]
    value_cny: Mapped[Decimal | None]

    # --- counterparts and match
    order_id: Mapped[int | None]
    waybill_id: Mapped[int | None]
    payment_id: Mapped[int | None]
    waits_for: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    waiting_since: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    match: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")

    # --- risk tier with its trace; the reason class is what the seller may see
    tier: Mapped[str | None] = mapped_column(Text)
    tier_trace: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    reason_class: Mapped[str | None] = mapped_column(Text)
    decides: Mapped[str] = mapped_column(Text, server_default="here")

    # --- days kept apart (design §2); each rule names the one it uses
    stored_at: Mapped[datetime | None]
    concluded_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    statistics_on: Mapped[date | None]
    return_time: Mapped[datetime | None]

    # --- the desk
    claimed_by: Mapped[int | None]
    claimed_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    question: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    site_hold: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class ChecklistLine(Base):
    """One goods line of a checklist (InventoryList)."""

    __tablename__ = "checklist_line"
    __table_args__ = {"postgresql_partition_by": "RANGE (checklist_id)"}  # noqa: RUF012 - SQLAlchemy reads it

    checklist_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    gnum: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    item_no: Mapped[str] = mapped_column(Text)
    item_record_no: Mapped[str | None] = mapped_column(Text)
    item_name: Mapped[str | None] = mapped_column(Text)
    gcode: Mapped[str] = mapped_column(Text)
    gname: Mapped[str] = mapped_column(Text)
    gmodel: Mapped[str] = mapped_column(Text)
    bar_code: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    qty: Mapped[Decimal]
    qty1: Mapped[Decimal]
    qty2: Mapped[Decimal | None]
    unit: Mapped[str] = mapped_column(Text)
    unit1: Mapped[str] = mapped_column(Text)
    unit2: Mapped[str | None] = mapped_column(Text)
    price: Mapped[Decimal]
    total_price: Mapped[Decimal]
    note: Mapped[str | None] = mapped_column(Text)
