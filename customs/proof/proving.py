"""The proof of a month: where every closed line went, by the checklists themselves.

Checklists and their lines (closed in the month) are the truth. Statistics rows, sources and declarations are what is
proven against it. Both sides are hashed line by line over all their fields and added up by consignor, channel and
currency: equal sums mean equal lines, none lacking, none twice, whatever was corrected since (rows taken back cancel
out). Weights are compared by a sum in which every checklist has a multiplier of its own. Only where sums differ are
single lines looked at (`customs.proof.faults`).
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
from customs.proof.figures import ZERO, Balance, Month, Part, Proof, Scope, Sum

_MARK = "({alias}.gross_weight + 3 * {alias}.net_weight) * ({id} % 65521 + 1)"
"""Weights times a multiplier of their checklist: equal sums, together with equal plain sums, mean equal weights."""

# halved, so that a sign can be put before it without leaving 64 bits
_HASH = "(hash_record_extended(ROW({fields}), 0) >> 1)"
# zone, consignor, declarant, channel and currency are compared by standing in the same group
_TRUE_FIELDS = (
    "c.id, l.gnum, c.statistics_on, c.customs_code, c.trade_mode, c.traf_mode, c.country, c.port_code, c.owner_code, "
    "c.owner_name, l.country, l.gcode, l.gname, l.item_name, l.unit, l.unit1, l.unit2, l.qty, l.qty1, l.qty2, "
    "l.total_price"
)
_COUNTED_FIELDS = (
    "r.checklist_id, r.gnum, r.closed_on, r.customs_code, r.trade_mode, r.traf_mode, r.country, r.port_code, "
    "r.owner_code, r.owner_name, r.destination, r.gcode, r.gname, r.item_name, r.unit, r.unit1, r.unit2, r.qty, "
    "r.qty1, r.qty2, r.amount"
)
_KEY = (
    "hash_record_extended(ROW({alias}.zone_code, {alias}.consignor_id, {alias}.declarant_id, {alias}.flag, "
    "{alias}.currency), 0)"
)
"""One number for zone, consignor, declarant, channel and currency of a statistics row."""


def _sums(**values: str) -> str:
    # a case costs a fraction of multiplying by the sign
    return ", ".join(
        f"sum(CASE r.sign WHEN 1 THEN {value} ELSE -({value}) END) AS {name}" for name, value in values.items()
    )


_WORTH = {"amount": "r.amount", "gross": "r.gross_weight", "net": "r.net_weight"}
_QUANTITIES = {"qty": "r.qty", "qty1": "r.qty1", "qty2": "r.qty2"}
_PRINTS = {"mark": _MARK.format(alias="r", id="r.checklist_id"), "print": _HASH.format(fields=_COUNTED_FIELDS)}

_ALL = """
CREATE TEMP TABLE proof_found ON COMMIT DROP AS
WITH head AS (
    SELECT c.zone_code, c.consignor_id, c.declarant_id, c.flag, count(*) AS lines, sum(c.gross_weight) AS gross,
           sum(c.net_weight) AS net, sum({mark}) AS mark
    FROM checklist AS c WHERE {closed} GROUP BY c.zone_code, c.consignor_id, c.declarant_id, c.flag
), line AS (
    SELECT c.zone_code, c.consignor_id, c.declarant_id, c.flag, l.currency, count(*) AS lines,
           sum(l.total_price) AS amount, sum({true_print}) AS print
    FROM checklist AS c JOIN checklist_line AS l ON l.checklist_id = c.id
    WHERE {closed} GROUP BY c.zone_code, c.consignor_id, c.declarant_id, c.flag, l.currency
), counted AS (
    SELECT r.zone_code, r.consignor_id, r.declarant_id, r.flag, r.currency, sum(r.sign) AS lines, {counted_sums}
    FROM closed_line AS r WHERE {counted} GROUP BY r.zone_code, r.consignor_id, r.declarant_id, r.flag, r.currency
), by_key AS (
    SELECT d.declaration_id, d.line_no, {key} AS key, sum(r.sign) AS lines, {declared_sums}
    FROM closed_line AS r
    JOIN declaration_source AS d ON d.live AND d.checklist_id = r.checklist_id AND d.gnum = r.gnum
    WHERE {counted} GROUP BY d.declaration_id, d.line_no, {key}
), declared AS (
    SELECT declaration_id, line_no, min(key) AS key, max(key) AS last_key, sum(lines) AS lines, {again}
    FROM by_key GROUP BY declaration_id, line_no
)
SELECT 'head' AS kind, zone_code, consignor_id, declarant_id, flag, NULL AS currency, NULL::bigint AS declaration_id,
       NULL::int AS line_no, NULL::bigint AS key, NULL::bigint AS last_key, lines, 0 AS amount, gross, net,
       NULL::numeric AS qty, NULL::numeric AS qty1, NULL::numeric AS qty2, mark, 0 AS print FROM head
UNION ALL
SELECT 'line', zone_code, consignor_id, declarant_id, flag, currency, NULL, NULL, NULL, NULL, lines, amount, 0, 0, NULL,
       NULL, NULL, 0, print FROM line
UNION ALL
SELECT 'counted', zone_code, consignor_id, declarant_id, flag, currency, NULL, NULL, {group_key}, NULL, lines, amount,
       gross, net, NULL, NULL, NULL, mark, print FROM counted AS g
UNION ALL
SELECT 'declared', NULL, NULL, NULL, NULL, NULL, declaration_id, line_no, key, last_key, lines, amount, gross, net, qty,
       qty1, qty2, 0, 0 FROM declared
"""
"""All in one statement, so that papers that move meanwhile cannot make its parts disagree."""

_FOUND = text("SELECT * FROM proof_found WHERE kind <> 'declared'")
_SUMMARISED = text(
    "SELECT key, sum(lines) AS lines, sum(amount) AS amount, sum(gross) AS gross, sum(net) AS net FROM proof_found "
    "WHERE kind = 'declared' AND key = last_key GROUP BY key"
)

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
        rows = session.execute(_FOUND).all()
        whole = {row.key: _sum(row) for row in session.execute(_SUMMARISED)}
        touched = doubtful(session, asked)
    session.execute(text("DROP TABLE proof_found"))
    heads, lines, counted = ([row for row in rows if row.kind == kind] for kind in ("head", "line", "counted"))
    summarised = [(row, whole[row.key]) for row in counted if row.key in whole]
    summarised += [(row, _sum(row)) for row in touched if row.mixed]
    parts = _parts(heads, lines, counted, summarised)
    declared, wrong = check_declarations(session, touched)
    for one in declared:
        balance = parts[one.key].balance(one.currency)
        balance.declared.add(one.whole)
        balance.elsewhere.add(one.elsewhere)
    merged_a = any(row.flag == FLAG_A for row, _ in summarised)
    found, more = look_at(session, asked, _suspects(heads, lines, counted, merged_a))
    ordered = tuple(parts[key] for key in sorted(parts))
    return Proof(month, at, ordered, (*found, *wrong), more)


def _all(asked: Asked) -> str:
    return _ALL.format(
        closed=asked.closed(),
        counted=" AND ".join([asked.counted(), *asked.within("r")]),
        mark=_MARK.format(alias="c", id="c.id"),
        true_print=_HASH.format(fields=_TRUE_FIELDS),
        key=_KEY.format(alias="r"),
        group_key=_KEY.format(alias="g"),
        again=", ".join(f"sum({name}) AS {name}" for name in (*_WORTH, *_QUANTITIES)),
        counted_sums=_sums(**_WORTH, **_PRINTS),
        declared_sums=_sums(**_WORTH, **_QUANTITIES),
    )


def _key(row: Row[Any]) -> _Key:
    return (row.zone_code, row.consignor_id, row.declarant_id, row.flag)


def _parts(
    heads: Sequence[Row[Any]],
    lines: Sequence[Row[Any]],
    counted: Sequence[Row[Any]],
    summarised: Sequence[tuple[Row[Any], Sum]],
) -> dict[_Key, Part]:
    found = {_key(row): Part(*_key(row), int(row.lines), row.gross, row.net) for row in heads}

    def balance_of(row: Row[Any]) -> Balance:
        return found.setdefault(_key(row), Part(*_key(row))).balance(row.currency)

    for row in lines:
        balance_of(row).truth.add(Sum(int(row.lines), row.amount))
    for row in counted:
        if not row.lines and not row.amount and not row.gross:
            continue  # taken back, and closed in another month since
        balance = balance_of(row)
        balance.counted.add(_sum(row))
        balance.truth.add(Sum(0, ZERO, row.gross, row.net))
    for row, one in summarised:
        balance = balance_of(row)
        balance.summarised.add(one)
        balance.declared.add(one)
    for part in found.values():
        for balance in part.balances.values():
            if part.flag != FLAG_A:
                balance.open.add(balance.counted - balance.summarised)
    return found


def _sum(row: Row[Any]) -> Sum:
    return Sum(int(row.lines), row.amount, row.gross, row.net)


def _suspects(
    heads: Sequence[Row[Any]], lines: Sequence[Row[Any]], counted: Sequence[Row[Any]], merged_a: bool
) -> Suspects:
    """The parts that have to be looked at line by line, and why."""
    weights: dict[_Key, list[Decimal]] = defaultdict(lambda: [ZERO] * 3)
    for sign, rows in ((1, heads), (-1, counted)):
        for row in rows:
            before = weights[_key(row)]
            more = (row.mark, row.gross, row.net)
            weights[_key(row)] = [one + sign * other for one, other in zip(before, more, strict=True)]
    prints: dict[tuple[_Key, str], Decimal] = defaultdict(Decimal)
    for sign, rows in ((1, lines), (-1, counted)):
        for row in rows:
            prints[_key(row), row.currency] += sign * row.print
    return Suspects(
        lines=tuple(sorted({key for (key, _), left in prints.items() if left})),
        weights=tuple(sorted(key for key, sums in weights.items() if any(sums))),
        merged_a=merged_a,
    )
