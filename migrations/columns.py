"""Columns that several migrations write alike. Written migrations rest on them: add here, never change."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

AT = sa.DateTime(timezone=True)
AMOUNT = sa.Numeric(19, 5)

Columns = list[sa.Column[Any]]


def texts(*names: str) -> Columns:
    """Text columns that are always filled."""
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def optional(*names: str) -> Columns:
    """Text columns that may be empty."""
    return [sa.Column(name, sa.Text(), nullable=True) for name in names]


def numbers(*names: str) -> Columns:
    """Ids and counts that are always filled."""
    return [sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False) for name in names]


def optional_numbers(*names: str) -> Columns:
    """Ids that may be empty."""
    return [sa.Column(name, sa.BigInteger(), nullable=True) for name in names]


def instants(*names: str) -> Columns:
    """Instants that are always filled."""
    return [sa.Column(name, AT, nullable=False) for name in names]


def optional_instants(*names: str) -> Columns:
    """Instants that may be empty."""
    return [sa.Column(name, AT, nullable=True) for name in names]


def paper() -> Columns:
    """What every filed paper carries: where it came from, when, from whom, and its state."""
    return [
        *numbers("id", "message_id"),
        *texts("guid", "zone_code"),
        *numbers("sender_id"),
        *instants("received_at", "app_time"),
        *texts("status", "pre_no"),
        sa.Column("revision", sa.Integer(), nullable=False),
        *optional_instants("withdrawn_at"),
        *optional("note"),
    ]
