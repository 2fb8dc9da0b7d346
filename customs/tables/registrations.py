"""Exports declared elsewhere and registered here (出口登记).

Kept apart from checklists: what stands here was never declared, released, merged or counted at this platform.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, Integer, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class ExportRegistration(Base):
    """One export declared elsewhere: customs' number, the declared head, customs' answer, and how our papers agree.

    `head` holds the declared CEB603 head by element; the columns beside it are what is searched and taxed by.
    `response` is customs' answer as it was given, where it was. `digest` tells a differing repeat from the same.
    """

    __tablename__ = "export_registration"
    __table_args__ = (
        Index("uq_export_registration_invt_no", "invt_no", unique=True),
        Index("ix_export_registration_zone_code", "zone_code", "id"),
        Index("ix_export_registration_consignor_id", "consignor_id", "id"),
        Index("ix_export_registration_declarant_id", "declarant_id", "id"),
        Index("ix_export_registration_sender_id", "sender_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    invt_no: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    zone_code: Mapped[str] = mapped_column(Text)
    customs_code: Mapped[str] = mapped_column(Text)
    consignor_id: Mapped[int]
    declarant_id: Mapped[int | None]
    carrier_id: Mapped[int | None]
    platform_id: Mapped[int | None]
    sender_id: Mapped[int]
    order_no: Mapped[str] = mapped_column(Text)
    ebp_code: Mapped[str] = mapped_column(Text)
    logistics_no: Mapped[str] = mapped_column(Text)
    cop_no: Mapped[str] = mapped_column(Text)
    trade_mode: Mapped[str] = mapped_column(Text)
    flag: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    export_on: Mapped[date]
    app_time: Mapped[datetime]
    currency: Mapped[str] = mapped_column(Text)
    total_price: Mapped[Decimal]
    gross_weight: Mapped[Decimal]
    pack_no: Mapped[int] = mapped_column(Integer)
    head: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(Text)
    return_time: Mapped[datetime]
    return_info: Mapped[str] = mapped_column(Text)
    response: Mapped[bytes | None] = mapped_column(LargeBinary)
    order_id: Mapped[int | None]
    waybill_id: Mapped[int | None]
    match: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    registered_at: Mapped[datetime]
    registered_by: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]


class ExportRegistrationLine(Base):
    """One goods line of it, with the columns of a checklist line."""

    __tablename__ = "export_registration_line"

    registration_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
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
