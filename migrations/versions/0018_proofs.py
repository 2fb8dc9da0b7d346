"""The daily proof of months: newest result by zone and month, differences until they are gone; the board's index."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.columns import instants, numbers, optional_instants, optional_numbers, texts

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "proof_check",
        *texts("zone_code", "period"),
        *instants("checked_at"),
        *numbers("checklists", "lines", "open_lines", "differences"),
        *texts("digest"),
        sa.Column("parts", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("zone_code", "period", name=op.f("pk_proof_check")),
    )
    op.create_table(
        "proof_difference",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *texts("period", "zone_code"),
        *numbers("consignor_id", "declarant_id"),
        *texts("rule", "number", "field", "expected", "found"),
        *optional_numbers("checklist_id"),
        sa.Column("gnum", sa.Integer(), nullable=True),
        *optional_numbers("declaration_id"),
        sa.Column("line_no", sa.Integer(), nullable=True),
        *instants("seen_at"),
        *optional_instants("cleared_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_difference")),
    )
    op.create_index(
        "ix_proof_difference_open",
        "proof_difference",
        ["zone_code", "period", "id"],
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_index("ix_proof_difference_consignor_id", "proof_difference", ["consignor_id", "period"])
    op.create_index(
        "ix_checklist_closed_b",
        "checklist",
        ["zone_code", "closed_at"],
        postgresql_include=["id", "consignor_id", "declarant_id"],
        postgresql_where=sa.text("status = '899' AND flag = 'B'"),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("ix_checklist_closed_b", table_name="checklist")
    op.drop_table("proof_difference")
    op.drop_table("proof_check")
