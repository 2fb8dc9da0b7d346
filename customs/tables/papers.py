"""What filed papers carry in common; orders, payment receipts and waybills: the papers that a checklist must meet."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from common.db import Base


class Paper:
    """What every filed paper carries: where it came from, when, from whom, and its state."""

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    message_id: Mapped[int]
    guid: Mapped[str] = mapped_column(Text)
    zone_code: Mapped[str] = mapped_column(Text)
    sender_id: Mapped[int]
    received_at: Mapped[datetime]
    app_time: Mapped[datetime]
    status: Mapped[str] = mapped_column(Text)
    pre_no: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer)
    withdrawn_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(Text)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> Any:
        """Partitioned by the month of receipt, which the id carries."""
        return {"postgresql_partition_by": "RANGE (id)"}


class SaleOrder(Paper, Base):
    """CEB303 电子订单 / 订仓单 (order or, type W, warehouse booking)."""

    __tablename__ = "sale_order"

    order_type: Mapped[str] = mapped_column(Text)
    order_no: Mapped[str] = mapped_column(Text)
    parent_order_no: Mapped[str | None] = mapped_column(Text)
    platform_id: Mapped[int | None]
    ebp_code: Mapped[str] = mapped_column(Text)
    ebp_name: Mapped[str] = mapped_column(Text)
    consignor_id: Mapped[int]
    ebc_code: Mapped[str] = mapped_column(Text)
    ebc_name: Mapped[str] = mapped_column(Text)
    goods_value: Mapped[Decimal]
    freight: Mapped[Decimal]
    currency: Mapped[str] = mapped_column(Text)
    receiver_key: Mapped[str | None] = mapped_column(Text)


class SaleOrderLine(Base):
    """One line of an order; lines up with the checklist line of the same number."""

    __tablename__ = "sale_order_line"
    __table_args__ = {"postgresql_partition_by": "RANGE (order_id)"}  # noqa: RUF012 - SQLAlchemy reads it

    order_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    gnum: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    item_no: Mapped[str] = mapped_column(Text)
    item_name: Mapped[str] = mapped_column(Text)
    item_describe: Mapped[str | None] = mapped_column(Text)
    bar_code: Mapped[str | None] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    qty: Mapped[Decimal]
    price: Mapped[Decimal]
    total_price: Mapped[Decimal]
    note: Mapped[str | None] = mapped_column(Text)


class PaymentReceipt(Paper, Base):
    """CEB403 收款单 (payment receipt)."""

    __tablename__ = "payment_receipt"

    order_no: Mapped[str] = mapped_column(Text)
    ebp_code: Mapped[str] = mapped_column(Text)
    ebp_name: Mapped[str] = mapped_column(Text)
    consignor_id: Mapped[int]
    ebc_code: Mapped[str] = mapped_column(Text)
    ebc_name: Mapped[str] = mapped_column(Text)
    pay_code: Mapped[str | None] = mapped_column(Text)
    pay_name: Mapped[str] = mapped_column(Text)
    pay_no: Mapped[str | None] = mapped_column(Text)
    charge: Mapped[Decimal]
    currency: Mapped[str] = mapped_column(Text)
    accounting_date: Mapped[datetime]


class Waybill(Paper, Base):
    """CEB505 运单 (waybill)."""

    __tablename__ = "waybill"

    carrier_id: Mapped[int]
    logistics_code: Mapped[str] = mapped_column(Text)
    logistics_name: Mapped[str] = mapped_column(Text)
    logistics_no: Mapped[str] = mapped_column(Text)
    freight: Mapped[Decimal]
    insured_fee: Mapped[Decimal]
    currency: Mapped[str] = mapped_column(Text)
    gross_weight: Mapped[Decimal]
    pack_no: Mapped[int] = mapped_column(Integer)
    goods_info: Mapped[str] = mapped_column(Text)
    consignor_id: Mapped[int | None]
    ebc_code: Mapped[str | None] = mapped_column(Text)
    ebc_name: Mapped[str | None] = mapped_column(Text)
    ebc_telephone: Mapped[str | None] = mapped_column(Text)


class Filed:
    """Who files a paper for whom: the declarant with its code and name, and the consignor."""

    declarant_id: Mapped[int]
    agent_code: Mapped[str] = mapped_column(Text)
    agent_name: Mapped[str] = mapped_column(Text)
    consignor_id: Mapped[int]
    ebc_code: Mapped[str] = mapped_column(Text)
    ebc_name: Mapped[str] = mapped_column(Text)


class Asked(Filed, Paper):
    """A request about a checklist that customs decides: to amend it or to cancel it.

    `outcome` is `pending`, `approved`, `refused` or `withdrawn` (of a cancellation also `draft`).
    """

    checklist_id: Mapped[int]
    checklist_status: Mapped[str] = mapped_column(Text)
    """The checklist's state when the request came in."""
    customs_code: Mapped[str] = mapped_column(Text)
    cop_no: Mapped[str] = mapped_column(Text)
    ground: Mapped[str | None] = mapped_column(Text)
    """A ground of `customs.rules.amendments`, from conclusion on; None until somebody names it."""
    known_on: Mapped[date | None]
    """The day on which the reason became known (of a shut-out: that the goods would not leave)."""
    outcome: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None]
    decided_name: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    """What the officer wrote to the party."""
