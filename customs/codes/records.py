"""Rows of code tables on their way between a file and the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from common.db import copy_rows
from common.reference import LoadedBy
from customs.codes.specs import HS
from customs.codes.tables import CodeEntry, HsRow

_FLAGS = ("licence", "export_duty", "refund_cancelled", "verified")


@dataclass(frozen=True, slots=True)
class Record:
    """One code in one period as a file gives it; `values` are the table's own columns, as text."""

    code: str
    name_zh: str
    name_en: str
    valid_from: date | None
    valid_to: date | None
    source: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """A record the database holds."""

    id: int
    record: Record
    shipped: bool


def held_records(session: Session, table: str) -> list[Held]:
    """Every row of a code table, by code and start."""
    return _held_hs(session) if table == HS else _held_entries(session, table)


def known_codes(session: Session, table: str) -> frozenset[str]:
    """Every code of a table, whatever its period."""
    return frozenset(session.scalars(select(CodeEntry.code).where(CodeEntry.table_name == table).distinct()))


def remove(session: Session, table: str, ids: Collection[int]) -> None:
    """Delete rows by id."""
    if ids:
        kind = HsRow if table == HS else CodeEntry
        session.execute(delete(kind).where(kind.id.in_(ids)).execution_options(synchronize_session=False))


def insert(session: Session, table: str, records: Iterable[Record], by: LoadedBy, *, shipped: bool) -> None:
    """Append rows; one COPY."""
    columns = ("code", "name_zh", "name_en", "valid_from", "valid_to", "source", "shipped", "loaded_at", "loaded_by")
    rows = ((*_common(one), shipped, by.at, by.person, *_own(table, one)) for one in records)
    if table == HS:
        copy_rows(session, "hs_code", (*columns, "unit1", "unit2", *_FLAGS), rows)
    else:
        copy_rows(session, "code_entry", (*columns, "table_name", "extra"), rows)


def _common(one: Record) -> tuple[Any, ...]:
    return one.code, one.name_zh, one.name_en, one.valid_from, one.valid_to, one.source


def _own(table: str, one: Record) -> tuple[Any, ...]:
    if table == HS:
        flags = (one.values.get(flag) == "1" for flag in _FLAGS)
        return (one.values.get("unit1", ""), one.values.get("unit2", ""), *flags)
    return table, msgspec.json.encode({key: value for key, value in one.values.items() if value}).decode()


def _held_entries(session: Session, table: str) -> list[Held]:
    query = select(CodeEntry).where(CodeEntry.table_name == table).order_by(CodeEntry.code, CodeEntry.valid_from)
    return [
        Held(
            row.id,
            Record(row.code, row.name_zh, row.name_en, row.valid_from, row.valid_to, row.source, row.extra),
            row.shipped,
        )
        for row in session.scalars(query)
    ]


def _held_hs(session: Session) -> list[Held]:
    return [
        Held(
            row.id,
            Record(row.code, row.name_zh, row.name_en, row.valid_from, row.valid_to, row.source, _hs_values(row)),
            row.shipped,
        )
        for row in session.scalars(select(HsRow).order_by(HsRow.code, HsRow.valid_from))
    ]


def _hs_values(row: HsRow) -> dict[str, str]:
    texts = {key: text for key, text in (("unit1", row.unit1), ("unit2", row.unit2)) if text}
    return texts | {flag: "1" for flag in _FLAGS if getattr(row, flag)}
