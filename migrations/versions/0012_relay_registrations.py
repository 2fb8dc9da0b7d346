"""The outbox and customs' responses of relay mode; exports declared elsewhere and registered here."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.columns import AMOUNT, instants, numbers, optional, optional_instants, optional_numbers, texts

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ("outbox_message", "customs_message", "customs_response", "export_registration", "export_registration_line")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *texts("zone_code", "office", "kind", "subject_type"),
        *numbers("subject_id"),
        sa.Column("revision", sa.Integer(), nullable=False),
        *texts("bundle"),
        sa.Column("part", sa.Integer(), server_default="1", nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        *instants("created_at"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        *optional_instants("leased_until", "sent_at", "failed_at"),
        *optional("failure"),
        *optional_instants("superseded_at", "answered_at"),
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
    op.create_index("uq_outbox_message_bundle_kind", "outbox_message", ["bundle", "kind", "part"], unique=True)
    op.create_table(
        "customs_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *texts("type", "guid"),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        *instants("received_at"),
        *texts("received_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customs_message")),
    )
    op.create_index("uq_customs_message_sha256", "customs_message", ["sha256"], unique=True)
    op.create_table(
        "customs_response",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *numbers("message_id"),
        *texts("type"),
        *optional("zone_code", "subject_type"),
        *optional_numbers("subject_id"),
        *optional("pre_no"),
        sa.Column("head", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        *texts("return_status"),
        *optional_instants("return_time"),
        *texts("return_info", "outcome"),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        *instants("received_at"),
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
        *numbers("id"),
        *texts("invt_no", "source", "zone_code", "customs_code"),
        *numbers("consignor_id"),
        *optional_numbers("declarant_id", "carrier_id", "platform_id"),
        *numbers("sender_id"),
        *texts("order_no", "ebp_code", "logistics_no", "cop_no", "trade_mode", "flag", "country"),
        sa.Column("export_on", sa.Date(), nullable=False),
        *instants("app_time"),
        *texts("currency"),
        sa.Column("total_price", AMOUNT, nullable=False),
        sa.Column("gross_weight", AMOUNT, nullable=False),
        sa.Column("pack_no", sa.Integer(), nullable=False),
        sa.Column("head", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        *texts("state"),
        *instants("return_time"),
        *texts("return_info"),
        sa.Column("response", sa.LargeBinary(), nullable=True),
        *optional_numbers("order_id", "waybill_id"),
        sa.Column("match", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        *instants("registered_at"),
        *texts("registered_by"),
        *instants("changed_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_registration")),
    )
    op.create_index("ix_export_registration_consignor_id", "export_registration", ["consignor_id", "id"], unique=False)
    op.create_index("ix_export_registration_declarant_id", "export_registration", ["declarant_id", "id"], unique=False)
    op.create_index("ix_export_registration_sender_id", "export_registration", ["sender_id", "id"], unique=False)
    op.create_index("ix_export_registration_zone_code", "export_registration", ["zone_code", "id"], unique=False)
    op.create_index("uq_export_registration_invt_no", "export_registration", ["invt_no"], unique=True)
    op.create_table(
        "export_registration_line",
        *numbers("registration_id"),
        sa.Column("gnum", sa.Integer(), autoincrement=False, nullable=False),
        *texts("item_no"),
        *optional("item_record_no", "item_name"),
        *texts("gcode", "gname", "gmodel", "bar_code", "country", "currency"),
        sa.Column("qty", AMOUNT, nullable=False),
        sa.Column("qty1", AMOUNT, nullable=False),
        sa.Column("qty2", AMOUNT, nullable=True),
        *texts("unit", "unit1"),
        *optional("unit2"),
        sa.Column("price", AMOUNT, nullable=False),
        sa.Column("total_price", AMOUNT, nullable=False),
        *optional("note"),
        sa.PrimaryKeyConstraint("registration_id", "gnum", name=op.f("pk_export_registration_line")),
    )


def downgrade() -> None:
    """Drop them."""
    for table in reversed(TABLES):
        op.drop_table(table)
