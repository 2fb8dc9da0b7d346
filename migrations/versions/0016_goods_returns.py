"""Goods returns: requests with lines and proof, tallies, and the lines of what came back."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    AMOUNT,
    instants,
    numbers,
    optional,
    optional_instants,
    optional_numbers,
    paper,
    texts,
)

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_LIVE = sa.text("withdrawn_at IS NULL")


def upgrade() -> None:
    """Create the tables."""
    _returns()
    _tallies()
    _returned()


def _returns() -> None:
    op.create_table(
        "goods_return",
        *paper(),
        *texts("customs_code", "co_el_no", "invt_no"),
        *optional("loct_no"),
        *numbers("checklist_id", "declarant_id", "consignor_id", "carrier_id"),
        *texts("agent_code", "agent_name", "ebc_code", "ebc_name", "ebp_code", "ebp_name"),
        *texts("logistics_code", "logistics_name", "logistics_no", "trade_mode", "traf_mode", "traf_name"),
        *texts("voyage_no", "bill_no", "port_code", "country", "reason", "origin_mode", "origin_office"),
        sa.Column("released_on", sa.Date(), nullable=False),
        sa.Column("exported_on", sa.Date(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        *optional("reason_kind", "proof_kind", "certificate_kind", "certificate_no", "decided_name", "answer"),
        *optional("held_rule"),
        *optional_instants("released_at", "completed_at"),
        *optional_numbers("decided_by", "tally_id"),
        sa.Column("found_on", sa.Date(), nullable=True),
        sa.Column("decides", sa.Text(), server_default="here", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_return")),
    )
    for column in ("consignor_id", "declarant_id", "sender_id", "zone_code", "customs_code"):
        op.create_index(f"ix_goods_return_{column}", "goods_return", [column, "id"])
    op.create_index("ix_goods_return_checklist_id", "goods_return", ["checklist_id"])
    op.create_index("ix_goods_return_logistics_no", "goods_return", ["logistics_no"])
    op.create_index(
        "uq_goods_return_co_el_no", "goods_return", ["declarant_id", "co_el_no"], unique=True, postgresql_where=_LIVE
    )
    op.create_table(
        "goods_return_line",
        *numbers("return_id"),
        sa.Column("gnum", sa.Integer(), autoincrement=False, nullable=False),
        *numbers("checklist_id"),
        *texts("gcode", "gname", "gmodel", "unit", "unit1"),
        *optional("unit2", "note", "found_note"),
        sa.Column("qty", AMOUNT, nullable=False),
        sa.Column("qty1", AMOUNT, nullable=False),
        sa.Column("qty2", AMOUNT, nullable=True),
        sa.Column("found_qty", AMOUNT, nullable=True),
        sa.Column("altered_qty", AMOUNT, nullable=True),
        sa.PrimaryKeyConstraint("return_id", "gnum", name=op.f("pk_goods_return_line")),
    )
    op.create_index("ix_goods_return_line_checklist_id", "goods_return_line", ["checklist_id", "gnum"])
    op.create_table(
        "goods_return_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *numbers("return_id"),
        *texts("name", "media_type", "added_by"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        *instants("added_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_return_file")),
    )
    op.create_index("ix_goods_return_file_return_id", "goods_return_file", ["return_id", "id"])


def _tallies() -> None:
    op.create_table(
        "return_tally",
        *paper(),
        *texts("customs_code", "co_el_no", "bill_no", "traf_mode", "traf_name", "voyage_no"),
        *numbers("operator_id", "carrier_id"),
        *texts("operator_code", "operator_name", "logistics_code", "logistics_name", "logistics_no"),
        *optional("invt_no", "location"),
        sa.Column("decides", sa.Text(), server_default="here", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_tally")),
    )
    op.create_index("ix_return_tally_operator_id", "return_tally", ["operator_id", "id"])
    op.create_index(
        "uq_return_tally_co_el_no", "return_tally", ["operator_id", "co_el_no"], unique=True, postgresql_where=_LIVE
    )


def _returned() -> None:
    op.create_table(
        "returned_line",
        *numbers("return_id"),
        sa.Column("gnum", sa.Integer(), autoincrement=False, nullable=False),
        *numbers("checklist_id", "consignor_id", "declarant_id"),
        sa.Column("returned_on", sa.Date(), nullable=False),
        *texts("invt_no", "zone_code", "customs_code", "origin_zone", "origin_mode", "flag", "trade_mode", "country"),
        *texts("gcode", "gname", "currency", "unit", "unit1"),
        *optional("unit2", "reason_kind"),
        sa.Column("qty", AMOUNT, nullable=False),
        sa.Column("qty1", AMOUNT, nullable=False),
        sa.Column("qty2", AMOUNT, nullable=True),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("value_cny", AMOUNT, nullable=True),
        sa.Column("gross_weight", AMOUNT, nullable=False),
        sa.Column("net_weight", AMOUNT, nullable=False),
        sa.Column("altered_qty", AMOUNT, nullable=False),
        sa.PrimaryKeyConstraint("return_id", "gnum", name=op.f("pk_returned_line")),
    )
    op.create_index("ix_returned_line_checklist_id", "returned_line", ["checklist_id", "gnum"])
    op.create_index("ix_returned_line_zone_code", "returned_line", ["zone_code", "returned_on"])
    op.create_index("ix_returned_line_consignor_id", "returned_line", ["consignor_id", "returned_on"])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("returned_line", "return_tally", "goods_return_file", "goods_return_line", "goods_return"):
        op.drop_table(table)
