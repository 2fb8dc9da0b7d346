"""Declarations against their sources: each live declaration that holds any line of the month, whole, line by line."""

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
    """What declarations of a part say in one currency: all their lines, and how much of it was closed elsewhere."""

    key: _Key
    currency: str
    whole: Sum
    elsewhere: Sum


@dataclass(slots=True)
class _Place:
    """One declaration line as its sources of this month and scope make it, by the part they belong to."""

    parts: dict[_Key, Sum] = field(default_factory=dict)
    figures: dict[str, Decimal | None] = field(default_factory=dict)

    def add(self, row: Row[Any]) -> None:
        """Count one group of sources in."""
        key = (row.zone_code, row.consignor_id, row.declarant_id, row.flag)
        self.parts.setdefault(key, Sum()).add(Sum(int(row.lines), row.amount, row.gross, row.net))
        given = {
            "qty": row.qty, "qty1": row.qty1, "qty2": row.qty2, "amount": row.amount, "gross_weight": row.gross,
            "net_weight": row.net,
        }  # fmt: skip
        for name, value in given.items():
            before = self.figures.get(name)
            self.figures[name] = value if before is None else before + (value or ZERO)

    @property
    def lines(self) -> int:
        """How many lines of the month and scope it holds."""
        return sum(one.lines for one in self.parts.values())


def check_declarations(
    session: Session, asked: Asked, paired: Iterable[Row[Any]]
) -> tuple[list[Declared], list[Difference]]:
    """What the declarations touched by the month say in all, and where they differ from their sources."""
    places: dict[tuple[int, int], _Place] = defaultdict(_Place)
    for row in paired:
        if row.declaration_id is not None:
            places[row.declaration_id, row.line_no].add(row)
    ids = sorted({id for id, _ in places})
    if not ids:
        return [], []
    rows = session.execute(_DECLARED, {"ids": ids}).all()
    standing = [row for row in rows if not row.cancelled]
    doubtful = {row.id for row in standing if _doubtful(row, places.get((row.id, row.line_no)))}
    exact = _exact(session, doubtful)
    homes = _homes(places)
    declared = [one for row in standing for one in _declared(row, homes[row.id], places, exact)]
    known = {row.id for row in standing}
    wrong = [*_wrong_lines(standing, exact), *_heads(standing)]
    wrong += _not_standing(session, [id for id in ids if id not in known], rows)
    # the sources of the others are all lines of this month, closed as such
    return declared, wrong + _not_closed(session, sorted(doubtful))


def _homes(places: Mapping[tuple[int, int], _Place]) -> dict[int, _Key]:
    """The part to which a declaration's lines without sources of the month are put: that of its first other line."""
    found: dict[int, _Key] = {}
    for (id, _), place in sorted(places.items()):
        found.setdefault(id, min(place.parts))
    return found


def _declared(
    row: Row[Any], home: _Key, places: Mapping[tuple[int, int], _Place], exact: Mapping[tuple[int, int], Row[Any]]
) -> Iterator[Declared]:
    """A declaration line under the parts of its sources; what lies elsewhere, and any error, under the first."""
    place = places.get((row.id, row.line_no))
    parts = place.parts if place is not None else {home: Sum()}
    here = Sum()
    for one in parts.values():
        here.add(one)
    whole = Sum(row.lines, row.amount, row.gross_weight, row.net_weight)
    beyond = Sum()
    if (row.id, row.line_no) in exact:
        all_of_it = exact[row.id, row.line_no]
        beyond = Sum(all_of_it.lines, all_of_it.amount, all_of_it.gross_weight, all_of_it.net_weight) - here
    first = min(parts)
    for key, one in parts.items():
        yield (
            Declared(key, row.currency, (whole - here).plus(one), beyond)
            if key == first
            else Declared(key, row.currency, one, Sum())
        )


def _doubtful(row: Row[Any], place: _Place | None) -> bool:
    """Whether a line must be added up anew: some of its sources lie outside, or its figures differ."""
    if place is None or place.lines != row.lines:
        return True
    return any((place.figures.get(name) or ZERO) != (getattr(row, name) or ZERO) for name in FIGURES)


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
