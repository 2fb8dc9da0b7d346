"""After closing: closed lines, summary applications (汇总申请), declarations (报关单) and what each was made of.

A closed line is the statistics row of one checklist line. It is never changed: a correction is two further rows, one
that takes the old figures back (`sign` -1) and one with the new. A line counts once where its signs add up to one.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, Identity, Index, Integer, Numeric, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from common.db import Base
from customs.tables.papers import Filed, Paper

_TOTAL = Numeric(38, 5)
"""Sums of many N19,5 amounts."""


class ClosedLine(Base):
    """One checklist line at closing (结关), in one row of its own: what summaries, proof and statistics are made from.

    `sign` is 1 or -1; `cause` is `closed`, `reversed` or `corrected`; `ref` the amendment behind a correction. Amounts
    in `currency`; `value_cny` by the customs rate of the day of declaration, None where none was known. Weights in kg:
    the checklist's own, shared out over its lines so that they add up exactly. `closed_on` is the statistics day.
    """

    __tablename__ = "closed_line"
    __table_args__ = (
        Index("ix_closed_line_checklist_id", "checklist_id", "gnum"),
        Index("ix_closed_line_consignor_id", "consignor_id", "closed_on"),
        Index("ix_closed_line_taken_back", "checklist_id", "gnum", postgresql_where=text("sign = -1")),
        {"postgresql_partition_by": "RANGE (id)"},
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    checklist_id: Mapped[int]
    gnum: Mapped[int] = mapped_column(Integer)
    sign: Mapped[int] = mapped_column(SmallInteger)
    cause: Mapped[str] = mapped_column(Text)
    ref: Mapped[int | None]
    recorded_at: Mapped[datetime]
    closed_on: Mapped[date]
    zone_code: Mapped[str] = mapped_column(Text)
    customs_code: Mapped[str] = mapped_column(Text)
    flag: Mapped[str] = mapped_column(Text)
    trade_mode: Mapped[str] = mapped_column(Text)
    consignor_id: Mapped[int]
    declarant_id: Mapped[int]
    owner_code: Mapped[str] = mapped_column(Text)
    owner_name: Mapped[str] = mapped_column(Text)
    traf_mode: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    """Country of arrival (运抵国), of the checklist's head."""
    port_code: Mapped[str] = mapped_column(Text)
    destination: Mapped[str] = mapped_column(Text)
    """Country of final destination (最终目的国), of the line."""
    gcode: Mapped[str] = mapped_column(Text)
    gname: Mapped[str] = mapped_column(Text)
    item_name: Mapped[str | None] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    unit1: Mapped[str] = mapped_column(Text)
    unit2: Mapped[str | None] = mapped_column(Text)
    qty: Mapped[Decimal]
    qty1: Mapped[Decimal]
    qty2: Mapped[Decimal | None]
    amount: Mapped[Decimal]
    value_cny: Mapped[Decimal | None] = mapped_column(Numeric())
    gross_weight: Mapped[Decimal]
    net_weight: Mapped[Decimal]


class SummaryApplication(Filed, Paper, Base):
    """CEB701 汇总申请单: which closed flag-B checklists of a consignor become declarations.

    `origin`: `party` (message or page), `draft` (made by the platform for what nobody applied for; status 1 until
    firm or agent takes it over) or `mandate` (filed under a standing mandate). `period` is the month of a draft.
    Split applications wait in parts until all are here. `sum_no` is issued when it is concluded (399). `decides` is
    `here`, or `relay` where customs' own system answers.
    """

    __tablename__ = "summary_application"

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> Any:
        """Few rows: one table."""
        return (
            Index("ix_summary_application_consignor_id", "consignor_id", "id"),
            Index("ix_summary_application_declarant_id", "declarant_id", "id"),
            Index("ix_summary_application_zone_code", "zone_code", "id"),
            Index("ix_summary_application_message_id", "message_id"),
            Index(
                "uq_summary_application_cop_no",
                "declarant_id",
                "cop_no",
                unique=True,
                postgresql_where=text("withdrawn_at IS NULL"),
            ),
        )

    customs_code: Mapped[str] = mapped_column(Text)
    cop_no: Mapped[str] = mapped_column(Text)
    sum_no: Mapped[str | None] = mapped_column(Text)
    decl_agent_id: Mapped[int]
    decl_agent_code: Mapped[str] = mapped_column(Text)
    decl_agent_name: Mapped[str] = mapped_column(Text)
    start_time: Mapped[datetime | None]
    end_time: Mapped[datetime | None]
    loct_no: Mapped[str | None] = mapped_column(Text)
    summary_flag: Mapped[str] = mapped_column(Text)
    item_name_flag: Mapped[str] = mapped_column(Text)
    msg_count: Mapped[int] = mapped_column(Integer)
    origin: Mapped[str] = mapped_column(Text)
    period: Mapped[str | None] = mapped_column(Text)
    decides: Mapped[str] = mapped_column(Text, server_default="here")
    concluded_at: Mapped[datetime | None]


class SummaryApplicationPart(Base):
    """One message of a (split) application with the checklist numbers it names."""

    __tablename__ = "summary_application_part"

    application_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    msg_seq_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    message_id: Mapped[int]
    received_at: Mapped[datetime]
    invt_nos: Mapped[list[str]] = mapped_column(ARRAY(Text))


class SummaryExtension(Base):
    """Customs' notice that a month's declarations of an office are due later; the newest one holds."""

    __tablename__ = "summary_extension"
    __table_args__ = (Index("ix_summary_extension_period", "customs_code", "period"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    customs_code: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    document: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime]


class Declaration(Base):
    """One declaration (报关单) drafted from an application: its head, weights in kg, and customs' later answers.

    `owner_code` and `owner_name` are filled when merging keeps producers apart (summaryFlag 2). `closed_from` and
    `closed_to` are the first and last day on which its lines were closed. `amended_at` is customs' newest amendment
    (改单): from then on its checklists may be corrected, and it is restated from them.
    """

    __tablename__ = "declaration"
    __table_args__ = (
        Index("ix_declaration_application_id", "application_id"),
        Index("ix_declaration_consignor_id", "consignor_id", "id"),
        Index("ix_declaration_declarant_id", "declarant_id", "id"),
        Index("ix_declaration_zone_code", "zone_code", "id"),
        Index("uq_declaration_decl_seq_no", "decl_seq_no", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    application_id: Mapped[int]
    decl_seq_no: Mapped[str] = mapped_column(Text)
    zone_code: Mapped[str] = mapped_column(Text)
    customs_code: Mapped[str] = mapped_column(Text)
    trade_mode: Mapped[str] = mapped_column(Text)
    consignor_id: Mapped[int]
    declarant_id: Mapped[int]
    owner_code: Mapped[str | None] = mapped_column(Text)
    owner_name: Mapped[str | None] = mapped_column(Text)
    traf_mode: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    port_code: Mapped[str] = mapped_column(Text)
    gross_weight: Mapped[Decimal] = mapped_column(_TOTAL)
    net_weight: Mapped[Decimal] = mapped_column(_TOTAL)
    checklists: Mapped[int] = mapped_column(Integer)
    closed_from: Mapped[date | None]
    closed_to: Mapped[date | None]
    made_at: Mapped[datetime]
    dec_tmp_no: Mapped[str | None] = mapped_column(Text)
    dec_pre_no: Mapped[str | None] = mapped_column(Text)
    entry_id: Mapped[str | None] = mapped_column(Text)
    dec_state: Mapped[str | None] = mapped_column(Text)
    state_at: Mapped[datetime | None]
    amended_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]


class DeclarationLine(Base):
    """One merged line of a declaration; amounts in `currency`, weights in kg, exact sums of its sources."""

    __tablename__ = "declaration_line"

    declaration_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    destination: Mapped[str] = mapped_column(Text)
    gcode: Mapped[str] = mapped_column(Text)
    gname: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    unit1: Mapped[str] = mapped_column(Text)
    unit2: Mapped[str | None] = mapped_column(Text)
    qty: Mapped[Decimal] = mapped_column(_TOTAL)
    qty1: Mapped[Decimal] = mapped_column(_TOTAL)
    qty2: Mapped[Decimal | None] = mapped_column(_TOTAL)
    amount: Mapped[Decimal] = mapped_column(_TOTAL)
    gross_weight: Mapped[Decimal] = mapped_column(_TOTAL)
    net_weight: Mapped[Decimal] = mapped_column(_TOTAL)


class DeclarationSource(Base):
    """Which closed line went into which declaration line; the unique index lets a line be in one live summary only.

    Rows of a declaration are written together, so that ranges of pages are enough to find them by: a second tree would
    cost as much as the rows themselves.
    """

    __tablename__ = "declaration_source"
    __table_args__ = (
        Index("uq_declaration_source_live", "checklist_id", "gnum", unique=True, postgresql_where=text("live")),
        Index(
            "ix_declaration_source_declaration_id",
            "declaration_id",
            postgresql_using="brin",
            postgresql_with={"pages_per_range": 8, "autosummarize": True},
        ),
    )
    __mapper_args__ = {"primary_key": ["checklist_id", "gnum", "declaration_id"]}  # noqa: RUF012 - SQLAlchemy reads it

    checklist_id: Mapped[int]
    gnum: Mapped[int] = mapped_column(Integer)
    declaration_id: Mapped[int]
    line_no: Mapped[int] = mapped_column(Integer)
    live: Mapped[bool]
