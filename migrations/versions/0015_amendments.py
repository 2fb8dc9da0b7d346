"""Amendments, cancellations with grounds, shut-outs, corrections asked for, proof files, mandates that end."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from migrations.columns import (
    AT,
    instants,
    numbers,
    optional,
    optional_instants,
    optional_numbers,
    paper,
    texts,
)

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.add_column("cancellation", sa.Column("ground", sa.Text(), nullable=True))
    op.add_column("cancellation", sa.Column("known_on", sa.Date(), nullable=True))
    _amendments()
    _proof_files()
    _shut_outs()
    _corrections()
    _mandates()


def _amendments() -> None:
    op.create_table(
        "amendment",
        *paper(),
        *numbers("checklist_id"),
        *texts("checklist_status"),
        sa.Column("checklist_revision", sa.Integer(), nullable=False),
        *texts("customs_code", "cop_no"),
        *optional("invt_no"),
        *numbers("declarant_id"),
        *texts("agent_code", "agent_name"),
        *numbers("consignor_id"),
        *texts("ebc_code", "ebc_name"),
        *optional("ground"),
        sa.Column("known_on", sa.Date(), nullable=True),
        sa.Column("proposed", JSONB(), nullable=False),
        sa.Column("changes", JSONB(), nullable=False),
        sa.Column("effects", ARRAY(sa.Text()), nullable=False),
        sa.Column("compared", JSONB(), nullable=False),
        *texts("outcome"),
        *optional_instants("decided_at"),
        *optional_numbers("decided_by"),
        *optional("decided_name", "answer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
    )
    op.create_index("ix_amendment_checklist_id", "amendment", ["checklist_id"])
    op.create_index("ix_amendment_declarant_id", "amendment", ["declarant_id", "id"])
    op.create_index("ix_amendment_consignor_id", "amendment", ["consignor_id", "id"])
    op.create_index(
        "uq_amendment_pending",
        "amendment",
        ["checklist_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'pending'"),
    )
    op.create_index(
        "ix_amendment_zone_code", "amendment", ["zone_code", "id"], postgresql_where=sa.text("outcome = 'pending'")
    )


def _proof_files() -> None:
    op.create_table(
        "proof_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *texts("subject_type"),
        *numbers("subject_id"),
        *texts("name", "format"),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        *instants("uploaded_at"),
        *numbers("uploaded_by"),
        *texts("uploaded_name"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_file")),
    )
    op.create_index("uq_proof_file_subject", "proof_file", ["subject_type", "subject_id", "sha256"], unique=True)


def _shut_outs() -> None:
    op.create_table(
        "shut_out",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *numbers("checklist_id"),
        *optional_numbers("cancellation_id", "amendment_id"),
        *texts("zone_code", "customs_code"),
        *numbers("carrier_id"),
        *texts("logistics_name", "logistics_no"),
        *optional_numbers("operator_id"),
        *numbers("declarant_id", "consignor_id", "sender_id"),
        *texts("ebc_name"),
        sa.Column("whole", sa.Boolean(), nullable=False),
        *texts("goods", "state"),
        *instants("requested_at"),
        *optional_instants("decided_at", "let_out_at"),
        *optional_numbers("let_out_by"),
        *optional("let_out_name", "let_out_note"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shut_out")),
    )
    op.create_index("ix_shut_out_checklist_id", "shut_out", ["checklist_id"])
    op.create_index("ix_shut_out_operator_id", "shut_out", ["operator_id", "id"])
    op.create_index("ix_shut_out_zone_code", "shut_out", ["zone_code", "id"])


def _corrections() -> None:
    op.create_table(
        "correction",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *numbers("checklist_id"),
        *texts("zone_code"),
        *numbers("consignor_id", "declarant_id", "sender_id"),
        sa.Column("fields", ARRAY(sa.Text()), nullable=False),
        *texts("words"),
        *numbers("officer_id"),
        *texts("officer_name"),
        *instants("asked_at"),
        sa.Column("due_on", sa.Date(), nullable=False),
        *optional_instants("done_at", "withdrawn_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index("ix_correction_checklist_id", "correction", ["checklist_id"])
    for party in ("consignor_id", "declarant_id", "sender_id"):
        op.create_index(
            f"ix_correction_{party}",
            "correction",
            [party],
            postgresql_where=sa.text("done_at IS NULL AND withdrawn_at IS NULL"),
        )


def _mandates() -> None:
    op.create_table(
        "mandate_end",
        *numbers("mandate_id", "principal_id", "agent_id"),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("passes_on", sa.Date(), nullable=False),
        sa.Column("noticed_at", AT, nullable=False),
        *optional_instants("passed_at"),
        sa.Column("passed", JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("mandate_id", name=op.f("pk_mandate_end")),
    )
    op.create_index("ix_mandate_end_principal_id", "mandate_end", ["principal_id"])
    op.create_index("ix_mandate_end_agent_id", "mandate_end", ["agent_id"])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("mandate_end", "correction", "shut_out", "proof_file", "amendment"):
        op.drop_table(table)
    op.drop_column("cancellation", "known_on")
    op.drop_column("cancellation", "ground")
