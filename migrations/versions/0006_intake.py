"""The inbox, business keys, orders, payment receipts, waybills and checklists."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.execute("CREATE SEQUENCE pre_no_serial")
    op.execute("CREATE SEQUENCE invt_no_serial")
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guid", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("sender_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("documents", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("envelope", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("accepted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rejected", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_message_sender_id_id", "message", ["sender_id", "id"], unique=False)
    op.create_index(
        "ix_message_unprocessed",
        "message",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("state = 'received'"),
    )
    op.create_table(
        "message_key",
        sa.Column("sender_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sender_id", "guid", name=op.f("pk_message_key")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "sale",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("checklist_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("platform", "order_no", name=op.f("pk_sale")),
    )
    op.create_table(
        "parcel",
        sa.Column("carrier_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("logistics_no", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waybill_id", sa.BigInteger(), nullable=True),
        sa.Column("checklist_id", sa.BigInteger(), nullable=True),
        sa.Column("arrival_id", sa.BigInteger(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("site_operator_id", sa.BigInteger(), nullable=True),
        sa.Column("weighed_gross", sa.Numeric(precision=19, scale=5), nullable=True),
        sa.Column("master_list_id", sa.BigInteger(), nullable=True),
        sa.Column("departure_id", sa.BigInteger(), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("carrier_id", "logistics_no", name=op.f("pk_parcel")),
    )
    op.create_table(
        "payment_key",
        sa.Column("consignor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("pay_no", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("consignor_id", "order_no", "pay_no", name=op.f("pk_payment_key")),
    )
    op.create_table(
        "checklist_key",
        sa.Column("declarant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cop_no", sa.Text(), nullable=False),
        sa.Column("checklist_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("declarant_id", "cop_no", name=op.f("pk_checklist_key")),
    )
    op.create_table(
        "sale_order",
        sa.Column("order_type", sa.Text(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("parent_order_no", sa.Text(), nullable=True),
        sa.Column("platform_id", sa.BigInteger(), nullable=True),
        sa.Column("ebp_code", sa.Text(), nullable=False),
        sa.Column("ebp_name", sa.Text(), nullable=False),
        sa.Column("consignor_id", sa.BigInteger(), nullable=False),
        sa.Column("ebc_code", sa.Text(), nullable=False),
        sa.Column("ebc_name", sa.Text(), nullable=False),
        sa.Column("goods_value", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("freight", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("receiver_key", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("sender_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("app_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("pre_no", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale_order")),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_table(
        "sale_order_line",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("gnum", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_no", sa.Text(), nullable=False),
        sa.Column("item_name", sa.Text(), nullable=False),
        sa.Column("item_describe", sa.Text(), nullable=True),
        sa.Column("bar_code", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("qty", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("price", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("total_price", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("order_id", "gnum", name=op.f("pk_sale_order_line")),
        postgresql_partition_by="RANGE (order_id)",
    )
    op.create_table(
        "payment_receipt",
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("ebp_code", sa.Text(), nullable=False),
        sa.Column("ebp_name", sa.Text(), nullable=False),
        sa.Column("consignor_id", sa.BigInteger(), nullable=False),
        sa.Column("ebc_code", sa.Text(), nullable=False),
        sa.Column("ebc_name", sa.Text(), nullable=False),
        sa.Column("pay_code", sa.Text(), nullable=True),
        sa.Column("pay_name", sa.Text(), nullable=False),
        sa.Column("pay_no", sa.Text(), nullable=True),
        sa.Column("charge", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("accounting_date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("sender_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("app_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("pre_no", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_receipt")),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_table(
        "waybill",
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("logistics_code", sa.Text(), nullable=False),
        sa.Column("logistics_name", sa.Text(), nullable=False),
        sa.Column("logistics_no", sa.Text(), nullable=False),
        sa.Column("freight", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("insured_fee", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("gross_weight", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("pack_no", sa.Integer(), nullable=False),
        sa.Column("goods_info", sa.Text(), nullable=False),
        sa.Column("consignor_id", sa.BigInteger(), nullable=True),
        sa.Column("ebc_code", sa.Text(), nullable=True),
        sa.Column("ebc_name", sa.Text(), nullable=True),
        sa.Column("ebc_telephone", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("sender_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("app_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("pre_no", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waybill")),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_table(
        "checklist",
        sa.Column("customs_code", sa.Text(), nullable=False),
        sa.Column("ebp_code", sa.Text(), nullable=False),
        sa.Column("ebp_name", sa.Text(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("logistics_code", sa.Text(), nullable=False),
        sa.Column("logistics_name", sa.Text(), nullable=False),
        sa.Column("logistics_no", sa.Text(), nullable=False),
        sa.Column("cop_no", sa.Text(), nullable=False),
        sa.Column("invt_no", sa.Text(), nullable=True),
        sa.Column("port_code", sa.Text(), nullable=False),
        sa.Column("ie_date", sa.Date(), nullable=False),
        sa.Column("flag", sa.Text(), nullable=False),
        sa.Column("agent_code", sa.Text(), nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=False),
        sa.Column("ebc_code", sa.Text(), nullable=False),
        sa.Column("ebc_name", sa.Text(), nullable=False),
        sa.Column("owner_code", sa.Text(), nullable=False),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("iac_code", sa.Text(), nullable=True),
        sa.Column("iac_name", sa.Text(), nullable=True),
        sa.Column("ems_no", sa.Text(), nullable=True),
        sa.Column("trade_mode", sa.Text(), nullable=False),
        sa.Column("traf_mode", sa.Text(), nullable=False),
        sa.Column("traf_name", sa.Text(), nullable=True),
        sa.Column("voyage_no", sa.Text(), nullable=True),
        sa.Column("bill_no", sa.Text(), nullable=True),
        sa.Column("total_package_no", sa.Text(), nullable=True),
        sa.Column("loct_no", sa.Text(), nullable=True),
        sa.Column("license_no", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("pod", sa.Text(), nullable=False),
        sa.Column("freight", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("f_currency", sa.Text(), nullable=False),
        sa.Column("f_flag", sa.Text(), nullable=False),
        sa.Column("insured_fee", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("i_currency", sa.Text(), nullable=False),
        sa.Column("i_flag", sa.Text(), nullable=False),
        sa.Column("wrap_type", sa.Text(), nullable=False),
        sa.Column("pack_no", sa.Integer(), nullable=False),
        sa.Column("gross_weight", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("net_weight", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("consignor_id", sa.BigInteger(), nullable=False),
        sa.Column("declarant_id", sa.BigInteger(), nullable=False),
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("platform_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_order_no", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total_price", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("value_cny", sa.Numeric(precision=19, scale=5), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("waybill_id", sa.BigInteger(), nullable=True),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column("waits_for", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("match", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("tier_trace", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("reason_class", sa.Text(), nullable=True),
        sa.Column("decides", sa.Text(), server_default="here", nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statistics_on", sa.Date(), nullable=True),
        sa.Column("return_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.BigInteger(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("question", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("site_hold", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("sender_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("app_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("pre_no", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist")),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index(
        "ix_checklist_closed",
        "checklist",
        ["zone_code", "closed_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index("ix_checklist_consignor_id_id", "checklist", ["consignor_id", "id"], unique=False)
    op.create_index("ix_checklist_declarant_id_id", "checklist", ["declarant_id", "id"], unique=False)
    op.create_index(
        "ix_checklist_invt_no", "checklist", ["invt_no"], unique=False, postgresql_where=sa.text("invt_no IS NOT NULL")
    )
    op.create_index(
        "ix_checklist_open",
        "checklist",
        ["zone_code", "status", "id"],
        unique=False,
        postgresql_where=sa.text("status <> '899'"),
    )
    op.create_index(
        "ix_checklist_waiting",
        "checklist",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("status = '2' AND withdrawn_at IS NULL"),
    )
    op.create_table(
        "checklist_line",
        sa.Column("checklist_id", sa.BigInteger(), autoincrement=False, nullable=False),
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
        sa.Column("qty", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("qty1", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("qty2", sa.Numeric(precision=19, scale=5), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("unit1", sa.Text(), nullable=False),
        sa.Column("unit2", sa.Text(), nullable=True),
        sa.Column("price", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("total_price", sa.Numeric(precision=19, scale=5), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("checklist_id", "gnum", name=op.f("pk_checklist_line")),
        postgresql_partition_by="RANGE (checklist_id)",
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("checklist_line")
    op.drop_table("checklist")
    op.drop_table("waybill")
    op.drop_table("payment_receipt")
    op.drop_table("sale_order_line")
    op.drop_table("sale_order")
    op.drop_table("checklist_key")
    op.drop_table("payment_key")
    op.drop_table("parcel")
    op.drop_table("sale")
    op.drop_table("idempotency_key")
    op.drop_table("message_key")
    op.drop_table("message")
    op.execute("DROP SEQUENCE invt_no_serial")
    op.execute("DROP SEQUENCE pre_no_serial")
