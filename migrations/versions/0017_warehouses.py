"""Overseas warehouses, who uses them, the ledger of goods there, and which warehouse a checklist names."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import AMOUNT, instants, numbers, optional, optional_instants, optional_numbers, texts

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

AUDITED = ("overseas_warehouse", "warehouse_user", "warehouse_filing")
KEPT = ("warehouse_entry", "warehouse_return")
TABLES = (*AUDITED, "warehouse_proof", "warehouse_batch", "warehouse_entry", "warehouse_return")

_KEEP = """
CREATE FUNCTION warehouse_ledger_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger of a warehouse is only added to';
END
$$
"""


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def _days() -> list[sa.Column[sa.Date]]:
    return [sa.Column("valid_from", sa.Date(), nullable=False), sa.Column("valid_to", sa.Date(), nullable=True)]


def upgrade() -> None:
    """Create the tables, and what checklists say about warehouses."""
    op.add_column("checklist", sa.Column("business", sa.Text(), nullable=True))
    op.add_column("checklist", sa.Column("warehouse_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_checklist_warehouse_id",
        "checklist",
        ["warehouse_id", "id"],
        postgresql_where=sa.text("warehouse_id IS NOT NULL"),
    )
    _register()
    _ledger()
    for table in AUDITED:
        op.execute(
            f"CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION audit_change('id')"
        )
    op.execute(_KEEP)
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION warehouse_ledger_keep()"
        )


def _register() -> None:
    op.create_table(
        "overseas_warehouse",
        _id(),
        *texts("zone_code"),
        *numbers("registered_by"),
        *texts("name_zh", "name_en", "country", "address", "operator", "holding"),
        sa.Column("lease_until", sa.Date(), nullable=True),
        *_days(),
        *texts("state"),
        *instants("registered_at"),
        *optional_instants("decided_at"),
        *optional("decided_by", "reason"),
        *texts("set_by"),
        *instants("set_at"),
        sa.CheckConstraint("holding IN ('owned', 'leased', 'third_party')", name=op.f("ck_overseas_warehouse_holding")),
        sa.CheckConstraint("state IN ('registered', 'confirmed', 'refused')", name=op.f("ck_overseas_warehouse_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overseas_warehouse")),
    )
    op.create_index("ix_overseas_warehouse_zone_code", "overseas_warehouse", ["zone_code", "id"])
    op.create_index("ix_overseas_warehouse_registered_by", "overseas_warehouse", ["registered_by"])
    op.create_table(
        "warehouse_user",
        _id(),
        *numbers("warehouse_id", "subject_id"),
        *texts("zone_code"),
        *_days(),
        *texts("set_by"),
        *instants("set_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse_user")),
    )
    op.create_index("ix_warehouse_user_warehouse_id", "warehouse_user", ["warehouse_id", "subject_id"])
    op.create_index("ix_warehouse_user_subject_id", "warehouse_user", ["subject_id", "warehouse_id"])
    op.create_table(
        "warehouse_filing",
        _id(),
        *numbers("subject_id"),
        *texts("zone_code", "filing_no"),
        *_days(),
        *texts("set_by"),
        *instants("set_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse_filing")),
    )
    op.create_index("ix_warehouse_filing_subject_id", "warehouse_filing", ["subject_id"])
    op.create_index("ix_warehouse_filing_zone_code", "warehouse_filing", ["zone_code", "id"])


def _ledger() -> None:
    op.create_table(
        "warehouse_proof",
        _id(),
        *numbers("subject_id"),
        *texts("sha256", "name", "media_type"),
        *numbers("size"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        *texts("uploaded_by"),
        *instants("uploaded_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse_proof")),
    )
    op.create_index("uq_warehouse_proof_subject_id_sha256", "warehouse_proof", ["subject_id", "sha256"], unique=True)
    op.create_table(
        "warehouse_batch",
        _id(),
        *numbers("warehouse_id", "subject_id"),
        *texts("origin"),
        *optional("sha256"),
        sa.Column("entries", sa.Integer(), nullable=False),
        *texts("recorded_by"),
        *instants("recorded_at"),
        sa.CheckConstraint("origin IN ('page', 'api', 'file', 'return')", name=op.f("ck_warehouse_batch_origin")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse_batch")),
    )
    op.create_index(
        "uq_warehouse_batch_sha256",
        "warehouse_batch",
        ["warehouse_id", "subject_id", "sha256"],
        unique=True,
        postgresql_where=sa.text("sha256 IS NOT NULL"),
    )
    op.create_table(
        "warehouse_entry",
        _id(),
        *numbers("batch_id", "warehouse_id"),
        *texts("zone_code"),
        *numbers("consignor_id", "checklist_id"),
        sa.Column("gnum", sa.Integer(), nullable=False),
        *texts("kind"),
        sa.Column("qty", AMOUNT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *optional_numbers("corrects", "proof_id"),
        *optional("reference", "note"),
        sa.Column("apart", sa.Boolean(), nullable=False),
        *texts("recorded_by"),
        *instants("recorded_at"),
        sa.CheckConstraint(
            "kind IN ('arrived', 'sold', 'returned', 'destroyed', 'lost')", name=op.f("ck_warehouse_entry_kind")
        ),
        sa.CheckConstraint("qty <> 0 AND (qty < 0) = (corrects IS NOT NULL)", name=op.f("ck_warehouse_entry_sign")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouse_entry")),
    )
    op.create_index("ix_warehouse_entry_line", "warehouse_entry", ["checklist_id", "gnum", "id"])
    op.create_index("ix_warehouse_entry_warehouse_id", "warehouse_entry", ["warehouse_id", "id"])
    op.create_index(
        "ix_warehouse_entry_corrects",
        "warehouse_entry",
        ["corrects"],
        postgresql_where=sa.text("corrects IS NOT NULL"),
    )
    op.create_table(
        "warehouse_return",
        *numbers("return_id"),
        sa.Column("gnum", sa.Integer(), nullable=False),
        *numbers("entry_id"),
        sa.Column("qty", AMOUNT, nullable=False),
        sa.PrimaryKeyConstraint("return_id", "gnum", "entry_id", name=op.f("pk_warehouse_return")),
    )
    op.create_index("ix_warehouse_return_entry_id", "warehouse_return", ["entry_id"])


def downgrade() -> None:
    """Drop them again."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DROP FUNCTION warehouse_ledger_keep")
    op.drop_index("ix_checklist_warehouse_id", table_name="checklist")
    op.drop_column("checklist", "warehouse_id")
    op.drop_column("checklist", "business")
