"""The officers' desk: what was decided, by whom and why, and the questions put to sellers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Identity, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class DeskDecision(Base):
    """One decision of an officer; rows are only ever added. `pending`: a release that still wants a countersign.

    `reason` is a code of `customs.rules.desk`; `note` is the officer's own text (shown to the party for a rejection
    and a question only).
    """

    __tablename__ = "desk_decision"
    __table_args__ = (Index("ix_desk_decision_checklist_id", "checklist_id"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    checklist_id: Mapped[int]
    zone_code: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    status_before: Mapped[str] = mapped_column(Text)
    status_after: Mapped[str] = mapped_column(Text)
    pending: Mapped[bool] = mapped_column(Boolean)
    officer_id: Mapped[int]
    officer_name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class DeskQuestion(Base):
    """A question to the seller and its answer; the desk's clock stands still between the two."""

    __tablename__ = "desk_question"
    __table_args__ = (
        Index("ix_desk_question_checklist_id", "checklist_id"),
        Index("ix_desk_question_open", "due_at", postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    checklist_id: Mapped[int]
    zone_code: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    question: Mapped[str] = mapped_column(Text)
    officer_id: Mapped[int]
    officer_name: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[int | None]
    answered_name: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None]
