"""After closing: closed lines (the statistics rows), summary applications, declarations with their sources."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_AT = sa.DateTime(timezone=True)
_AMOUNT = sa.Numeric(19, 5)
_TOTAL = sa.Numeric(38, 5)


def _texts(*names: str) -> Sequence[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _optional(*names: str) -> Sequence[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=True) for name in names]


def _numbers(*names: str) -> Sequence[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def upgrade() -> None:
    """Create the tables."""
    _closed_lines()
    _applications()
    _declarations()


def _closed_lines() -> None:
    op.create_table(
        "closed_line",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        *_numbers("checklist_id"),
        sa.Column("gnum", sa.Integer(), nullable=False),
        sa.Column("sign", sa.SmallInteger(), nullable=False),
        *_texts("cause"),
        sa.Column("ref", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", _AT, nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        *_texts("zone_code", "customs_code", "flag", "trade_mode"),
        *_numbers("consignor_id", "declarant_id"),
        *_texts("owner_code", "owner_name", "traf_mode", "country", "port_code"),
        *_texts("destination", "gcode", "gname"),
        *_optional("item_name"),
        *_texts("currency", "unit", "unit1"),
        *_optional("unit2"),
        sa.Column("qty", _AMOUNT, nullable=False),
        sa.Column("qty1", _AMOUNT, nullable=False),
        sa.Column("qty2", _AMOUNT, nullable=True),
        sa.Column("amount", _AMOUNT, nullable=False),
        sa.Column("value_cny", sa.Numeric(), nullable=True),
        sa.Column("gross_weight", _AMOUNT, nullable=False),
        sa.Column("net_weight", _AMOUNT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_line")),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_closed_line_checklist_id", "closed_line", ["checklist_id", "gnum"])
    op.create_index("ix_closed_line_consignor_id", "closed_line", ["consignor_id", "closed_on"])


def _applications() -> None:
    op.create_table(
        "summary_application",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        *_numbers("message_id"),
        *_texts("guid", "zone_code"),
        *_numbers("sender_id"),
        sa.Column("received_at", _AT, nullable=False),
        sa.Column("app_time", _AT, nullable=False),
        *_texts("status", "pre_no"),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", _AT, nullable=True),
        *_optional("note"),
        *_texts("customs_code", "cop_no"),
        *_optional("sum_no"),
        *_numbers("declarant_id"),
        *_texts("agent_code", "agent_name"),
        *_numbers("consignor_id"),
        *_texts("ebc_code", "ebc_name"),
        *_numbers("decl_agent_id"),
        *_texts("decl_agent_code", "decl_agent_name"),
        sa.Column("start_time", _AT, nullable=True),
        sa.Column("end_time", _AT, nullable=True),
        *_optional("loct_no"),
        *_texts("summary_flag", "item_name_flag"),
        sa.Column("msg_count", sa.Integer(), nullable=False),
        *_texts("origin"),
        *_optional("period"),
        sa.Column("concluded_at", _AT, nullable=True),
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
        *_numbers("application_id"),
        sa.Column("msg_seq_no", sa.Integer(), nullable=False),
        *_numbers("message_id"),
        sa.Column("received_at", _AT, nullable=False),
        sa.Column("invt_nos", sa.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("application_id", "msg_seq_no", name=op.f("pk_summary_application_part")),
    )
    op.create_table(
        "summary_extension",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *_texts("customs_code", "period"),
        sa.Column("due_on", sa.Date(), nullable=False),
        *_texts("document", "set_by"),
        sa.Column("set_at", _AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_extension")),
    )
    op.create_index("ix_summary_extension_period", "summary_extension", ["customs_code", "period"])
    op.execute("CREATE SEQUENCE sum_no_serial MAXVALUE 999999999 CYCLE")
    op.execute("CREATE SEQUENCE decl_seq_no_serial MAXVALUE 999999999 CYCLE")


def _declarations() -> None:
    op.create_table(
        "declaration",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        *_numbers("application_id"),
        *_texts("decl_seq_no", "zone_code", "customs_code", "trade_mode"),
        *_numbers("consignor_id", "declarant_id"),
        *_optional("owner_code", "owner_name"),
        *_texts("traf_mode", "country", "port_code"),
        sa.Column("gross_weight", _TOTAL, nullable=False),
        sa.Column("net_weight", _TOTAL, nullable=False),
        sa.Column("checklists", sa.Integer(), nullable=False),
        sa.Column("made_at", _AT, nullable=False),
        *_optional("dec_tmp_no", "dec_pre_no", "entry_id", "dec_state"),
        sa.Column("state_at", _AT, nullable=True),
        sa.Column("cancelled_at", _AT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration")),
    )
    op.create_index("ix_declaration_application_id", "declaration", ["application_id"])
    op.create_index("ix_declaration_consignor_id", "declaration", ["consignor_id", "id"])
    op.create_index("ix_declaration_declarant_id", "declaration", ["declarant_id", "id"])
    op.create_index("ix_declaration_zone_code", "declaration", ["zone_code", "id"])
    op.create_index("uq_declaration_decl_seq_no", "declaration", ["decl_seq_no"], unique=True)
    op.create_table(
        "declaration_line",
        *_numbers("declaration_id"),
        sa.Column("line_no", sa.Integer(), autoincrement=False, nullable=False),
        *_texts("destination", "gcode", "gname", "currency", "unit", "unit1"),
        *_optional("unit2"),
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
        *_numbers("checklist_id"),
        sa.Column("gnum", sa.Integer(), nullable=False),
        *_numbers("declaration_id"),
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
