"""Movement: arrivals, departures, master lists, cancellations, records of the site, incidents."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import AMOUNT, instants, numbers, optional, optional_instants, optional_numbers, paper, texts

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AUDITED = ("site_record", "incident")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "arrival",
        *numbers("operator_id"),
        *texts("operator_code", "operator_name", "loct_no", "domestic_traf_no", "customs_code", "cop_no", "traf_mode"),
        *optional("bill_no"),
        *numbers("carrier_id"),
        *texts("logistics_code", "logistics_name"),
        sa.Column("msg_count", sa.Integer(), nullable=False),
        sa.Column("msg_seq_no", sa.Integer(), nullable=False),
        *paper(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_arrival_operator_id", "arrival", ["operator_id", "id"])
    op.create_table(
        "arrival_line",
        *numbers("arrival_id"),
        sa.Column("weighed_gross", AMOUNT, nullable=True),
        sa.Column("gnum", sa.Integer(), autoincrement=False, nullable=False),
        *texts("logistics_no"),
        *optional("total_package_no"),
        *texts("outcome"),
        *optional("rule", "note"),
        sa.PrimaryKeyConstraint("arrival_id", "gnum", name=op.f("pk_arrival_line")),
        postgresql_partition_by="RANGE (arrival_id)",
    )
    op.create_table(
        "departure",
        *optional("traf_name", "voyage_no"),
        *instants("leave_time"),
        *texts("customs_code", "cop_no", "traf_mode"),
        *optional("bill_no"),
        *numbers("carrier_id"),
        *texts("logistics_code", "logistics_name"),
        sa.Column("msg_count", sa.Integer(), nullable=False),
        sa.Column("msg_seq_no", sa.Integer(), nullable=False),
        *paper(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departure")),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_departure_carrier_id", "departure", ["carrier_id", "id"])
    op.create_table(
        "departure_line",
        *numbers("departure_id"),
        *optional_numbers("checklist_id"),
        sa.Column("gnum", sa.Integer(), autoincrement=False, nullable=False),
        *texts("logistics_no"),
        *optional("total_package_no"),
        *texts("outcome"),
        *optional("rule", "note"),
        sa.PrimaryKeyConstraint("departure_id", "gnum", name=op.f("pk_departure_line")),
        postgresql_partition_by="RANGE (departure_id)",
    )
    op.create_table(
        "master_list",
        *numbers("declarant_id"),
        *texts("agent_code", "agent_name"),
        *optional("loct_no"),
        *texts("traf_name", "voyage_no"),
        *optional("domestic_traf_no"),
        sa.Column("gross_weight", AMOUNT, nullable=False),
        *texts("customs_code", "cop_no", "traf_mode"),
        *optional("bill_no"),
        *numbers("carrier_id"),
        *texts("logistics_code", "logistics_name"),
        sa.Column("msg_count", sa.Integer(), nullable=False),
        sa.Column("msg_seq_no", sa.Integer(), nullable=False),
        *paper(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_master_list")),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_master_list_declarant_id", "master_list", ["declarant_id", "id"])
    op.create_table(
        "master_list_line",
        *numbers("master_list_id"),
        sa.Column("gnum", sa.Integer(), autoincrement=False, nullable=False),
        *texts("logistics_no"),
        *optional("total_package_no"),
        *texts("outcome"),
        *optional("rule", "note"),
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
        *texts("kind"),
        *numbers("owner_id"),
        *texts("cop_no"),
        sa.Column("msg_seq_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("msg_count", sa.Integer(), nullable=False),
        *numbers("paper_id"),
        sa.PrimaryKeyConstraint("kind", "owner_id", "cop_no", "msg_seq_no", name=op.f("pk_movement_key")),
    )
    op.create_table(
        "cancellation",
        *texts("customs_code", "cop_no", "invt_no", "reason"),
        *numbers("declarant_id"),
        *texts("agent_code", "agent_name"),
        *numbers("consignor_id"),
        *texts("ebc_code", "ebc_name"),
        *numbers("checklist_id"),
        *texts("checklist_status", "outcome"),
        *optional_instants("decided_at"),
        *optional_numbers("decided_by"),
        *optional("decided_name", "answer"),
        *paper(),
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
        *numbers("id"),
        *texts("kind", "zone_code", "customs_code", "loct_no"),
        *numbers("operator_id"),
        *optional_numbers("carrier_id"),
        *optional("logistics_code", "logistics_no"),
        *texts("description"),
        *instants("recorded_at"),
        *texts("recorded_by"),
        *optional_numbers("checklist_id"),
        *optional_instants("resolved_at"),
        *optional("resolution", "resolution_note"),
        *texts("set_by"),
        *instants("set_at"),
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
        *numbers("id"),
        *texts("kind", "zone_code"),
        *numbers("carrier_id"),
        *texts("carrier_name", "logistics_no"),
        *optional_numbers("checklist_id"),
        *optional("status"),
        *texts("rule"),
        *numbers("message_id"),
        *texts("cop_no"),
        *instants("leave_time", "opened_at"),
        *optional_instants("closed_at"),
        *optional_numbers("closed_by"),
        *optional("closed_name", "outcome"),
        *texts("set_by"),
        *instants("set_at"),
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
    op.create_index(
        "ix_checklist_site_held", "checklist", ["zone_code", "id"], postgresql_where=sa.text("site_hold IS NOT NULL")
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_checklist_site_held", table_name="checklist")
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
