"""Subjects (主体) below their roles: firms, sole traders, resident individuals, banks, departments.

What can change is a dated row of its own (`valid_from`, `valid_to`, both inclusive): codes, names, roles, memberships
and traits. A change closes the open row and adds the next one; nothing is overwritten.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base

_OPEN = text("valid_to IS NULL")


class Subject(Base):
    """Somebody the platform knows."""

    __tablename__ = "subject"
    __table_args__ = (
        CheckConstraint("kind IN ('firm', 'sole_trader', 'individual', 'bank', 'department')", name="kind"),
        CheckConstraint("(id_number_hash IS NULL) = (id_number_cipher IS NULL)", name="id_number"),
        Index("uq_subject_id_number_hash", "id_number_hash", unique=True),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    registered_on: Mapped[date]
    """Day of registration on the platform."""
    dxp_id: Mapped[str | None] = mapped_column(String(30))
    """Transmission id (报文传输编号) of a firm that sends messages itself."""
    id_number_cipher: Mapped[bytes | None] = mapped_column(LargeBinary)
    """An individual's identity number, encrypted."""
    id_number_hash: Mapped[str | None] = mapped_column(String(64))
    """Its keyed hash, for look-up."""
    id_number_mask: Mapped[str | None] = mapped_column(String(18))
    """What may be shown of it."""


class SubjectCode(Base):
    """A code a subject is known by: `uscc` (统一社会信用代码) or `customs` (海关10位编码); codes have successors."""

    __tablename__ = "subject_code"
    __table_args__ = (
        CheckConstraint("scheme IN ('uscc', 'customs')", name="scheme"),
        Index("ix_subject_code_code", "code"),
        Index("ix_subject_code_subject_id", "subject_id"),
        Index("uq_subject_code_open_code", "code", unique=True, postgresql_where=_OPEN),
        Index("uq_subject_code_open", "subject_id", "scheme", unique=True, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"))
    scheme: Mapped[str] = mapped_column(String(8))
    code: Mapped[str] = mapped_column(String(18))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class SubjectName(Base):
    """A name a subject bears or bore."""

    __tablename__ = "subject_name"
    __table_args__ = (
        Index("ix_subject_name_subject_id", "subject_id"),
        Index("uq_subject_name_open", "subject_id", unique=True, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"))
    name: Mapped[str] = mapped_column(String(100))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class SubjectRole(Base):
    """A role a subject plays on the platform."""

    __tablename__ = "subject_role"
    __table_args__ = (
        CheckConstraint("role IN ('seller', 'platform', 'logistics', 'payment', 'agent', 'operator')", name="role"),
        Index("uq_subject_role_open", "subject_id", "role", unique=True, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"))
    role: Mapped[str] = mapped_column(String(10))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class SubjectTrait(Base):
    """A dated fact with one value at a time; which traits and values there are stands in `credit.subjects.TRAITS`."""

    __tablename__ = "subject_trait"
    __table_args__ = (
        CheckConstraint("trait IN ('filing', 'trade_kind', 'taxpayer_kind', 'customs_grade')", name="trait"),
        Index("uq_subject_trait_open", "subject_id", "trait", unique=True, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"))
    trait: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(String(24))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class ZoneMembership(Base):
    """A subject belongs to a zone, perhaps in one of its parks; `home` marks the zone its papers count for."""

    __tablename__ = "zone_membership"
    __table_args__ = (
        Index("ix_zone_membership_zone_code", "zone_code"),
        Index("uq_zone_membership_open", "subject_id", "zone_code", unique=True, postgresql_where=_OPEN),
        Index("uq_zone_membership_home", "subject_id", unique=True, postgresql_where=text("home AND valid_to IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"))
    zone_code: Mapped[str] = mapped_column(String(6), ForeignKey("zone.code"))
    park_id: Mapped[int | None] = mapped_column(ForeignKey("park.id"))
    home: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
