"""Risk history, counts and secrets; the desk's decisions and questions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_AT = sa.DateTime(timezone=True)
_AMOUNT = sa.Numeric(19, 5)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "daily_secret",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_secret")),
    )
    op.create_table(
        "risk_goods",
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("unit1", sa.Text(), nullable=False),
        sa.Column("unit_n", sa.BigInteger(), nullable=False),
        sa.Column("unit_low", _AMOUNT, nullable=True),
        sa.Column("unit_high", _AMOUNT, nullable=True),
        sa.Column("piece_n", sa.BigInteger(), nullable=False),
        sa.Column("piece_low", _AMOUNT, nullable=True),
        sa.Column("piece_high", _AMOUNT, nullable=True),
        sa.Column("value_low", _AMOUNT, nullable=True),
        sa.Column("value_high", _AMOUNT, nullable=True),
        sa.Column("refreshed_at", _AT, nullable=False),
        sa.PrimaryKeyConstraint("zone_code", "heading", "unit1", name=op.f("pk_risk_goods")),
    )
    op.create_table(
        "risk_subject",
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("filed", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("active_days", sa.Integer(), nullable=False),
        sa.Column("usual_per_hour", _AMOUNT, nullable=True),
        sa.Column("consignors", sa.Integer(), nullable=False),
        sa.Column("refreshed_at", _AT, nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_risk_subject")),
    )
    op.create_table(
        "risk_tally",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("value_cny", _AMOUNT, nullable=False),
        sa.Column("checklist_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_tally")),
    )
    op.create_index("ix_risk_tally_subject", "risk_tally", ["subject_id", "kind", "key", "at"])
    op.create_index("ix_risk_tally_kind_at", "risk_tally", ["kind", "at"])
    op.create_table(
        "risk_settings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_settings")),
    )
    _desk()


def _desk() -> None:
    op.create_table(
        "desk_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("checklist_id", sa.BigInteger(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("status_before", sa.Text(), nullable=False),
        sa.Column("status_after", sa.Text(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("officer_name", sa.Text(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_decision")),
    )
    op.create_index("ix_desk_decision_checklist_id", "desk_decision", ["checklist_id"])
    op.create_table(
        "desk_question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("checklist_id", sa.BigInteger(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("officer_name", sa.Text(), nullable=False),
        sa.Column("asked_at", _AT, nullable=False),
        sa.Column("due_at", _AT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_name", sa.Text(), nullable=True),
        sa.Column("closed_at", _AT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_question")),
    )
    op.create_index("ix_desk_question_checklist_id", "desk_question", ["checklist_id"])
    op.create_index("ix_desk_question_open", "desk_question", ["due_at"], postgresql_where=sa.text("closed_at IS NULL"))
    op.create_index(
        "ix_checklist_high", "checklist", ["zone_code", "status", "id"], postgresql_where=sa.text("tier = 'high'")
    )
    for name, condition in (("asked", "question IS NOT NULL"), ("held", "held_at IS NOT NULL")):
        op.create_index(f"ix_checklist_{name}", "checklist", ["zone_code", "id"], postgresql_where=sa.text(condition))
    op.create_index(
        "ix_checklist_claimed", "checklist", ["claimed_by", "id"], postgresql_where=sa.text("claimed_by IS NOT NULL")
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("claimed", "held", "asked", "high"):
        op.drop_index(f"ix_checklist_{name}", "checklist")
    for table in (
        "desk_question",
        "desk_decision",
        "risk_settings",
        "risk_tally",
        "risk_subject",
        "risk_goods",
        "daily_secret",
    ):
        op.drop_table(table)
