"""Narrow unpartitioned tables of business keys: they guard against doubles and find counterparts across months."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class MessageKey(Base):
    """(sender, message guid): a repeat returns the first message."""

    __tablename__ = "message_key"

    sender_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    guid: Mapped[str] = mapped_column(Text, primary_key=True)
    message_id: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)


class IdempotencyKey(Base):
    """(account, `Idempotency-Key`), kept 24 hours."""

    __tablename__ = "idempotency_key"

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    message_id: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]


class Sale(Base):
    """(platform, orderNo): the order that claims the number and the live checklist that uses it.

    `platform` is the platform's subject id as text, or `none:<consignor id>` where a foreign platform has no code
    (「无」): two sellers on code-less platforms may use the same number.
    """

    __tablename__ = "sale"

    platform: Mapped[str] = mapped_column(Text, primary_key=True)
    order_no: Mapped[str] = mapped_column(Text, primary_key=True)
    order_id: Mapped[int | None]
    checklist_id: Mapped[int | None]


class Parcel(Base):
    """(logistics firm, waybill number) within its six months: every paper and every place that names the parcel."""

    __tablename__ = "parcel"
    __table_args__ = (
        Index(
            "ix_parcel_at_site",
            "site_operator_id",
            "arrived_at",
            postgresql_where=text("left_at IS NULL AND site_operator_id IS NOT NULL"),
        ),
        Index(
            "ix_parcel_to_load",
            "carrier_id",
            "arrived_at",
            postgresql_where=text("left_at IS NULL AND arrived_at IS NOT NULL"),
        ),
    )
    """Both indexes hold only what stands at a site now, so they stay small however many parcels have left."""

    carrier_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    logistics_no: Mapped[str] = mapped_column(Text, primary_key=True)
    taken_at: Mapped[datetime]
    waybill_id: Mapped[int | None]
    checklist_id: Mapped[int | None]
    arrival_id: Mapped[int | None]
    arrived_at: Mapped[datetime | None]
    site_operator_id: Mapped[int | None]
    weighed_gross: Mapped[Decimal | None]
    master_list_id: Mapped[int | None]
    departure_id: Mapped[int | None]
    left_at: Mapped[datetime | None]


class PaymentKey(Base):
    """(consignor, orderNo, payNo): the payment receipt that claims it."""

    __tablename__ = "payment_key"

    consignor_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    order_no: Mapped[str] = mapped_column(Text, primary_key=True)
    pay_no: Mapped[str] = mapped_column(Text, primary_key=True)
    payment_id: Mapped[int]


class ChecklistKey(Base):
    """(declarant, copNo): the checklist that claims it."""

    __tablename__ = "checklist_key"

    declarant_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cop_no: Mapped[str] = mapped_column(Text, primary_key=True)
    checklist_id: Mapped[int]
