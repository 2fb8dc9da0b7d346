"""After closing: closed lines (the statistics rows), summary applications, declarations with their sources."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import AMOUNT, AT, numbers, optional, paper, texts

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TOTAL = sa.Numeric(38, 5)


def upgrade() -> None:
    """Create the tables."""
    _closed_lines()
    _applications()
    _declarations()


def _closed_lines() -> None:
    op.create_table(
        "closed_line",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        *numbers("checklist_id"),
        sa.Column("gnum", sa.Integer(), nullable=False),
        sa.Column("sign", sa.SmallInteger(), nullable=False),
        *texts("cause"),
        sa.Column("ref", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", AT, nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        *texts("zone_code", "customs_code", "flag", "trade_mode"),
        *numbers("consignor_id", "declarant_id"),
        *texts("owner_code", "owner_name", "traf_mode", "country", "port_code"),
        *texts("destination", "gcode", "gname"),
        *optional("item_name"),
        *texts("currency", "unit", "unit1"),
        *optional("unit2"),
        sa.Column("qty", AMOUNT, nullable=False),
        sa.Column("qty1", AMOUNT, nullable=False),
        sa.Column("qty2", AMOUNT, nullable=True),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("value_cny", sa.Numeric(), nullable=True),
        sa.Column("gross_weight", AMOUNT, nullable=False),
        sa.Column("net_weight", AMOUNT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_line")),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_closed_line_checklist_id", "closed_line", ["checklist_id", "gnum"])
    op.create_index("ix_closed_line_consignor_id", "closed_line", ["consignor_id", "closed_on"])


def _applications() -> None:
    op.create_table(
        "summary_application",
        *paper(),
        *texts("customs_code", "cop_no"),
        *optional("sum_no"),
        *numbers("declarant_id"),
        *texts("agent_code", "agent_name"),
        *numbers("consignor_id"),
        *texts("ebc_code", "ebc_name"),
        *numbers("decl_agent_id"),
        *texts("decl_agent_code", "decl_agent_name"),
        sa.Column("start_time", AT, nullable=True),
        sa.Column("end_time", AT, nullable=True),
        *optional("loct_no"),
        *texts("summary_flag", "item_name_flag"),
        sa.Column("msg_count", sa.Integer(), nullable=False),
        *texts("origin"),
        *optional("period"),
        sa.Column("concluded_at", AT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_application")),
    )
    op.create_index("ix_summary_application_consignor_id", "summary_application", ["consignor_id", "id"])
    op.create_index("ix_summary_application_declarant_id", "summary_application", ["declarant_id", "id"])
    op.create_index("ix_summary_application_zone_code", "summary_application", ["zone_code", "id"])
    op.create_index(
        "uq_summary_application_cop_no",
        "summary_application",
        ["declarant_id", "cop_no"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index("ix_summary_application_message_id", "summary_application", ["message_id"])
    op.create_table(
        "summary_application_part",
        *numbers("application_id"),
        sa.Column("msg_seq_no", sa.Integer(), nullable=False),
        *numbers("message_id"),
        sa.Column("received_at", AT, nullable=False),
        sa.Column("invt_nos", sa.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("application_id", "msg_seq_no", name=op.f("pk_summary_application_part")),
    )
    op.create_table(
        "summary_extension",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *texts("customs_code", "period"),
        sa.Column("due_on", sa.Date(), nullable=False),
        *texts("document", "set_by"),
        sa.Column("set_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_extension")),
    )
    op.create_index("ix_summary_extension_period", "summary_extension", ["customs_code", "period"])
    op.execute("CREATE SEQUENCE sum_no_serial MAXVALUE 999999999 CYCLE")
    op.execute("CREATE SEQUENCE decl_seq_no_serial MAXVALUE 999999999 CYCLE")


def _declarations() -> None:
    op.create_table(
        "declaration",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        *numbers("application_id"),
        *texts("decl_seq_no", "zone_code", "customs_code", "trade_mode"),
        *numbers("consignor_id", "declarant_id"),
        *optional("owner_code", "owner_name"),
        *texts("traf_mode", "country", "port_code"),
        sa.Column("gross_weight", _TOTAL, nullable=False),
        sa.Column("net_weight", _TOTAL, nullable=False),
        sa.Column("checklists", sa.Integer(), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        *optional("dec_tmp_no", "dec_pre_no", "entry_id", "dec_state"),
        sa.Column("state_at", AT, nullable=True),
        sa.Column("cancelled_at", AT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration")),
    )
    op.create_index("ix_declaration_application_id", "declaration", ["application_id"])
    op.create_index("ix_declaration_consignor_id", "declaration", ["consignor_id", "id"])
    op.create_index("ix_declaration_declarant_id", "declaration", ["declarant_id", "id"])
    op.create_index("ix_declaration_zone_code", "declaration", ["zone_code", "id"])
    op.create_index("uq_declaration_decl_seq_no", "declaration", ["decl_seq_no"], unique=True)
    op.create_table(
        "declaration_line",
        *numbers("declaration_id"),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        *texts("destination", "gcode", "gname", "currency", "unit", "unit1"),
        *optional("unit2"),
        sa.Column("qty", _TOTAL, nullable=False),
        sa.Column("qty1", _TOTAL, nullable=False),
        sa.Column("qty2", _TOTAL, nullable=True),
        sa.Column("amount", _TOTAL, nullable=False),
        sa.Column("gross_weight", _TOTAL, nullable=False),
        sa.Column("net_weight", _TOTAL, nullable=False),
        sa.PrimaryKeyConstraint("declaration_id", "line_no", name=op.f("pk_declaration_line")),
    )
    op.create_table(
        "declaration_source",
        *numbers("checklist_id"),
        sa.Column("gnum", sa.Integer(), nullable=False),
        *numbers("declaration_id"),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
    )
    op.create_index(
        "uq_declaration_source_live",
        "declaration_source",
        ["checklist_id", "gnum"],
        unique=True,
        postgresql_where=sa.text("live"),
    )
    op.create_index("ix_declaration_source_declaration_id", "declaration_source", ["declaration_id"])


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "declaration_source",
        "declaration_line",
        "declaration",
        "summary_extension",
        "summary_application_part",
        "summary_application",
        "closed_line",
    ):
        op.drop_table(table)
    op.execute("DROP SEQUENCE sum_no_serial")
    op.execute("DROP SEQUENCE decl_seq_no_serial")
