"""Goods returns (出口商品退货): requests with their lines, proof and tally, and the lines of what really came back.

A return never changes the export: what came back is counted in `returned_line`, in the month in which it did.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Identity, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from common.db import Base
from customs.tables.papers import Filed, Paper


class _Carried:
    """How goods came back: carrier, waybill and transport."""

    carrier_id: Mapped[int]
    logistics_code: Mapped[str] = mapped_column(Text)
    logistics_name: Mapped[str] = mapped_column(Text)
    logistics_no: Mapped[str] = mapped_column(Text)
    traf_mode: Mapped[str] = mapped_column(Text)
    traf_name: Mapped[str] = mapped_column(Text)
    voyage_no: Mapped[str] = mapped_column(Text)
    bill_no: Mapped[str] = mapped_column(Text)


class _Decided:
    """Who answers: `here`, or `relay` where customs' own system does."""

    decides: Mapped[str] = mapped_column(Text, server_default="here")


class _Line:
    """A line of a return: its place, the export it belongs to, the goods and quantities in their units."""

    return_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    gnum: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    checklist_id: Mapped[int]
    gcode: Mapped[str] = mapped_column(Text)
    gname: Mapped[str] = mapped_column(Text)
    qty: Mapped[Decimal]
    unit: Mapped[str] = mapped_column(Text)
    qty1: Mapped[Decimal]
    unit1: Mapped[str] = mapped_column(Text)
    qty2: Mapped[Decimal | None]
    unit2: Mapped[str | None] = mapped_column(Text)


class GoodsReturn(Filed, _Carried, _Decided, Paper, Base):
    """CEB213 退货申请单 (goods-return request) about one checklist.

    `reason_kind` is `unsold` or `returned`, `proof_kind` and `certificate_kind` codes of `customs.rules.returns`; all
    three are empty until the firm says them. `origin_mode`, `released_on` and `exported_on` are the export's own;
    `tally_id` the tally that covers the return, `found_on` its day. `held_rule` says why a rule suspended it.
    """

    __tablename__ = "goods_return"

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> Any:
        """Found by each party, by checklist, by waybill, and the open ones by zone."""
        return (
            Index("ix_goods_return_checklist_id", "checklist_id"),
            Index("ix_goods_return_consignor_id", "consignor_id", "id"),
            Index("ix_goods_return_declarant_id", "declarant_id", "id"),
            Index("ix_goods_return_sender_id", "sender_id", "id"),
            Index("ix_goods_return_zone_code", "zone_code", "id"),
            Index("ix_goods_return_customs_code", "customs_code", "id"),
            Index("ix_goods_return_logistics_no", "logistics_no"),
            Index(
                "uq_goods_return_co_el_no",
                "declarant_id",
                "co_el_no",
                unique=True,
                postgresql_where=text("withdrawn_at IS NULL"),
            ),
        )

    customs_code: Mapped[str] = mapped_column(Text)
    loct_no: Mapped[str | None] = mapped_column(Text)
    co_el_no: Mapped[str] = mapped_column(Text)
    invt_no: Mapped[str] = mapped_column(Text)
    checklist_id: Mapped[int]
    ebp_code: Mapped[str] = mapped_column(Text)
    ebp_name: Mapped[str] = mapped_column(Text)
    trade_mode: Mapped[str] = mapped_column(Text)
    port_code: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)

    # --- of the export
    origin_mode: Mapped[str] = mapped_column(Text)
    origin_office: Mapped[str] = mapped_column(Text)
    released_on: Mapped[date]
    exported_on: Mapped[date]
    deadline: Mapped[date]
    """Last day on which the goods may come back under the procedure (`customs.return`)."""

    # --- grounds
    reason_kind: Mapped[str | None] = mapped_column(Text)
    proof_kind: Mapped[str | None] = mapped_column(Text)
    certificate_kind: Mapped[str | None] = mapped_column(Text)
    certificate_no: Mapped[str | None] = mapped_column(Text)

    # --- how it went
    released_at: Mapped[datetime | None]
    decided_by: Mapped[int | None]
    decided_name: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    """What the officer wrote to the party."""
    held_rule: Mapped[str | None] = mapped_column(Text)
    tally_id: Mapped[int | None]
    found_on: Mapped[date | None]
    completed_at: Mapped[datetime | None]


class GoodsReturnLine(_Line, Base):
    """One line of a return: what is asked for, and what the tally found.

    `found_qty` and, of it, `altered_qty` (not as exported any more) in `unit`; None before the tally.
    """

    __tablename__ = "goods_return_line"
    __table_args__ = (Index("ix_goods_return_line_checklist_id", "checklist_id", "gnum"),)

    gmodel: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    found_qty: Mapped[Decimal | None]
    altered_qty: Mapped[Decimal | None]
    found_note: Mapped[str | None] = mapped_column(Text)

    @property
    def altered(self) -> bool | None:
        """Whether anything of what was found is altered; None before the tally."""
        return None if self.altered_qty is None else self.altered_qty > 0


class GoodsReturnFile(Base):
    """A proof that the firm added to a return; files are only ever added."""

    __tablename__ = "goods_return_file"
    __table_args__ = (Index("ix_goods_return_file_return_id", "return_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    return_id: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(Text)


class ReturnTally(_Carried, _Decided, Paper, Base):
    """CEB215 退运理货明细单 (return tally) by the operator of the site, about one waybill that came back."""

    __tablename__ = "return_tally"

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> Any:
        """Found by its operator, newest first."""
        return (
            Index("ix_return_tally_operator_id", "operator_id", "id"),
            Index(
                "uq_return_tally_co_el_no",
                "operator_id",
                "co_el_no",
                unique=True,
                postgresql_where=text("withdrawn_at IS NULL"),
            ),
        )

    customs_code: Mapped[str] = mapped_column(Text)
    operator_id: Mapped[int]
    operator_code: Mapped[str] = mapped_column(Text)
    operator_name: Mapped[str] = mapped_column(Text)
    invt_no: Mapped[str | None] = mapped_column(Text)
    co_el_no: Mapped[str] = mapped_column(Text)
    location: Mapped[str | None] = mapped_column(Text)


class ReturnedLine(_Line, Base):
    """What came back of one checklist line by one completed return, counted on the day of completion.

    `amount` in `currency` and weights in kg are the line's shares of the export's own; shares of all returns of a line
    add up to the line's when all of it has come back. `altered_qty` of `qty` was not as exported.
    `value_cny` by the rate of the export's day, None where unknown.
    """

    __tablename__ = "returned_line"
    __table_args__ = (
        Index("ix_returned_line_checklist_id", "checklist_id", "gnum"),
        Index("ix_returned_line_zone_code", "zone_code", "returned_on"),
        Index("ix_returned_line_consignor_id", "consignor_id", "returned_on"),
    )

    invt_no: Mapped[str] = mapped_column(Text)
    returned_on: Mapped[date]
    zone_code: Mapped[str] = mapped_column(Text)
    customs_code: Mapped[str] = mapped_column(Text)
    origin_zone: Mapped[str] = mapped_column(Text)
    origin_mode: Mapped[str] = mapped_column(Text)
    flag: Mapped[str] = mapped_column(Text)
    trade_mode: Mapped[str] = mapped_column(Text)
    consignor_id: Mapped[int]
    declarant_id: Mapped[int]
    country: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal]
    value_cny: Mapped[Decimal | None]
    gross_weight: Mapped[Decimal]
    net_weight: Mapped[Decimal]
    altered_qty: Mapped[Decimal]
    reason_kind: Mapped[str | None] = mapped_column(Text)

    @property
    def altered(self) -> bool:
        """Whether anything of what came back is altered."""
        return self.altered_qty > 0
