"""Accounts (账户), API tokens, failed attempts, and what each role must bring to sign in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class Account(Base):
    """Somebody who signs in: for an enterprise (with a level) or for an agency (with zones)."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("level IN ('owner', 'clerk', 'read_only')", name="level"),
        CheckConstraint("(enterprise_id IS NULL) = (level IS NULL)", name="belongs"),
        Index("uq_account_login", "login", unique=True),
        Index("ix_account_enterprise_id", "enterprise_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    login: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(20))
    level: Mapped[str | None] = mapped_column(String(10))
    """Of enterprise accounts: owner, clerk or read_only."""
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id"))
    zone_code: Mapped[str | None] = mapped_column(String(6), ForeignKey("zone.code"))
    """The zone the account belongs to."""
    zones: Mapped[list[str]] = mapped_column(ARRAY(String(6)))
    """The zones whose transactions an agency's account sees."""
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_cipher: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The secret of the second factor, encrypted; none until it is set up."""
    session_serial: Mapped[int] = mapped_column(default=1)
    """Raised to end all page sessions of the account."""
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class ApiToken(Base):
    """A bearer token; only its SHA-256 is kept."""

    __tablename__ = "api_token"
    __table_args__ = (
        Index("uq_api_token_digest", "digest", unique=True),
        Index("ix_api_token_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    label: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignInAttempts(Base):
    """Failed sign-ins of an account since its last success; apart from the account, so that they are not audited."""

    __tablename__ = "sign_in_attempts"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    failures: Mapped[int]
    locked_until: Mapped[datetime | None]
    last_totp_step: Mapped[int | None]
    """The newest time step whose second factor was used; a code works once."""


class RoleSetting(Base):
    """What a role must bring; a role without a row needs a password only."""

    __tablename__ = "role_setting"

    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    second_factor: Mapped[bool]
    set_by: Mapped[str] = mapped_column(String(100))
    set_at: Mapped[datetime]
