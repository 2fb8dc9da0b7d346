"""Loading a code table from a CSV file: every row is checked, then all rows go in or none does.

A file adds and replaces rows by code and first day; what it does not name stays. Loaded whole, it also removes what
it does not name. Rows that came with the product give way to an operator's rows of the same code. A column that the
file leaves out keeps what the table holds for that code (so Chinese names can be added to headings by themselves).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

from sqlalchemy.orm import Session

from common.csv_files import (
    CU0605,
    CU0606,
    CU0607,
    CU0608,
    CU0610,
    Row,
    check_source,
    digest,
    is_number,
    read_rows,
    refuse,
)
from common.db import lock_keys
from common.findings import Finding, NotFoundError, Text, rule
from common.reference import SHIPPED, LoadedBy, LoadResult, last_digest, record_load
from customs.codes.records import Held, Record, held_records, insert, known_codes, remove
from customs.codes.specs import SPECS, Column, TableSpec

DATA = Path(__file__).parent / "data"

CU0620 = rule(
    "CU0620",
    title=("没有这个代码表", "No such code table"),
    say=(
        "没有代码表“{table}”。可用的代码表：{tables}。",
        "There is no code table “{table}”. There are: {tables}.",
    ),
    basis="平台代码表目录",
)
CU0621 = rule(
    "CU0621",
    title=("缺少名称", "The name is missing"),
    say=(
        "第{row}行代码{code}没有名称。请填写“name_zh”或“name_en”列。",
        "Row {row}: code {code} has no name. Fill “name_zh” or “name_en”.",
    ),
    basis="平台代码表目录",
)
CU0622 = rule(
    "CU0622",
    title=("有效期重叠", "Periods overlap"),
    say=(
        "第{row}行代码{code}的有效期与{other}重叠。请给较早的一段填写“valid_to”，使各段前后相接。",
        "Row {row}: the period of code {code} overlaps {other}. Give the earlier one a “valid_to”, "
        "so that one ends before the next begins.",
    ),
    basis="平台代码表目录",
)
CU0623 = rule(
    "CU0623",
    title=("引用的代码不存在", "The code referred to does not exist"),
    say=(
        "第{row}行“{column}”列：“{value}”不在代码表“{table}”中。请更正，或先加载该表。",
        "Row {row}, column “{column}”: “{value}” is not in code table “{table}”. Correct it, or load that table first.",
    ),
    basis="平台代码表目录",
)


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A record with the row it came from, so that later findings can point at it."""

    row: Row
    record: Record


def spec_of(table: str) -> TableSpec:
    """The declaration of a code table; raises `NotFoundError` for a name there is not."""
    spec = SPECS.get(table)
    if spec is None:
        raise NotFoundError(CU0620.at("", table=table[:40], tables=", ".join(SPECS)))
    return spec


def load_codes(
    session: Session, table: str, raw: bytes, *, source: str, person: str, at: datetime, whole: bool = False
) -> LoadResult:
    """Load a file into a code table, all of it or nothing; loading it again changes nothing.

    `source` names the document the rows rest on, for rows that do not name their own. Raises `DomainError` with the
    findings of every row.
    """
    spec = spec_of(table)
    check_source(source)
    lock_keys(session, [f"codes.{table}"])
    held = held_records(session, table)
    parsed = _parse(session, spec, raw, source, held)
    mine = {one.record.code for one in parsed}
    kept = [one for one in held if not (whole or (one.shipped and one.record.code in mine))]
    refuse(_overlaps(parsed, kept))
    by = LoadedBy(source, digest(raw), person, at)
    result = _apply(session, table, [one.record for one in parsed], held, kept, by)
    record_load(session, f"codes.{table}", by, result)
    return result


def load_shipped(session: Session, *, at: datetime) -> dict[str, LoadResult]:
    """Bring in the tables that come with the product; tables whose file has not changed since are left alone.

    Codes that an operator loaded are never touched, and a table from which an operator removed everything that was
    shipped (by loading it whole) is the operator's from then on.
    """
    loaded = {}
    for table, spec in SPECS.items():
        raw = (DATA / f"{table}.csv").read_bytes()
        before = last_digest(session, f"codes.{table}", SHIPPED)
        if raw.count(b"\n") > 1 and before != digest(raw) and (before is None or _any_shipped(session, table)):
            loaded[table] = _ship(session, spec, raw, at)
    return loaded


def _any_shipped(session: Session, table: str) -> bool:
    return any(one.shipped for one in held_records(session, table))


def _ship(session: Session, spec: TableSpec, raw: bytes, at: datetime) -> LoadResult:
    name = f"codes.{spec.name}"
    lock_keys(session, [name])
    held = held_records(session, spec.name)
    theirs = {one.record.code for one in held if not one.shipped}
    records = [one.record for one in _parse(session, spec, raw, "", []) if one.record.code not in theirs]
    old = [one.id for one in held if one.shipped]
    by = LoadedBy("随平台提供", digest(raw), SHIPPED, at)
    remove(session, spec.name, old)
    insert(session, spec.name, records, by, shipped=True)
    result = LoadResult(added=len(records), removed=len(old))
    record_load(session, name, by, result)
    return result


def _apply(
    session: Session,
    table: str,
    records: Sequence[Record],
    held: Sequence[Held],
    kept: Sequence[Held],
    by: LoadedBy,
) -> LoadResult:
    """Write the difference between what the table holds and what it is to hold."""
    wanted = {(one.code, one.valid_from): one for one in records}
    staying = {one.id for one in kept if (one.record.code, one.record.valid_from) not in wanted}
    same = {
        (one.record.code, one.record.valid_from): one.id
        for one in held
        if not one.shipped and wanted.get((one.record.code, one.record.valid_from)) == one.record
    }
    staying |= set(same.values())
    gone = [one for one in held if one.id not in staying]
    fresh = [one for key, one in wanted.items() if key not in same]
    replaced = {(one.record.code, one.record.valid_from) for one in gone}
    changed = sum((one.code, one.valid_from) in replaced for one in fresh)
    remove(session, table, [one.id for one in gone])
    insert(session, table, fresh, by, shipped=False)
    return LoadResult(len(fresh) - changed, changed, len(gone) - changed, len(same))


def _parse(session: Session, spec: TableSpec, raw: bytes, source: str, held: Sequence[Held]) -> list[_Parsed]:
    own = list(spec.columns)
    rows, findings = read_rows(raw, ["code"], ["name_zh", "name_en", *own, "valid_from", "valid_to", "source"])
    references = {column.refers_to for column in spec.columns.values() if column.refers_to}
    known = {table: known_codes(session, table) for table in references | ({spec.upper} if spec.upper else set())}
    before = {one.record.code: one.record for one in held}
    parsed = []
    for row in rows:
        found = [*_check_code(spec, row, known), *_check_columns(spec, row, known)]
        record = _record(spec, row, source, before.get(row.get("code")), found)
        findings += found
        parsed.append(_Parsed(row, record))
    findings += _doubles(parsed)
    refuse(sorted(findings, key=_by_row))
    return parsed


def _by_row(one: Finding) -> int:
    return int("".join(letter for letter in one.pointer if letter.isdigit()) or 0)


def _record(spec: TableSpec, row: Row, source: str, before: Record | None, findings: list[Finding]) -> Record:
    start, end = row.day("valid_from", findings), row.day("valid_to", findings)
    if start and end and end < start:
        findings.append(
            CU0608.at(row.at("valid_to"), row=row.number, column="valid_to", value=f"{end} < {start}"),
        )
    record = Record(
        row.get("code"),
        row.get("name_zh"),
        row.get("name_en"),
        start,
        end,
        row.get("source") or source,
        {name: row.get(name) for name in spec.columns if row.get(name) and not _is_no(spec.columns[name], row, name)},
    )
    if before:
        record = _inherit(spec, row, record, before)
    if spec.named and not (record.name_zh or record.name_en):
        findings.append(CU0621.at(row.at("code"), row=row.number, code=record.code))
    if not record.source:
        findings.append(CU0610.at(row.at("source"), row=row.number))
    return record


def _is_no(column: Column, row: Row, name: str) -> bool:
    """A flag that is written as 0 says the same as an empty one."""
    return column.flag and row.get(name) == "0"


def _inherit(spec: TableSpec, row: Row, record: Record, before: Record) -> Record:
    """Fill columns that the file does not have at all from what the table holds for the code."""
    values = {name: value for name, value in before.values.items() if name not in row.columns and name in spec.columns}
    return replace(
        record,
        name_zh=record.name_zh if "name_zh" in row.columns else before.name_zh,
        name_en=record.name_en if "name_en" in row.columns else before.name_en,
        values={**values, **record.values},
    )


def _check_code(spec: TableSpec, row: Row, known: Mapping[str, Collection[str]]) -> list[Finding]:
    code = row.get("code")
    if not spec.code.fullmatch(code):
        return [_bad_code(spec, row, code)]
    if spec.upper and code[: spec.upper_digits] not in known[spec.upper]:
        upper = code[: spec.upper_digits]
        return [CU0623.at(row.at("code"), row=row.number, column="code", value=upper, table=spec.upper)]
    return []


def _bad_code(spec: TableSpec, row: Row, code: str) -> Finding:
    short = code.isdigit() and len(code) < spec.digits
    kind = CU0606 if is_number(code) else CU0607 if short else CU0605
    return kind.at(row.at("code"), row=row.number, column="code", value=code[:40], form=spec.form)


def _check_columns(spec: TableSpec, row: Row, known: Mapping[str, Collection[str]]) -> list[Finding]:
    findings = []
    for name, column in spec.columns.items():
        value = row.get(name)
        if (value and not column.form.fullmatch(value)) or (not value and column.required):
            facts = {"row": row.number, "column": name, "value": value[:40], "form": column.says}
            findings.append(CU0605.at(row.at(name), **facts))
        elif value and column.refers_to and value not in known[column.refers_to]:
            findings.append(CU0623.at(row.at(name), row=row.number, column=name, value=value, table=column.refers_to))
    return findings


def _doubles(parsed: Iterable[_Parsed]) -> list[Finding]:
    """Overlaps inside the file itself."""
    by_code: dict[str, list[_Parsed]] = {}
    for one in parsed:
        by_code.setdefault(one.record.code, []).append(one)
    findings = []
    for same in by_code.values():
        same.sort(key=lambda one: one.record.valid_from or date.min)
        for earlier, later in pairwise(same):
            if _overlap(earlier.record, later.record):
                other = Text(f"第{earlier.row.number}行", f"row {earlier.row.number}")
                findings.append(_overlap_finding(later, other))
    return findings


def _overlaps(parsed: Sequence[_Parsed], kept: Iterable[Held]) -> list[Finding]:
    """Overlaps with rows that stay; a row with the same first day is replaced and does not count."""
    by_code: dict[str, list[Record]] = {}
    for one in kept:
        by_code.setdefault(one.record.code, []).append(one.record)
    replaced = {(new.record.code, new.record.valid_from) for new in parsed}
    findings = []
    for new in parsed:
        for old in by_code.get(new.record.code, ()):
            if (old.code, old.valid_from) not in replaced and _overlap(old, new.record):
                span = f"{old.valid_from or '…'} – {old.valid_to or '…'}"
                findings.append(_overlap_finding(new, Text(f"已有的{span}", f"the period {span} already held")))
    return findings


def _overlap(one: Record, other: Record) -> bool:
    starts = max(one.valid_from or date.min, other.valid_from or date.min)
    ends = min(one.valid_to or date.max, other.valid_to or date.max)
    return starts <= ends


def _overlap_finding(one: _Parsed, other: Text) -> Finding:
    return CU0622.at(one.row.at("code"), row=one.row.number, code=one.record.code, other=other)
