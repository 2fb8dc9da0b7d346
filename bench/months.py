"""Loading a month of closed checklists: patterns multiplied over firms, days, numbers and prices, then really closed.

Rows go into the product's own tables with all their indexes in place, in the order of receipt; the statistics rows are
written by `customs.closing`, as at every departure. Then VACUUM and ANALYZE, which the database does by itself in the
course of a month: nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Engine, TextClause, text
from sqlalchemy.orm import Session, sessionmaker

from bench.firms import Firm
from common.clock import CHINA, china_day
from common.db import month_floor, transaction
from common.partitions import ensure_month, next_month
from customs.closing import write_closed_lines
from customs.tables import Checklist, ChecklistLine

CHUNK = 5_000
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Month:
    """What was loaded: the month's first day, its consignors, and how many checklists and lines of each flag."""

    first: date
    firms: tuple[Firm, ...]
    checklists: int
    lines: int


_PLAN = text(
    "CREATE TEMP TABLE copy_of ON COMMIT DROP AS "
    "WITH pattern AS (SELECT c.id, c.zone_code, sum(l.qty) AS qty, "
    "dense_rank() OVER (ORDER BY c.zone_code) - 1 AS zone, "
    "row_number() OVER (PARTITION BY c.zone_code ORDER BY c.id) - 1 AS place, "
    "count(*) OVER (PARTITION BY c.zone_code) AS places FROM checklist AS c "
    "JOIN checklist_line AS l ON l.checklist_id = c.id WHERE c.id = ANY(CAST(:ids AS bigint[])) "
    "GROUP BY c.id, c.zone_code), zones AS (SELECT max(zone) + 1 AS many FROM pattern), sale AS ("
    # a few large firms and many small ones
    "SELECT n, floor(:firms * power(abs(hashint8(n)::float8 / 2147483648), 2))::bigint AS firm, "
    "abs(hashint8(n + 7)::bigint) AS draw, "
    "CAST(:from AS timestamptz) + make_interval(secs => n::float8 * :span / :whole) AS closed_at "
    "FROM generate_series(CAST(:start AS bigint), CAST(:stop AS bigint)) AS n) "
    "SELECT :base + s.n AS id, s.n, p.id AS pattern, s.n / 211 AS k, p.qty, f.*, s.closed_at "
    "FROM sale AS s CROSS JOIN zones AS z JOIN unnest(CAST(:consignors AS bigint[]), CAST(:declarants AS bigint[]), "
    "CAST(:codes AS text[]), CAST(:names AS text[]), CAST(:agent_codes AS text[]), CAST(:agent_names AS text[])) "
    "WITH ORDINALITY AS f(consignor_id, declarant_id, ebc_code, ebc_name, agent_code, agent_name, place) "
    "ON f.place = s.firm + 1 "
    # a firm declares in its own zone
    "JOIN pattern AS p ON p.zone = s.firm % z.many AND p.place = s.draw % p.places"
)
_PARTIES = ("consignor_id", "declarant_id", "ebc_code", "ebc_name", "agent_code", "agent_name")
_HEAD = {
    "id": "m.id",
    "message_id": "m.id - m.n % 100",
    "guid": "upper(gen_random_uuid()::text)",
    "order_no": "'O' || m.id",
    "logistics_no": "'W' || m.id",
    "cop_no": "'C' || m.id",
    "pre_no": "'B' || m.id",
    # far from the numbers that parcels get on the road
    "invt_no": "c.customs_code || to_char(m.closed_at, 'YYYY') || 'E' || (500000000 + m.id % 100000000)",
    "flag": ":flag",
    "trade_mode": "'9610'",
    **{one: f"m.{one}" for one in _PARTIES},
    "total_price": "c.total_price + m.qty * (m.k % 97) / 100",
    "value_cny": "c.value_cny * (c.total_price + m.qty * (m.k % 97) / 100) / c.total_price",
    "received_at": "m.closed_at - interval '3 days'",
    "app_time": "m.closed_at - interval '3 days'",
    "stored_at": "m.closed_at - interval '3 days'",
    "concluded_at": "m.closed_at - interval '3 days'",
    "released_at": "m.closed_at - interval '2 days'",
    "arrived_at": "m.closed_at - interval '1 day'",
    "left_at": "m.closed_at",
    "closed_at": "m.closed_at",
    "return_time": "m.closed_at",
    "statistics_on": "(m.closed_at AT TIME ZONE 'Asia/Shanghai')::date",
}
_LINE = {
    "checklist_id": "m.id",
    "price": "c.price + (m.k % 97)::numeric / 100",
    "total_price": "c.total_price + c.qty * (m.k % 97) / 100",
}


def load_month(
    factory: sessionmaker[Session],
    patterns: Sequence[int],
    firms: Sequence[Firm],
    flag: str,
    checklists: int,
    first: date,
    say: Callable[[str], None],
) -> Month:
    """Load `checklists` closed ones of these firms and a flag over a month."""
    with transaction(factory) as session:
        ensure_month(session, first)
        base: int = (
            month_floor(first)
            + session.execute(
                text("SELECT setval('paper_serial', nextval('paper_serial') + :n) - :n"), {"n": checklists + 1}
            ).scalar_one()
        )
    start_at = datetime.combine(first, time(), CHINA)
    span = (next_month(first) - first).days * DAY_S
    facts = {
        "base": base, "ids": list(patterns), "firms": len(firms), "from": start_at, "span": span, "whole": checklists,
        "consignors": [one.consignor.id for one in firms], "declarants": [one.declarant.id for one in firms],
        "codes": [one.consignor.code for one in firms], "names": [one.consignor.name for one in firms],
        "agent_codes": [one.declarant.code for one in firms], "agent_names": [one.declarant.name for one in firms],
    }  # fmt: skip
    lines = 0
    for start in range(0, checklists, CHUNK):
        stop = min(start + CHUNK, checklists) - 1
        with transaction(factory) as session:
            lines += _load(session, facts | {"start": start, "stop": stop}, flag)
            at = start_at + timedelta(seconds=stop * span / checklists)
            write_closed_lines(session, range(base + start, base + stop + 1), at)
        if start % 100_000 == 0:
            say(f"{china_day(at)}: {stop + 1:,} of {checklists:,} checklists with flag {flag}, {lines:,} lines")
    return Month(first, tuple(firms), checklists, lines)


def _load(session: Session, facts: dict[str, object], flag: str) -> int:
    session.execute(_PLAN, facts)
    session.execute(_multiply("checklist", [one.name for one in Checklist.__table__.columns], _HEAD), {"flag": flag})
    lines = _multiply("checklist_line", [one.name for one in ChecklistLine.__table__.columns], _LINE)
    session.execute(lines)
    found: int = session.execute(
        text("SELECT count(*) FROM checklist_line AS l JOIN copy_of AS m ON m.id = l.checklist_id")
    ).scalar_one()
    return found


def _multiply(table: str, columns: Sequence[str], changed: dict[str, str]) -> TextClause:
    key = "checklist_id" if table == "checklist_line" else "id"
    said = [changed.get(one, f"c.{one}") for one in columns]
    return text(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(said)} "  # noqa: S608 - the program's own names
        f"FROM copy_of AS m JOIN {table} AS c ON c.{key} = m.pattern ORDER BY m.n"
    )


def tidy(factory: sessionmaker[Session]) -> None:
    """What autovacuum does after so many new rows; left to itself, it would do a month's work while we measure."""
    with factory() as session:
        engine = session.get_bind()
        assert isinstance(engine, Engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("checklist", "checklist_line", "closed_line", "declaration_source"):
            connection.execute(text(f"VACUUM (ANALYZE) {table}"))
