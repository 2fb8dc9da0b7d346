"""Sequences, the id of a finished transaction and the event table."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from common.events import Xid8

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.execute("CREATE SEQUENCE paper_serial")
    op.execute("CREATE SEQUENCE event_serial")
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=True),
        sa.Column("consignor_id", sa.BigInteger(), nullable=True),
        sa.Column("declarant_id", sa.BigInteger(), nullable=True),
        sa.Column("sender_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_event_consignor_feed", "event", ["consignor_id", "xid", "id"], unique=False)
    op.create_index("ix_event_declarant_feed", "event", ["declarant_id", "xid", "id"], unique=False)
    op.create_index("ix_event_subject", "event", ["subject_id"], unique=False)
    op.create_index("ix_event_zone_feed", "event", ["zone_code", "xid", "id"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("event")
    op.execute("DROP SEQUENCE event_serial")
    op.execute("DROP SEQUENCE paper_serial")
