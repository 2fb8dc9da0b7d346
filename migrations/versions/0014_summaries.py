"""After closing: closed lines (the statistics rows), summary applications, declarations with their sources."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

from migrations.columns import AMOUNT, AT, numbers, optional, paper, texts

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TOTAL = sa.Numeric(38, 5)

CLOSED_MONTHS = """
SELECT DISTINCT to_char(closed_at AT TIME ZONE 'Asia/Shanghai', 'YYYYMM')::int AS month
FROM checklist WHERE status = '899' AND closed_at IS NOT NULL ORDER BY month
"""
BACKFILL = """
WITH line AS (
    SELECT c.id, l.gnum, c.gross_weight * 100000 AS gross, c.net_weight * 100000 AS net,
           CASE WHEN sum(l.total_price) OVER (PARTITION BY c.id) = 0 THEN 1 ELSE l.total_price END AS weight
    FROM checklist AS c JOIN checklist_line AS l ON l.checklist_id = c.id
    WHERE c.status = '899' AND c.closed_at IS NOT NULL
), cut AS (
    SELECT *, div(gross * weight, sum(weight) OVER whole) AS gross_cut,
           div(net * weight, sum(weight) OVER whole) AS net_cut,
           mod(gross * weight, sum(weight) OVER whole) AS gross_left,
           mod(net * weight, sum(weight) OVER whole) AS net_left
    FROM line WINDOW whole AS (PARTITION BY id)
), share AS (
    SELECT id, gnum,
           (gross_cut + CASE WHEN row_number() OVER (PARTITION BY id ORDER BY gross_left DESC, gnum)
                                  <= gross - sum(gross_cut) OVER whole THEN 1 ELSE 0 END) / 100000 AS gross,
           (net_cut + CASE WHEN row_number() OVER (PARTITION BY id ORDER BY net_left DESC, gnum)
                                <= net - sum(net_cut) OVER whole THEN 1 ELSE 0 END) / 100000 AS net
    FROM cut WINDOW whole AS (PARTITION BY id)
)
INSERT INTO closed_line (
    id, checklist_id, gnum, sign, cause, recorded_at, closed_on, zone_code, customs_code, flag, trade_mode,
    consignor_id, declarant_id, owner_code, owner_name, traf_mode, country, port_code, destination, gcode, gname,
    item_name, currency, unit, unit1, unit2, qty, qty1, qty2, amount, value_cny, gross_weight, net_weight)
SELECT to_char(c.closed_at AT TIME ZONE 'Asia/Shanghai', 'YYYYMM')::bigint * 10000000000 + nextval('paper_serial'),
       c.id, l.gnum, 1, 'closed', c.closed_at, (c.closed_at AT TIME ZONE 'Asia/Shanghai')::date, c.zone_code,
       c.customs_code, c.flag, c.trade_mode, c.consignor_id, c.declarant_id, c.owner_code, c.owner_name, c.traf_mode,
       c.country, c.port_code, l.country, l.gcode, l.gname, l.item_name, l.currency, l.unit, l.unit1, l.unit2, l.qty,
       l.qty1, l.qty2, l.total_price, l.total_price * c.value_cny / nullif(c.total_price, 0), share.gross, share.net
FROM share JOIN checklist AS c ON c.id = share.id
JOIN checklist_line AS l ON l.checklist_id = share.id AND l.gnum = share.gnum
ORDER BY c.closed_at, c.id, l.gnum
"""
"""Rows for checklists that were closed before there was a table: what closing writes since, by the same shares
(largest remainder at 5 decimals). The value in yuan is the line's share of the checklist's, which it was computed from.
"""


def upgrade() -> None:
    """Create the tables."""
    _closed_lines()
    _applications()
    _declarations()
    _backfill()


def _backfill() -> None:
    """The lines of what was closed before, into the partitions of the months in which it was."""
    months: Iterable[int] = op.get_bind().execute(sa.text(CLOSED_MONTHS)).scalars()
    for month in list(months):
        floor = month * 10**10
        op.execute(
            f"CREATE TABLE closed_line_{month} PARTITION OF closed_line FOR VALUES FROM ({floor}) TO ({floor + 10**10})"
        )
    op.execute(BACKFILL)


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
    op.create_index(
        "ix_closed_line_taken_back", "closed_line", ["checklist_id", "gnum"], postgresql_where=sa.text("sign = -1")
    )


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
        sa.Column("decides", sa.Text(), server_default="here", nullable=False),
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
        sa.Column("closed_from", sa.Date(), nullable=True),
        sa.Column("closed_to", sa.Date(), nullable=True),
        sa.Column("made_at", AT, nullable=False),
        *optional("dec_tmp_no", "dec_pre_no", "entry_id", "dec_state"),
        sa.Column("state_at", AT, nullable=True),
        sa.Column("amended_at", AT, nullable=True),
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
    op.create_index(
        "ix_declaration_source_declaration_id",
        "declaration_source",
        ["declaration_id"],
        postgresql_using="brin",
        postgresql_with={"pages_per_range": 8, "autosummarize": True},
    )


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
