"""Declarations against their sources: each live declaration that holds any line of the month, whole, line by line.

The database compares all of them with what the statistics rows say; those that differ, or hold lines of other months as
well, are added up anew from all their sources.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from customs.proof.asking import Asked
from customs.proof.figures import ZERO, Difference, Sum
from customs.rules import proof as rules

FIGURES = ("qty", "qty1", "qty2", "amount", "gross_weight", "net_weight")

_DECLARED = text(
    "SELECT d.id, d.decl_seq_no, d.entry_id, d.zone_code, d.consignor_id, d.declarant_id, "
    "d.cancelled_at IS NOT NULL AS cancelled, d.gross_weight AS whole_gross, d.net_weight AS whole_net, "
    "l.line_no, l.currency, l.qty, l.qty1, l.qty2, l.amount, l.gross_weight, l.net_weight, "
    "coalesce(n.lines, 0) AS lines FROM declaration AS d "
    "JOIN declaration_line AS l ON l.declaration_id = d.id "
    "LEFT JOIN (SELECT declaration_id, line_no, count(*) AS lines FROM declaration_source "
    "WHERE live AND declaration_id = ANY(CAST(:ids AS bigint[])) GROUP BY declaration_id, line_no) AS n "
    "ON n.declaration_id = l.declaration_id AND n.line_no = l.line_no "
    "WHERE d.id = ANY(CAST(:ids AS bigint[])) ORDER BY d.id, l.line_no"
)
_DOUBTFUL = text(
    "WITH here AS (SELECT declaration_id, line_no, sum(lines) AS lines, sum(amount) AS amount, sum(gross) AS gross, "
    "sum(net) AS net, sum(qty) AS qty, sum(qty1) AS qty1, sum(qty2) AS qty2, bool_or(key <> last_key) AS mixed "
    "FROM proof_found "
    "WHERE kind = 'declared' GROUP BY declaration_id, line_no), "
    "touched AS (SELECT DISTINCT declaration_id AS id FROM here), "
    "source AS (SELECT declaration_id, line_no, count(*) AS lines FROM declaration_source WHERE live "
    "GROUP BY declaration_id, line_no), "
    "compared AS (SELECT t.id, d.id IS NULL OR d.cancelled_at IS NOT NULL OR h.mixed "
    "OR h.lines IS DISTINCT FROM n.lines "
    "OR (l.amount, l.gross_weight, l.net_weight, l.qty, l.qty1, coalesce(l.qty2, 0)) "
    "IS DISTINCT FROM (h.amount, h.gross, h.net, h.qty, h.qty1, coalesce(h.qty2, 0)) AS differs, "
    "l.gross_weight, l.net_weight, d.gross_weight AS whole_gross, d.net_weight AS whole_net "
    "FROM touched AS t LEFT JOIN declaration AS d ON d.id = t.id LEFT JOIN declaration_line AS l "
    "ON l.declaration_id = t.id LEFT JOIN here AS h ON h.declaration_id = t.id AND h.line_no = l.line_no "
    "LEFT JOIN source AS n ON n.declaration_id = t.id AND n.line_no = l.line_no) "
    "SELECT id FROM compared GROUP BY id HAVING bool_or(differs) "
    "OR sum(gross_weight) <> min(whole_gross) OR sum(net_weight) <> min(whole_net) ORDER BY id"
)
_TOUCHED = (
    "SELECT r.zone_code, r.consignor_id, r.declarant_id, r.flag, r.currency, d.declaration_id, d.line_no, "
    "sum(r.sign) AS lines, sum(r.sign * r.amount) AS amount, sum(r.sign * r.gross_weight) AS gross, "
    "sum(r.sign * r.net_weight) AS net, "
    "count(*) OVER (PARTITION BY d.declaration_id, d.line_no) > 1 AS mixed "
    "FROM declaration_source AS d JOIN closed_line AS r ON r.checklist_id = d.checklist_id AND r.gnum = d.gnum "
    "WHERE d.live AND d.declaration_id = ANY(CAST(:ids AS bigint[])) AND {counted} "
    "GROUP BY r.zone_code, r.consignor_id, r.declarant_id, r.flag, r.currency, d.declaration_id, d.line_no"
)
"""A line is mixed where its sources belong to several parts or currencies."""
_EXACT = text(
    "SELECT s.declaration_id, s.line_no, count(DISTINCT (s.checklist_id, s.gnum)) AS lines, "
    "sum(r.sign * r.qty) AS qty, sum(r.sign * r.qty1) AS qty1, sum(r.sign * r.qty2) AS qty2, "
    "coalesce(sum(r.sign * r.amount), 0) AS amount, coalesce(sum(r.sign * r.gross_weight), 0) AS gross_weight, "
    "coalesce(sum(r.sign * r.net_weight), 0) AS net_weight FROM declaration_source AS s "
    "LEFT JOIN closed_line AS r ON r.checklist_id = s.checklist_id AND r.gnum = s.gnum "
    "WHERE s.live AND s.declaration_id = ANY(CAST(:ids AS bigint[])) GROUP BY s.declaration_id, s.line_no"
)
_NOT_CLOSED = text(
    "SELECT s.checklist_id, s.gnum, s.line_no, d.id, d.decl_seq_no, d.zone_code, d.consignor_id, d.declarant_id, "
    "coalesce(c.invt_no, c.cop_no, '') AS number, coalesce(c.status, '') AS status FROM declaration_source AS s "
    "JOIN declaration AS d ON d.id = s.declaration_id LEFT JOIN checklist AS c ON c.id = s.checklist_id "
    "LEFT JOIN checklist_line AS l ON l.checklist_id = s.checklist_id AND l.gnum = s.gnum "
    "WHERE s.live AND s.declaration_id = ANY(CAST(:ids AS bigint[])) "
    "AND (c.status IS DISTINCT FROM '899' OR l.gnum IS NULL) ORDER BY s.declaration_id, s.checklist_id, s.gnum "
    "LIMIT :most"
)
MOST = 500
"""So many differences of a kind are listed."""

_Key = tuple[str, int, int, str]


@dataclass(frozen=True, slots=True)
class Declared:
    """What declarations of a part say in one currency beyond their sources here, and what of it is closed elsewhere."""

    key: _Key
    currency: str
    whole: Sum
    elsewhere: Sum


@dataclass(slots=True)
class _Place:
    """One declaration line as its sources of this month and scope make it, by the part they belong to."""

    currency: str = ""
    parts: dict[_Key, Sum] = field(default_factory=dict)

    def add(self, row: Row[Any]) -> None:
        """Count one group of sources in."""
        self.currency = row.currency
        key = (row.zone_code, row.consignor_id, row.declarant_id, row.flag)
        self.parts.setdefault(key, Sum()).add(Sum(int(row.lines), row.amount, row.gross, row.net))


def doubtful(session: Session, asked: Asked) -> list[Row[Any]]:
    """Declarations that the statistics rows of the month do not explain fully: by part, declaration and line.

    Reads the proof's temporary table `proof_found`. All other declarations equal their sources, and these are all
    lines of one part of the month.
    """
    ids: list[int] = list(session.execute(_DOUBTFUL).scalars())
    if not ids:
        return []
    query = _TOUCHED.format(counted=" AND ".join([asked.counted(), *asked.within("r")]))
    return list(session.execute(text(query), {**asked.facts, "ids": ids}))


def check_declarations(session: Session, touched: Iterable[Row[Any]]) -> tuple[list[Declared], list[Difference]]:
    """Doubtful declarations looked at whole: how what they say differs from what they hold here, and what is wrong.

    `touched` is what `doubtful` gave.
    """
    places: dict[tuple[int, int], _Place] = defaultdict(_Place)
    for row in touched:
        places[row.declaration_id, row.line_no].add(row)
    ids = sorted({id for id, _ in places})
    if not ids:
        return [], []
    rows = session.execute(_DECLARED, {"ids": ids}).all()
    standing = [row for row in rows if not row.cancelled]
    exact = _exact(session, {row.id for row in standing})
    homes = _homes(places)
    known = {row.id for row in standing}
    declared = [one for row in standing for one in _declared(row, homes[row.id], places, exact)]
    declared += [_nothing(key, place) for (id, _), place in places.items() if id not in known for key in place.parts]
    wrong = [*_wrong_lines(standing, exact), *_heads(standing)]
    wrong += _not_standing(session, [id for id in ids if id not in known], rows)
    return declared, wrong + _not_closed(session, sorted(known))


def _homes(places: Mapping[tuple[int, int], _Place]) -> dict[int, _Key]:
    """The part to which a declaration's lines without sources of the month are put: that of its first other line."""
    found: dict[int, _Key] = {}
    for (id, _), place in sorted(places.items()):
        found.setdefault(id, min(place.parts))
    return found


def _declared(
    row: Row[Any], home: _Key, places: Mapping[tuple[int, int], _Place], exact: Mapping[tuple[int, int], Row[Any]]
) -> Iterator[Declared]:
    """What a declaration line says beyond its sources here, what lies elsewhere and any error, under its first part."""
    place = places.get((row.id, row.line_no))
    here = Sum()
    for one in place.parts.values() if place is not None else ():
        here.add(one)
    whole = Sum(row.lines, row.amount, row.gross_weight, row.net_weight)
    all_of_it = exact.get((row.id, row.line_no))
    sources = Sum()
    if all_of_it is not None:
        sources = Sum(all_of_it.lines, all_of_it.amount, all_of_it.gross_weight, all_of_it.net_weight)
    yield Declared(min(place.parts) if place is not None else home, row.currency, whole - here, sources - here)


def _nothing(key: _Key, place: _Place) -> Declared:
    """Sources of a declaration that does not stand: nothing is declared of them."""
    return Declared(key, place.currency, Sum() - place.parts[key], Sum())


def _exact(session: Session, ids: Collection[int]) -> dict[tuple[int, int], Row[Any]]:
    """Doubtful declarations by line, added up over all their sources, whenever these were closed."""
    if not ids:
        return {}
    return {(one.declaration_id, one.line_no): one for one in session.execute(_EXACT, {"ids": sorted(ids)})}


def _wrong_lines(rows: Sequence[Row[Any]], exact: Mapping[tuple[int, int], Row[Any]]) -> Iterator[Difference]:
    doubtful = {id for id, _ in exact}
    for row in rows:
        if row.id not in doubtful:
            continue
        sums = exact.get((row.id, row.line_no))
        for name in FIGURES:
            expected = (getattr(sums, name) if sums is not None else None) or ZERO
            if expected != (getattr(row, name) or ZERO):
                yield _difference(rules.CU6109.id, row, name, expected, getattr(row, name) or ZERO)


def _heads(rows: Sequence[Row[Any]]) -> Iterator[Difference]:
    """A declaration's own weights against its lines'."""
    by_id: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_id[row.id].append(row)
    for lines in by_id.values():
        for name, whole in (("gross_weight", "whole_gross"), ("net_weight", "whole_net")):
            together = sum((getattr(one, name) for one in lines), ZERO)
            if together != getattr(lines[0], whole):
                yield _difference(rules.CU6109.id, lines[0], name, together, getattr(lines[0], whole), line_no=0)


def _difference(
    rule: str, row: Row[Any], name: str, expected: Decimal, found: Decimal, line_no: int | None = None
) -> Difference:
    return Difference(
        rule,
        row.zone_code,
        row.consignor_id,
        row.declarant_id,
        row.decl_seq_no,
        written(expected),
        written(found),
        field=name,
        declaration_id=row.id,
        line_no=row.line_no if line_no is None else line_no,
    )


def _not_standing(session: Session, ids: Sequence[int], rows: Sequence[Row[Any]]) -> list[Difference]:
    """Live sources of declarations that were cancelled or do not exist."""
    if not ids:
        return []
    numbers = {row.id: row.decl_seq_no for row in rows}
    query = text(
        "SELECT s.checklist_id, s.gnum, s.declaration_id, s.line_no, c.zone_code, c.consignor_id, c.declarant_id, "
        "coalesce(c.invt_no, c.cop_no) AS number FROM declaration_source AS s JOIN checklist AS c "
        "ON c.id = s.checklist_id WHERE s.live AND s.declaration_id = ANY(CAST(:ids AS bigint[])) "
        "ORDER BY s.checklist_id, s.gnum LIMIT :most"
    )
    return [
        Difference(
            rules.CU6108.id,
            row.zone_code,
            row.consignor_id,
            row.declarant_id,
            row.number,
            "0",
            numbers.get(row.declaration_id, str(row.declaration_id)),
            checklist_id=row.checklist_id,
            gnum=row.gnum,
            declaration_id=row.declaration_id,
            line_no=row.line_no,
        )
        for row in session.execute(query, {"ids": ids, "most": MOST})
    ]


def _not_closed(session: Session, ids: Sequence[int]) -> list[Difference]:
    """Live sources whose checklist does not stand at 899, or has no such line."""
    return [
        Difference(
            rules.CU6110.id,
            row.zone_code,
            row.consignor_id,
            row.declarant_id,
            row.number or str(row.checklist_id),
            "899",
            row.status or "—",
            checklist_id=row.checklist_id,
            gnum=row.gnum,
            declaration_id=row.id,
            line_no=row.line_no,
        )
        for row in session.execute(_NOT_CLOSED, {"ids": ids, "most": MOST})
    ]


def written(value: Decimal | None) -> str:
    """A figure without trailing zeros; a dash where there is none."""
    if value is None:
        return "—"
    plain = format(value, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
