"""Three tables of exchange rates, and the official calendar."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_RATES = ("customs_rate", "safe_rate", "tax_rate")


def upgrade() -> None:
    """Create the tables."""
    for name in _RATES:
        op.create_table(
            name,
            sa.Column("period", sa.Date(), nullable=False),
            sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
            sa.Column("currency", sa.String(3), nullable=False),
            sa.Column("rate", sa.Numeric(20, 10), nullable=False),
            sa.Column("source", sa.String(200), nullable=False),
            sa.Column("is_sample", sa.Boolean(), nullable=False),
            sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("loaded_by", sa.String(100), nullable=False),
            sa.CheckConstraint("rate > 0", name=op.f(f"ck_{name}_positive")),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
            sa.UniqueConstraint("currency", "period", name=op.f(f"uq_{name}_currency_period")),
        )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("name_zh", sa.String(60), nullable=False),
        sa.Column("name_en", sa.String(60), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loaded_by", sa.String(100), nullable=False),
        sa.CheckConstraint("kind IN ('holiday', 'workday')", name=op.f("ck_calendar_day_kind")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("calendar_day")
    for name in reversed(_RATES):
        op.drop_table(name)
