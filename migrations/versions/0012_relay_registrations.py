"""The outbox and customs' responses of relay mode; exports declared elsewhere and registered here."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_AT = sa.DateTime(timezone=True)
_AMOUNT = sa.Numeric(19, 5)
TABLES = ("outbox_message", "customs_message", "customs_response", "export_registration", "export_registration_line")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("bundle", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("leased_until", _AT, nullable=True),
        sa.Column("sent_at", _AT, nullable=True),
        sa.Column("failed_at", _AT, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("superseded_at", _AT, nullable=True),
        sa.Column("answered_at", _AT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
    )
    op.create_index(
        "ix_outbox_message_open",
        "outbox_message",
        ["zone_code", "id"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL AND superseded_at IS NULL"),
    )
    op.create_index("ix_outbox_message_subject", "outbox_message", ["subject_type", "subject_id"], unique=False)
    op.create_index("uq_outbox_message_bundle_kind", "outbox_message", ["bundle", "kind"], unique=True)
    op.create_table(
        "customs_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", _AT, nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customs_message")),
    )
    op.create_index("uq_customs_message_sha256", "customs_message", ["sha256"], unique=True)
    op.create_table(
        "customs_response",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=True),
        sa.Column("subject_type", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("pre_no", sa.Text(), nullable=True),
        sa.Column("head", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("return_status", sa.Text(), nullable=False),
        sa.Column("return_time", _AT, nullable=True),
        sa.Column("return_info", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", _AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customs_response")),
    )
    op.create_index("ix_customs_response_message_id", "customs_response", ["message_id"], unique=False)
    op.create_index(
        "ix_customs_response_pre_no",
        "customs_response",
        ["pre_no"],
        unique=False,
        postgresql_where=sa.text("pre_no IS NOT NULL"),
    )
    op.create_index("ix_customs_response_subject", "customs_response", ["subject_type", "subject_id"], unique=False)
    op.create_index("ix_customs_response_zone", "customs_response", ["zone_code", "id"], unique=False)
    op.create_index("uq_customs_response_fingerprint", "customs_response", ["fingerprint"], unique=True)
    op.create_table(
        "export_registration",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("invt_no", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("customs_code", sa.Text(), nullable=False),
        sa.Column("consignor_id", sa.BigInteger(), nullable=False),
        sa.Column("declarant_id", sa.BigInteger(), nullable=True),
        sa.Column("carrier_id", sa.BigInteger(), nullable=True),
        sa.Column("platform_id", sa.BigInteger(), nullable=True),
        sa.Column("sender_id", sa.BigInteger(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("ebp_code", sa.Text(), nullable=False),
        sa.Column("logistics_no", sa.Text(), nullable=False),
        sa.Column("cop_no", sa.Text(), nullable=False),
        sa.Column("trade_mode", sa.Text(), nullable=False),
        sa.Column("flag", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("export_on", sa.Date(), nullable=False),
        sa.Column("app_time", _AT, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total_price", _AMOUNT, nullable=False),
        sa.Column("gross_weight", _AMOUNT, nullable=False),
        sa.Column("pack_no", sa.Integer(), nullable=False),
        sa.Column("head", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("return_time", _AT, nullable=False),
        sa.Column("return_info", sa.Text(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("waybill_id", sa.BigInteger(), nullable=True),
        sa.Column("match", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("registered_at", _AT, nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.Column("changed_at", _AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_registration")),
    )
    op.create_index("ix_export_registration_consignor_id", "export_registration", ["consignor_id", "id"], unique=False)
    op.create_index("ix_export_registration_declarant_id", "export_registration", ["declarant_id", "id"], unique=False)
    op.create_index("ix_export_registration_sender_id", "export_registration", ["sender_id", "id"], unique=False)
    op.create_index("ix_export_registration_zone_code", "export_registration", ["zone_code", "id"], unique=False)
    op.create_index("uq_export_registration_invt_no", "export_registration", ["invt_no"], unique=True)
    op.create_table(
        "export_registration_line",
        sa.Column("registration_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("gnum", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_no", sa.Text(), nullable=False),
        sa.Column("item_record_no", sa.Text(), nullable=True),
        sa.Column("item_name", sa.Text(), nullable=True),
        sa.Column("gcode", sa.Text(), nullable=False),
        sa.Column("gname", sa.Text(), nullable=False),
        sa.Column("gmodel", sa.Text(), nullable=False),
        sa.Column("bar_code", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("qty", _AMOUNT, nullable=False),
        sa.Column("qty1", _AMOUNT, nullable=False),
        sa.Column("qty2", _AMOUNT, nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("unit1", sa.Text(), nullable=False),
        sa.Column("unit2", sa.Text(), nullable=True),
        sa.Column("price", _AMOUNT, nullable=False),
        sa.Column("total_price", _AMOUNT, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("registration_id", "gnum", name=op.f("pk_export_registration_line")),
    )


def downgrade() -> None:
    """Drop them."""
    for table in reversed(TABLES):
        op.drop_table(table)
