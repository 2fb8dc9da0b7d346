"""The code tables in memory: look-ups while a batch is checked cost no database.

One snapshot per process and state of the tables; `codes_snapshot(session)` asks once per session whether anything
was loaded since. A snapshot never changes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.reference import versions
from customs.codes.specs import MARKS
from customs.codes.tables import CodeEntry, HsRow

_PREFIX = "codes."


@dataclass(frozen=True, slots=True)
class Entry:
    """One code in one period; `start` and `end` are None where no such day is known, both are inclusive."""

    code: str
    name_zh: str
    name_en: str
    extra: Mapping[str, Any]
    start: date | None
    end: date | None
    source: str
    shipped: bool = False

    def holds(self, on: date) -> bool:
        """Whether the period covers the day."""
        return (self.start is None or self.start <= on) and (self.end is None or on <= self.end)

    def name(self, lang: str) -> str:
        """The name in `zh` or `en`; the other one where the asked one is not known."""
        return (self.name_en or self.name_zh) if lang == "en" else (self.name_zh or self.name_en)


@dataclass(frozen=True, slots=True)
class HsCode:
    """A ten-digit code on a day: names, statutory units (empty: not known), marks.

    A code known only from a list of marks (say, of dual-use goods) has marks and nothing else.
    """

    code: str
    name_zh: str = ""
    name_en: str = ""
    unit1: str = ""
    unit2: str = ""
    licence: bool = False
    export_duty: bool = False
    refund_cancelled: bool = False
    verified: bool = False
    start: date | None = None
    end: date | None = None
    source: str = ""

    def holds(self, on: date) -> bool:
        """Whether the period covers the day."""
        return (self.start is None or self.start <= on) and (self.end is None or on <= self.end)

    def name(self, lang: str) -> str:
        """The name in `zh` or `en`; the other one where the asked one is not known."""
        return (self.name_en or self.name_zh) if lang == "en" else (self.name_zh or self.name_en)


class Codes:
    """All code tables at one moment."""

    def __init__(self, version: int, entries: Iterable[tuple[str, Entry]], hs: Iterable[HsCode]) -> None:
        self.version = version
        self._tables: dict[str, dict[str, list[Entry]]] = {}
        for table, entry in entries:
            self._tables.setdefault(table, {}).setdefault(entry.code, []).append(entry)
        self._hs: dict[str, list[HsCode]] = {}
        for code in hs:
            self._hs.setdefault(code.code, []).append(code)
        marked = (code for table in MARKS for code in self._tables.get(table, ()))
        self._hs_sorted = sorted({*self._hs, *marked})
        self._alpha = {
            (table, alpha): code
            for table in ("country", "currency")
            for code, periods in self._tables.get(table, {}).items()
            for alpha in str(periods[-1].extra.get("alpha3", "")).split()
        }

    def entry(self, table: str, code: str, on: date | None = None) -> Entry | None:
        """The code on that day, or None; without a day, its newest period. Unknown tables hold no codes."""
        periods = self._tables.get(table, {}).get(code, ())
        if on is None:
            return periods[-1] if periods else None
        return next((one for one in periods if one.holds(on)), None)

    def valid(self, table: str, code: str, on: date) -> bool:
        """Whether `code` stands in `table` on that day."""
        return self.entry(table, code, on) is not None

    def name(self, table: str, code: str, lang: str, on: date | None = None) -> str:
        """The code's name in `zh` or `en`; the code itself where the table does not know it."""
        found = self.entry(table, code, on)
        return (found.name(lang) or code) if found else code

    def entries(self, table: str) -> Iterator[Entry]:
        """All periods of all codes of a table, by code and start."""
        held = self._tables.get(table, {})
        for code in sorted(held):
            yield from held[code]

    def customs_code(self, table: str, alpha3: str) -> str | None:
        """Customs' old code for an alpha-3 `country` or `currency`, or None."""
        return self._alpha.get((table, alpha3))

    def chapter_exists(self, hs2: str) -> bool:
        """Whether the first two digits are a chapter (章)."""
        return self.entry("hs_chapter", hs2) is not None

    def heading(self, hs4: str, on: date | None = None) -> Entry | None:
        """The heading (品目) of the first four digits, or None."""
        return self.entry("hs_heading", hs4, on)

    def subheading(self, hs6: str, on: date | None = None) -> Entry | None:
        """The subheading (子目) of the first six digits, or None."""
        return self.entry("hs_subheading", hs6, on)

    def hs10(self, code: str, on: date) -> HsCode | None:
        """A full code with the marks it bears on that day, or None where no table knows it then."""
        found = next((one for one in self._hs.get(code, ()) if one.holds(on)), None)
        marks = {mark for table, mark in MARKS.items() if self.valid(table, code, on)}
        if not marks:
            return found
        known = found or HsCode(code)
        return replace(
            known,
            licence=known.licence or "licence" in marks,
            export_duty=known.export_duty or "export_duty" in marks,
            refund_cancelled=known.refund_cancelled or "refund_cancelled" in marks,
        )

    def hs10_under(self, prefix: str, on: date) -> list[HsCode]:
        """All full codes known on that day that begin with `prefix`, in order."""
        found = []
        for code in self._hs_sorted[bisect_left(self._hs_sorted, prefix) :]:
            if not code.startswith(prefix):
                break
            one = self.hs10(code, on)
            if one:
                found.append(one)
        return found

    def hs_search(self, text: str, on: date, limit: int = 50) -> list[HsCode]:
        """Full codes whose digits begin with the text, or whose name in either language contains it."""
        if text.isdigit():
            return self.hs10_under(text, on)[:limit]
        wanted = text.casefold()
        found = (self.hs10(code, on) for code in self._hs_sorted)
        hits = (one for one in found if one and wanted in f"{one.name_zh} {one.name_en}".casefold())
        return [one for one, _ in zip(hits, range(limit), strict=False)]

    def counts(self) -> dict[str, int]:
        """How many codes each table holds."""
        return {table: len(held) for table, held in self._tables.items()} | {"hs": len(self._hs)}

    def hs_rows(self) -> Iterator[HsCode]:
        """All periods of all full codes, by code and start, without the marks of lists apart."""
        for code in sorted(self._hs):
            yield from self._hs[code]


class _Cache:
    """This process's newest snapshot."""

    snapshot: Codes | None = None


def codes_snapshot(session: Session) -> Codes:
    """The code tables as they stand, shared by the process until something is loaded."""
    version = max((v for name, v in versions(session).items() if name.startswith(_PREFIX)), default=0)
    held = _Cache.snapshot
    if held is None or held.version != version:
        held = _Cache.snapshot = Codes(version, _entries(session), _hs(session))
    return held


def _entries(session: Session) -> Iterator[tuple[str, Entry]]:
    query = select(
        CodeEntry.table_name,
        CodeEntry.code,
        CodeEntry.name_zh,
        CodeEntry.name_en,
        CodeEntry.extra,
        CodeEntry.valid_from,
        CodeEntry.valid_to,
        CodeEntry.source,
        CodeEntry.shipped,
    ).order_by(CodeEntry.table_name, CodeEntry.code, CodeEntry.valid_from.nulls_first())
    rows: Sequence[Any] = session.execute(query).all()
    return ((row[0], Entry(*row[1:])) for row in rows)


def _hs(session: Session) -> Iterator[HsCode]:
    query = select(
        HsRow.code,
        HsRow.name_zh,
        HsRow.name_en,
        HsRow.unit1,
        HsRow.unit2,
        HsRow.licence,
        HsRow.export_duty,
        HsRow.refund_cancelled,
        HsRow.verified,
        HsRow.valid_from,
        HsRow.valid_to,
        HsRow.source,
    ).order_by(HsRow.code, HsRow.valid_from.nulls_first())
    return (HsCode(*row) for row in session.execute(query).all())
