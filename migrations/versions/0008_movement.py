"""Movement: arrivals, departures, master lists, cancellations, records of the site, incidents."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_AT = sa.DateTime(timezone=True)
_AMOUNT = sa.Numeric(19, 5)
AUDITED = ("site_record", "incident")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "arrival",
        sa.Column("operator_id", sa.BigInteger(), nullable=False),
        sa.Column("operator_code", sa.Text(), nullable=False),
        sa.Column("operator_name", sa.Text(), nullable=False),
        sa.Column("loct_no", sa.Text(), nullable=False),
        sa.Column("domestic_traf_no", sa.Text(), nullable=False),
        sa.Column("customs_code", sa.Text(), nullable=False),
        sa.Column("cop_no", sa.Text(), nullable=False),
        sa.Column("traf_mode", sa.Text(), nullable=False),
        sa.Column("bill_no", sa.Text(), nullable=True),
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("logistics_code", sa.Text(), nullable=False),
        sa.Column("logistics_name", sa.Text(), nullable=False),
        sa.Column("msg_count", sa.Integer(), nullable=False),
        sa.Column("msg_seq_no", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("sender_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", _AT, nullable=False),
        sa.Column("app_time", _AT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("pre_no", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", _AT, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_arrival_operator_id", "arrival", ["operator_id", "id"])
    op.create_table(
        "arrival_line",
        sa.Column("arrival_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("weighed_gross", _AMOUNT, nullable=True),
        sa.Column("gnum", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("logistics_no", sa.Text(), nullable=False),
        sa.Column("total_package_no", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("arrival_id", "gnum", name=op.f("pk_arrival_line")),
        postgresql_partition_by="RANGE (arrival_id)",
    )
    op.create_table(
        "departure",
        sa.Column("traf_name", sa.Text(), nullable=True),
        sa.Column("voyage_no", sa.Text(), nullable=True),
        sa.Column("leave_time", _AT, nullable=False),
        sa.Column("customs_code", sa.Text(), nullable=False),
        sa.Column("cop_no", sa.Text(), nullable=False),
        sa.Column("traf_mode", sa.Text(), nullable=False),
        sa.Column("bill_no", sa.Text(), nullable=True),
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("logistics_code", sa.Text(), nullable=False),
        sa.Column("logistics_name", sa.Text(), nullable=False),
        sa.Column("msg_count", sa.Integer(), nullable=False),
        sa.Column("msg_seq_no", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("sender_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", _AT, nullable=False),
        sa.Column("app_time", _AT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("pre_no", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", _AT, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departure")),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_departure_carrier_id", "departure", ["carrier_id", "id"])
    op.create_table(
        "departure_line",
        sa.Column("departure_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("checklist_id", sa.BigInteger(), nullable=True),
        sa.Column("gnum", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("logistics_no", sa.Text(), nullable=False),
        sa.Column("total_package_no", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("departure_id", "gnum", name=op.f("pk_departure_line")),
        postgresql_partition_by="RANGE (departure_id)",
    )
    op.create_table(
        "master_list",
        sa.Column("declarant_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_code", sa.Text(), nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=False),
        sa.Column("loct_no", sa.Text(), nullable=True),
        sa.Column("traf_name", sa.Text(), nullable=False),
        sa.Column("voyage_no", sa.Text(), nullable=False),
        sa.Column("domestic_traf_no", sa.Text(), nullable=True),
        sa.Column("gross_weight", _AMOUNT, nullable=False),
        sa.Column("customs_code", sa.Text(), nullable=False),
        sa.Column("cop_no", sa.Text(), nullable=False),
        sa.Column("traf_mode", sa.Text(), nullable=False),
        sa.Column("bill_no", sa.Text(), nullable=True),
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("logistics_code", sa.Text(), nullable=False),
        sa.Column("logistics_name", sa.Text(), nullable=False),
        sa.Column("msg_count", sa.Integer(), nullable=False),
        sa.Column("msg_seq_no", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("sender_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", _AT, nullable=False),
        sa.Column("app_time", _AT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("pre_no", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", _AT, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_master_list")),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_master_list_declarant_id", "master_list", ["declarant_id", "id"])
    op.create_table(
        "master_list_line",
        sa.Column("master_list_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("gnum", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("logistics_no", sa.Text(), nullable=False),
        sa.Column("total_package_no", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("master_list_id", "gnum", name=op.f("pk_master_list_line")),
        postgresql_partition_by="RANGE (master_list_id)",
    )
    _keys_and_cases()
    for table in AUDITED:
        op.execute(
            f"CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION audit_change('id')"
        )


def _keys_and_cases() -> None:
    op.create_table(
        "movement_key",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cop_no", sa.Text(), nullable=False),
        sa.Column("msg_seq_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("msg_count", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "owner_id", "cop_no", "msg_seq_no", name=op.f("pk_movement_key")),
    )
    op.create_table(
        "cancellation",
        sa.Column("customs_code", sa.Text(), nullable=False),
        sa.Column("cop_no", sa.Text(), nullable=False),
        sa.Column("invt_no", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declarant_id", sa.BigInteger(), nullable=False),
        sa.Column("agent_code", sa.Text(), nullable=False),
        sa.Column("agent_name", sa.Text(), nullable=False),
        sa.Column("consignor_id", sa.BigInteger(), nullable=False),
        sa.Column("ebc_code", sa.Text(), nullable=False),
        sa.Column("ebc_name", sa.Text(), nullable=False),
        sa.Column("checklist_id", sa.BigInteger(), nullable=False),
        sa.Column("checklist_status", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("decided_at", _AT, nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_name", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("sender_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", _AT, nullable=False),
        sa.Column("app_time", _AT, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("pre_no", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", _AT, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellation")),
    )
    op.create_index("ix_cancellation_checklist_id", "cancellation", ["checklist_id"])
    op.create_index("ix_cancellation_declarant_id", "cancellation", ["declarant_id", "id"])
    op.create_index(
        "ix_cancellation_zone_code",
        "cancellation",
        ["zone_code", "id"],
        postgresql_where=sa.text("outcome = 'pending'"),
    )
    op.create_index(
        "uq_cancellation_pending",
        "cancellation",
        ["checklist_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'pending'"),
    )
    op.create_table(
        "site_record",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("customs_code", sa.Text(), nullable=False),
        sa.Column("loct_no", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=False),
        sa.Column("carrier_id", sa.BigInteger(), nullable=True),
        sa.Column("logistics_code", sa.Text(), nullable=True),
        sa.Column("logistics_no", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("recorded_at", _AT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("checklist_id", sa.BigInteger(), nullable=True),
        sa.Column("resolved_at", _AT, nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("resolution_note", sa.Text(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", _AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_record")),
    )
    op.create_index("ix_site_record_operator_id", "site_record", ["operator_id", "id"])
    op.create_index(
        "ix_site_record_zone_code", "site_record", ["zone_code", "id"], postgresql_where=sa.text("resolved_at IS NULL")
    )
    op.create_index(
        "uq_site_record_open",
        "site_record",
        ["kind", "carrier_id", "logistics_no"],
        unique=True,
        postgresql_where=sa.text("resolved_at IS NULL AND logistics_no IS NOT NULL"),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("zone_code", sa.Text(), nullable=False),
        sa.Column("carrier_id", sa.BigInteger(), nullable=False),
        sa.Column("carrier_name", sa.Text(), nullable=False),
        sa.Column("logistics_no", sa.Text(), nullable=False),
        sa.Column("checklist_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("cop_no", sa.Text(), nullable=False),
        sa.Column("leave_time", _AT, nullable=False),
        sa.Column("opened_at", _AT, nullable=False),
        sa.Column("closed_at", _AT, nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.Column("closed_name", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", _AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index("ix_incident_zone_code", "incident", ["zone_code", "id"])
    op.create_index(
        "uq_incident_open",
        "incident",
        ["carrier_id", "logistics_no"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_parcel_at_site",
        "parcel",
        ["site_operator_id", "arrived_at"],
        postgresql_where=sa.text("left_at IS NULL AND site_operator_id IS NOT NULL"),
    )
    op.create_index(
        "ix_parcel_to_load",
        "parcel",
        ["carrier_id", "arrived_at"],
        postgresql_where=sa.text("left_at IS NULL AND arrived_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_parcel_to_load", table_name="parcel")
    op.drop_index("ix_parcel_at_site", table_name="parcel")
    for table in (
        "incident",
        "site_record",
        "cancellation",
        "movement_key",
        "master_list_line",
        "master_list",
        "departure_line",
        "departure",
        "arrival_line",
        "arrival",
    ):
        op.drop_table(table)
