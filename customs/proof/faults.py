"""Looking at single lines: only where the proof of the whole month found that something cannot be right."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from customs.proof.asking import Asked
from customs.proof.declarations import MOST, written
from customs.proof.figures import Difference
from customs.rules import proof as rules

_FIELDS = {
    "closed_on": "c.statistics_on",
    **{
        name: f"c.{name}"
        for name in (
            "zone_code", "customs_code", "flag", "trade_mode", "consignor_id", "declarant_id", "owner_code",
            "owner_name", "traf_mode", "country", "port_code",
        )
    },
    "destination": "l.country",
    **{name: f"l.{name}" for name in ("gcode", "gname", "item_name", "currency", "unit", "unit1", "unit2")},
}  # fmt: skip
"""Each word of a statistics row `r`, and where the checklist `c` or its line `l` says it."""

_FIGURES = {"amount": "l.total_price", "qty": "l.qty", "qty1": "l.qty1", "qty2": "l.qty2"}
"""Each figure of the rows of a line, added up (`s`), and where its line says it."""

_COMPARED = (*_FIGURES, *_FIELDS)

_ROWS = f"""
LEFT JOIN LATERAL (SELECT sum(x.sign) AS n, {", ".join(f"sum(x.sign * x.{one}) AS {one}" for one in _FIGURES)}
                   FROM closed_line AS x WHERE x.checklist_id = c.id AND x.gnum = l.gnum) AS s ON true
LEFT JOIN LATERAL (SELECT x.* FROM closed_line AS x WHERE x.checklist_id = c.id AND x.gnum = l.gnum AND x.sign = 1
                   ORDER BY x.id DESC LIMIT 1) AS r ON true
"""  # noqa: S608 - put together from this module's own text
"""What a line's statistics rows say together, and the newest of them."""

_LINES = f"""
SELECT c.id, l.gnum, coalesce(c.invt_no, c.cop_no) AS number, coalesce(s.n, 0) AS n, coalesce(d.n, 0) AS declared,
       d.numbers, {", ".join(f"{true} AS {name}" for name, true in (_FIGURES | _FIELDS).items())},
       {", ".join([*(f"s.{one} AS r_{one}" for one in _FIGURES), *(f"r.{one} AS r_{one}" for one in _FIELDS)])}
FROM checklist AS c JOIN checklist_line AS l ON l.checklist_id = c.id {_ROWS}
LEFT JOIN LATERAL (SELECT count(*) AS n, string_agg(e.decl_seq_no, ', ' ORDER BY e.id) AS numbers
                   FROM declaration_source AS x LEFT JOIN declaration AS e ON e.id = x.declaration_id
                   WHERE x.live AND x.checklist_id = c.id AND x.gnum = l.gnum) AS d ON true
WHERE {{closed}} AND c.id = ANY(CAST(:ids AS bigint[])) ORDER BY c.id, l.gnum
"""  # noqa: S608 - put together from this module's own text
_WEIGHTS = """
SELECT c.id, coalesce(c.invt_no, c.cop_no) AS number, c.zone_code, c.consignor_id, c.declarant_id,
       c.gross_weight, c.net_weight, s.gross, s.net
FROM checklist AS c LEFT JOIN LATERAL (
    SELECT sum(x.sign * x.gross_weight) AS gross, sum(x.sign * x.net_weight) AS net FROM closed_line AS x
    WHERE x.checklist_id = c.id) AS s ON true
WHERE {closed} AND {which} AND (s.gross IS DISTINCT FROM c.gross_weight OR s.net IS DISTINCT FROM c.net_weight)
ORDER BY c.id LIMIT :most
"""
_OF_A_PART = (
    "(c.zone_code, c.consignor_id, c.declarant_id, c.flag) IN (SELECT * FROM unnest(CAST(:zone_codes AS text[]), "
    "CAST(:consignors AS bigint[]), CAST(:declarants AS bigint[]), CAST(:flags AS text[])))"
)
_DIFFER = f"""
SELECT DISTINCT c.id FROM checklist AS c JOIN checklist_line AS l ON l.checklist_id = c.id {_ROWS}
WHERE {{closed}} AND {{which}} AND (s.n IS DISTINCT FROM 1
    OR (s.amount, s.qty, s.qty1, coalesce(s.qty2, 0)) <> (l.total_price, l.qty, l.qty1, coalesce(l.qty2, 0))
    OR ({", ".join(f"r.{one}" for one in _FIELDS)}) IS DISTINCT FROM ({", ".join(_FIELDS.values())}))
ORDER BY c.id
"""  # noqa: S608 - put together from this module's own text
_ORPHANS = """
SELECT r.checklist_id, r.gnum, min(r.zone_code) AS zone_code, min(r.consignor_id) AS consignor_id,
       min(r.declarant_id) AS declarant_id, sum(r.sign) AS n, min(coalesce(c.invt_no, c.cop_no)) AS number,
       min(c.status) AS status, min(d.declaration_id) AS declaration_id, min(d.line_no) AS line_no
FROM closed_line AS r LEFT JOIN checklist AS c ON c.id = r.checklist_id
LEFT JOIN declaration_source AS d ON d.live AND d.checklist_id = r.checklist_id AND d.gnum = r.gnum
WHERE {counted} AND NOT EXISTS (
    SELECT FROM checklist AS t JOIN checklist_line AS l ON l.checklist_id = t.id
    WHERE t.id = r.checklist_id AND l.gnum = r.gnum AND t.status = '899' AND t.closed_at >= :start
    AND t.closed_at < :end)
GROUP BY r.checklist_id, r.gnum HAVING sum(r.sign) <> 0 ORDER BY r.checklist_id, r.gnum LIMIT :most
"""
_MERGED = """
SELECT c.id FROM checklist AS c JOIN declaration_source AS d ON d.checklist_id = c.id AND d.live
WHERE {closed} AND c.flag = 'A' ORDER BY c.id LIMIT :most
"""

_CHUNK = 5_000


_Key = tuple[str, int, int, str]


@dataclass(frozen=True, slots=True)
class Suspects:
    """Parts (zone, consignor, declarant, flag) whose lines or weights differ; whether flag-A lines are declared."""

    lines: tuple[_Key, ...]
    weights: tuple[_Key, ...]
    merged_a: bool


def look_at(session: Session, asked: Asked, suspects: Suspects) -> tuple[list[Difference], int]:
    """The differences behind suspects, each with both figures; and how many more there are than are listed."""
    ids: set[int] = set()
    if suspects.lines:
        query = text(_DIFFER.format(closed=asked.closed(), which=_OF_A_PART))
        ids.update(session.execute(query, _facts(asked, suspects.lines)).scalars())
    if suspects.merged_a:
        facts = {**asked.facts, "most": MOST}
        ids.update(session.execute(text(_MERGED.format(closed=asked.closed())), facts).scalars())
    found = list(_lines(session, asked, ids))
    found += _weights(session, asked, suspects)
    if suspects.lines:
        found += _orphans(session, asked)
    return found[:MOST], max(0, len(found) - MOST)


def _facts(asked: Asked, parts: Sequence[_Key]) -> dict[str, Any]:
    columns = zip(*parts, strict=True)
    named = zip(("zone_codes", "consignors", "declarants", "flags"), map(list, columns), strict=True)
    return {**asked.facts, "most": MOST, **dict(named)}


def _counted(asked: Asked) -> str:
    return " AND ".join([asked.counted(), *asked.within("r")])


def _lines(session: Session, asked: Asked, ids: Collection[int]) -> Iterator[Difference]:
    query, ordered = text(_LINES.format(closed=asked.closed())), sorted(ids)
    for start in range(0, len(ordered), _CHUNK):
        for row in session.execute(query, {**asked.facts, "ids": ordered[start : start + _CHUNK]}):
            yield from _of_line(row)


def _of_line(row: Row[Any]) -> Iterator[Difference]:
    if row.n != 1:
        rule = rules.CU6101 if row.n < 1 else rules.CU6102
        yield _difference(rule.id, row, "1", str(row.n), gnum=row.gnum)
    else:
        for name in _COMPARED:
            expected, found = getattr(row, name), getattr(row, f"r_{name}")
            if expected != found and not (name == "qty2" and expected is None and not found):
                yield _difference(rules.CU6103.id, row, _said(expected), _said(found), field=name, gnum=row.gnum)
    if row.flag == "A" and row.declared:
        yield _difference(rules.CU6106.id, row, "0", row.numbers or str(row.declared), gnum=row.gnum)
    elif row.declared > 1:
        yield _difference(rules.CU6107.id, row, "1", str(row.declared), gnum=row.gnum)


def _weights(session: Session, asked: Asked, suspects: Suspects) -> Iterator[Difference]:
    """Checklists whose rows do not weigh what they do themselves; lines without a row are told by that already."""
    if not suspects.weights:
        return
    query = text(_WEIGHTS.format(closed=asked.closed(), which=_OF_A_PART))
    for row in session.execute(query, _facts(asked, suspects.weights)):
        for name, found in (("gross_weight", row.gross), ("net_weight", row.net)):
            if found is not None and found != getattr(row, name):
                yield _difference(rules.CU6104.id, row, written(getattr(row, name)), written(found), field=name)


def _orphans(session: Session, asked: Asked) -> Iterable[Difference]:
    query = text(_ORPHANS.format(counted=_counted(asked)))
    rows: Sequence[Row[Any]] = session.execute(query, {**asked.facts, "most": MOST}).all()
    for row in rows:
        yield _orphan(rules.CU6105.id, row, "0", str(row.n))
        if row.declaration_id is not None and row.status != "899":
            yield _orphan(rules.CU6110.id, row, "899", row.status or "—")


def _orphan(rule: str, row: Row[Any], expected: str, found: str) -> Difference:
    declared = rule == rules.CU6110.id
    return Difference(
        rule,
        row.zone_code,
        row.consignor_id,
        row.declarant_id,
        row.number or str(row.checklist_id),
        expected,
        found,
        checklist_id=row.checklist_id,
        gnum=row.gnum,
        declaration_id=row.declaration_id if declared else None,
        line_no=row.line_no if declared else None,
    )


def _difference(
    rule: str, row: Row[Any], expected: str, found: str, *, field: str = "", gnum: int | None = None
) -> Difference:
    return Difference(
        rule,
        row.zone_code,
        row.consignor_id,
        row.declarant_id,
        row.number,
        expected,
        found,
        field=field,
        checklist_id=row.id,
        gnum=gnum,
    )


def _said(value: Any) -> str:
    if value is None:
        return "—"
    return written(value) if hasattr(value, "as_tuple") else str(value)
