"""Changing what customs has accepted: amendments, proof files, shut-outs, corrections asked for, mandates that end."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, Boolean, Identity, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from common.db import Base
from customs.tables.papers import Asked


class Amendment(Asked, Base):
    """修改申请 (a CEB603 with appType 2 for a checklist from conclusion on), which an officer decides.

    `proposed` holds the whole new contents ({"head", "lines"}, values as text); `changes` each field with before and
    after; `effects` what the change will cause; `compared` the papers compared with the new contents when it was filed.
    """

    __tablename__ = "amendment"

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> Any:
        """Few rows: one table; a checklist has one request at a time."""
        return (
            Index("ix_amendment_checklist_id", "checklist_id"),
            Index("ix_amendment_declarant_id", "declarant_id", "id"),
            Index("ix_amendment_consignor_id", "consignor_id", "id"),
            Index("uq_amendment_pending", "checklist_id", unique=True, postgresql_where=text("outcome = 'pending'")),
            Index("ix_amendment_zone_code", "zone_code", "id", postgresql_where=text("outcome = 'pending'")),
        )

    checklist_revision: Mapped[int] = mapped_column(Integer)
    """The checklist's revision when the request came in."""
    invt_no: Mapped[str | None] = mapped_column(Text)
    proposed: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    effects: Mapped[list[str]] = mapped_column(ARRAY(Text))
    compared: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class ProofFile(Base):
    """A proof file of an amendment or a cancellation, as it was uploaded; `format` is pdf, png or jpeg."""

    __tablename__ = "proof_file"
    __table_args__ = (Index("uq_proof_file_subject", "subject_type", "subject_id", "sha256", unique=True),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[int]
    uploaded_name: Mapped[str] = mapped_column(Text)


class ShutOut(Base):
    """退关: released goods that will not leave. `state`: requested, approved, refused, withdrawn, let_out or not_here.

    Whole (a cancellation) or in part (an amendment). `operator_id` is the site's operator, None where the goods never
    reached a site: then nothing has to be let out (`not_here`). `goods` says what is shut out, for people.
    """

    __tablename__ = "shut_out"
    __table_args__ = (
        Index("ix_shut_out_checklist_id", "checklist_id"),
        Index("ix_shut_out_operator_id", "operator_id", "id"),
        Index("ix_shut_out_zone_code", "zone_code", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    checklist_id: Mapped[int]
    cancellation_id: Mapped[int | None]
    amendment_id: Mapped[int | None]
    zone_code: Mapped[str] = mapped_column(Text)
    customs_code: Mapped[str] = mapped_column(Text)
    carrier_id: Mapped[int]
    logistics_name: Mapped[str] = mapped_column(Text)
    logistics_no: Mapped[str] = mapped_column(Text)
    operator_id: Mapped[int | None]
    declarant_id: Mapped[int]
    consignor_id: Mapped[int]
    sender_id: Mapped[int]
    ebc_name: Mapped[str] = mapped_column(Text)
    whole: Mapped[bool] = mapped_column(Boolean)
    goods: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    let_out_at: Mapped[datetime | None]
    let_out_by: Mapped[int | None]
    let_out_name: Mapped[str | None] = mapped_column(Text)
    let_out_note: Mapped[str | None] = mapped_column(Text)


_OPEN = text("done_at IS NULL AND withdrawn_at IS NULL")


class Correction(Base):
    """A change that the office asks for: the named fields, why, and until when; open until done or taken back."""

    __tablename__ = "correction"
    __table_args__ = (
        Index("ix_correction_checklist_id", "checklist_id"),
        Index("ix_correction_consignor_id", "consignor_id", postgresql_where=_OPEN),
        Index("ix_correction_declarant_id", "declarant_id", postgresql_where=_OPEN),
        Index("ix_correction_sender_id", "sender_id", postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    checklist_id: Mapped[int]
    zone_code: Mapped[str] = mapped_column(Text)
    consignor_id: Mapped[int]
    declarant_id: Mapped[int]
    sender_id: Mapped[int]
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
    words: Mapped[str] = mapped_column(Text)
    officer_id: Mapped[int]
    officer_name: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    due_on: Mapped[date]
    done_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class MandateEnd(Base):
    """A mandate that ends: when both were told, when what it leaves open passes to the consignor, and what passed."""

    __tablename__ = "mandate_end"
    __table_args__ = (
        Index("ix_mandate_end_principal_id", "principal_id"),
        Index("ix_mandate_end_agent_id", "agent_id"),
    )

    mandate_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    principal_id: Mapped[int]
    agent_id: Mapped[int]
    ends_on: Mapped[date]
    passes_on: Mapped[date]
    noticed_at: Mapped[datetime]
    passed_at: Mapped[datetime | None]
    passed: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
