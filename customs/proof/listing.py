"""The listing behind a proof: every closed line of the month with its statistics rows and its summary, as CSV.

The first line of a file names the SHA-256 digest of all bytes after it, so that anybody can recompute it
(`tail -n +2 file.csv | sha256sum`); page and printed proof show the same digest. Equal facts give equal bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from customs.proof.asking import Asked
from customs.proof.figures import Month, Scope

_PARAMETER = re.compile(r"(?<!:):([a-z]+)")
_SAFE_NAME = "CASE WHEN left(c.ebc_name, 1) IN ('=', '+', '-', '@') THEN '''' ELSE '' END || c.ebc_name"
"""A spreadsheet would take a name that begins so for a formula."""

_LINES = f"""
SELECT to_char(c.closed_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD') AS closed_on, c.zone_code,
       c.ebc_code AS consignor_code, {_SAFE_NAME} AS consignor_name, c.agent_code AS declarant_code, c.invt_no, l.gnum,
       c.flag, c.trade_mode, l.gcode, l.currency, trim_scale(l.total_price) AS amount, l.unit,
       trim_scale(l.qty) AS qty, l.unit1, trim_scale(l.qty1) AS qty1, l.unit2, trim_scale(l.qty2) AS qty2,
       trim_scale(c.gross_weight) AS checklist_gross_weight, trim_scale(c.net_weight) AS checklist_net_weight,
       coalesce(s.n, 0) AS statistics_rows, trim_scale(s.amount) AS statistics_amount,
       trim_scale(s.gross) AS gross_weight, trim_scale(s.net) AS net_weight,
       CASE WHEN c.flag = 'A' THEN 'counted' WHEN d.n > 0 THEN 'declared' ELSE 'open' END AS state,
       d.numbers AS declaration, d.line_nos AS declaration_line, d.entries AS entry_id
FROM checklist AS c JOIN checklist_line AS l ON l.checklist_id = c.id
LEFT JOIN LATERAL (SELECT sum(x.sign) AS n, sum(x.sign * x.amount) AS amount, sum(x.sign * x.gross_weight) AS gross,
                          sum(x.sign * x.net_weight) AS net FROM closed_line AS x
                   WHERE x.checklist_id = c.id AND x.gnum = l.gnum) AS s ON true
LEFT JOIN LATERAL (SELECT count(*) AS n, string_agg(e.decl_seq_no, ' ' ORDER BY e.id) AS numbers,
                          string_agg(x.line_no::text, ' ' ORDER BY e.id) AS line_nos,
                          string_agg(e.entry_id, ' ' ORDER BY e.id) AS entries
                   FROM declaration_source AS x JOIN declaration AS e ON e.id = x.declaration_id
                   WHERE x.live AND x.checklist_id = c.id AND x.gnum = l.gnum) AS d ON true
WHERE {{closed}} ORDER BY c.zone_code, c.consignor_id, c.id, l.gnum
"""  # noqa: S608 - put together from this module's own text


def blocks(session: Session, month: Month, scope: Scope) -> Iterator[bytes]:
    """The listing's bytes after its first line: a head of column names, then one row per line."""
    asked = Asked(month, scope)
    query = _PARAMETER.sub(r"%(\1)s", _LINES.format(closed=asked.closed()))
    driver = session.connection().connection.driver_connection
    assert driver is not None
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER)", dict(asked.facts)) as copy,
    ):
        for block in copy:
            yield bytes(block)


def digest(session: Session, month: Month, scope: Scope, keep: Callable[[bytes], object] = lambda block: None) -> str:
    """The SHA-256 of the listing, in hexadecimal; each block is also handed to `keep`."""
    found = hashlib.sha256()
    for block in blocks(session, month, scope):
        found.update(block)
        keep(block)
    return found.hexdigest()


def first_line(month: Month, digest: str) -> bytes:
    """What stands before the listing in a file: the month and the digest of everything after this line."""
    return f"# {month} sha256 {digest}\n".encode()
