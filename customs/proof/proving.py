"""The proof of a month: where every closed line went, by the checklists themselves.

Checklists and their lines (closed in the month) are the truth. Statistics rows, sources and declarations are what is
proven against it. One pass pairs every line with its rows and its live source, compares all their fields and adds them
up; weights are compared checklist by checklist through a sum in which every checklist has a multiplier of its own, so
that no two errors cancel out. Only where that finds something are single lines looked at (`customs.proof.faults`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from customs.proof.asking import Asked, wide_plan
from customs.proof.declarations import check_declarations, doubtful
from customs.proof.faults import Suspects, look_at
from customs.proof.figures import ZERO, Month, Part, Proof, Scope, Sum

_MARK = "({alias}.gross_weight + 3 * {alias}.net_weight) * (c.id % 65521 + 1)"
"""Weights times a multiplier of their checklist: equal sums, together with equal plain sums, mean equal weights."""

_SUMMED_UP = {
    "amount": "r.amount", "gross": "r.gross_weight", "net": "r.net_weight", "qty": "r.qty", "qty1": "r.qty1",
    "qty2": "r.qty2", "mark": _MARK.format(alias="r"),
}  # fmt: skip
_SUMS = ", ".join(
    # a case costs a fraction of multiplying by the sign
    f"sum(CASE r.sign WHEN 1 THEN {value} ELSE -({value}) END) AS {name}"
    for name, value in _SUMMED_UP.items()
)

_ALL = """
CREATE TEMP TABLE proof_found ON COMMIT DROP AS
WITH head AS (
    SELECT c.zone_code, c.consignor_id, c.declarant_id, c.flag, count(*) AS lines, sum(c.gross_weight) AS gross,
           sum(c.net_weight) AS net, sum({head_mark}) AS mark
    FROM checklist AS c WHERE {closed} GROUP BY c.zone_code, c.consignor_id, c.declarant_id, c.flag
), line AS (
    SELECT c.zone_code, c.consignor_id, c.declarant_id, c.flag, l.currency, count(*) AS lines,
           sum(l.total_price) AS amount
    FROM checklist AS c JOIN checklist_line AS l ON l.checklist_id = c.id
    WHERE {closed} GROUP BY c.zone_code, c.consignor_id, c.declarant_id, c.flag, l.currency
), paired AS (
    SELECT c.zone_code, c.consignor_id, c.declarant_id, c.flag, l.currency, d.declaration_id, d.line_no,
           count(r.id) AS rows, coalesce(sum(r.sign), 0) AS lines, {sums},
           array_agg(c.id) FILTER (WHERE r.id IS NULL OR r.cause <> 'closed' OR
               (r.amount, r.qty, r.qty1, r.consignor_id, r.declarant_id, r.closed_on, r.currency, r.gcode, r.flag,
                r.zone_code, r.customs_code, r.trade_mode, r.country)
               <> (l.total_price, l.qty, l.qty1, c.consignor_id, c.declarant_id, c.statistics_on, l.currency, l.gcode,
                   c.flag, c.zone_code, c.customs_code, c.trade_mode, c.country)
               OR r.qty2 IS DISTINCT FROM l.qty2) AS suspects
    FROM checklist AS c JOIN checklist_line AS l ON l.checklist_id = c.id
    LEFT JOIN closed_line AS r ON r.checklist_id = l.checklist_id AND r.gnum = l.gnum AND {counted}
    LEFT JOIN declaration_source AS d ON d.live AND d.checklist_id = l.checklist_id AND d.gnum = l.gnum
    WHERE {closed}
    GROUP BY c.zone_code, c.consignor_id, c.declarant_id, c.flag, l.currency, d.declaration_id, d.line_no
)
SELECT 'head' AS kind, zone_code, consignor_id, declarant_id, flag, NULL AS currency, NULL::bigint AS declaration_id,
       NULL::int AS line_no, 0 AS rows, lines, 0 AS amount, gross, net, NULL::numeric AS qty, NULL::numeric AS qty1,
       NULL::numeric AS qty2, mark, NULL::bigint[] AS suspects FROM head
UNION ALL
SELECT 'line', zone_code, consignor_id, declarant_id, flag, currency, NULL, NULL, 0, lines, amount, 0, 0, NULL, NULL,
       NULL, 0, NULL FROM line
UNION ALL
SELECT 'paired', zone_code, consignor_id, declarant_id, flag, currency, declaration_id, line_no, rows, lines,
       coalesce(amount, 0), coalesce(gross, 0), coalesce(net, 0), qty, qty1, qty2, coalesce(mark, 0), suspects
FROM paired
UNION ALL
SELECT 'rows', NULL, NULL, NULL, NULL, NULL, NULL, NULL, count(*), 0, 0, 0, 0, NULL, NULL, NULL, 0, NULL
FROM closed_line AS r WHERE {all_counted}
"""
"""All in one statement, so that papers that move meanwhile cannot make its parts disagree."""

_SUMMED = text(
    "SELECT kind, zone_code, consignor_id, declarant_id, flag, currency, declaration_id IS NOT NULL AS declared, "
    "sum(rows) AS rows, sum(lines) AS lines, sum(amount) AS amount, sum(gross) AS gross, sum(net) AS net, "
    "sum(mark) AS mark FROM proof_found GROUP BY 1, 2, 3, 4, 5, 6, 7"
)
_SUSPECTS = text("SELECT DISTINCT unnest(suspects) FROM proof_found WHERE suspects IS NOT NULL")

_Key = tuple[str, int, int, str]
FLAG_A = "A"


def prove(session: Session, month: Month, scope: Scope, *, at: datetime) -> Proof:
    """The proof of a month within a scope; `at` is only written on it.

    Nothing is written. What is found to differ is looked at again on its own, so that a paper that moves meanwhile
    is not reported.
    """
    asked = Asked(month, scope)
    with wide_plan(session):
        session.execute(text(_all(asked)), dict(asked.facts))
        rows = session.execute(_SUMMED).all()
        touched = doubtful(session)
    suspects: frozenset[int] = frozenset(session.execute(_SUSPECTS).scalars())
    session.execute(text("DROP TABLE proof_found"))
    heads, lines, paired, (counted,) = (
        [row for row in rows if row.kind == kind] for kind in ("head", "line", "paired", "rows")
    )
    parts = _parts(heads, lines, paired)
    declared, wrong = check_declarations(session, touched)
    for one in declared:
        balance = parts[one.key].balance(one.currency)
        balance.declared.add(one.whole)
        balance.elsewhere.add(one.elsewhere)
    found, more = look_at(session, asked, _suspects(suspects, heads, lines, paired, int(counted.rows)))
    ordered = tuple(parts[key] for key in sorted(parts))
    return Proof(month, at, ordered, (*found, *wrong), more)


def _all(asked: Asked) -> str:
    return _ALL.format(
        closed=asked.closed(),
        counted=asked.counted(),
        all_counted=" AND ".join([asked.counted(), *asked.within("r")]),
        head_mark=_MARK.format(alias="c"),
        sums=_SUMS,
    )


def _key(row: Row[Any]) -> _Key:
    return (row.zone_code, row.consignor_id, row.declarant_id, row.flag)


def _parts(heads: Sequence[Row[Any]], lines: Sequence[Row[Any]], paired: Sequence[Row[Any]]) -> dict[_Key, Part]:
    found = {_key(row): Part(*_key(row), int(row.lines), row.gross, row.net) for row in heads}
    for row in lines:
        balance = found.setdefault(_key(row), Part(*_key(row))).balance(row.currency)
        balance.truth.add(Sum(int(row.lines), row.amount))
    for row in paired:
        balance = found.setdefault(_key(row), Part(*_key(row))).balance(row.currency)
        counted = Sum(int(row.lines), row.amount, row.gross, row.net)
        balance.counted.add(counted)
        balance.truth.add(Sum(0, ZERO, row.gross, row.net))
        if row.declared:
            balance.summarised.add(counted)
            balance.declared.add(counted)
        elif row.flag != FLAG_A:
            balance.open.add(counted)
    return found


def _suspects(
    suspects: frozenset[int],
    heads: Sequence[Row[Any]],
    lines: Sequence[Row[Any]],
    paired: Sequence[Row[Any]],
    rows: int,
) -> Suspects:
    """What has to be looked at line by line, and which searches over the whole month are needed."""
    left: dict[_Key, list[Decimal]] = defaultdict(lambda: [ZERO] * 3)
    for sign, rows_of in ((1, heads), (-1, paired)):
        for row in rows_of:
            before = left[_key(row)]
            left[_key(row)] = [
                one + sign * more for one, more in zip(before, (row.mark, row.gross, row.net), strict=True)
            ]
    return Suspects(
        checklists=suspects,
        weights=tuple(key for key, sums in left.items() if any(sums)),
        merged_a=any(row.flag == FLAG_A and row.declared for row in paired),
        lines=sum(int(row.lines) for row in lines),
        paired=sum(int(row.rows) for row in paired),
        rows=rows,
    )
