"""Reading code tables for people: one code with its history, a page of a table, what was loaded when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from common.findings import NotFoundError, rule
from customs.codes.loading import spec_of
from customs.codes.snapshot import Codes, Entry, HsCode
from customs.codes.specs import HS

CU0624 = rule(
    "CU0624",
    title=("没有这个代码", "No such code"),
    say=(
        "代码表“{table}”中没有代码“{code}”。请核对代码，或由管理员加载。",
        "Code table “{table}” has no code “{code}”. Check it, or have the administrator load it.",
    ),
    basis="平台代码表目录",
)
MAX_PAGE = 500


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a table in order of its codes; `next` is where to go on, None at the end."""

    items: Sequence[Entry]
    next: str | None


def code_periods(codes: Codes, table: str, code: str, on: date | None = None) -> list[Entry]:
    """All periods of a code, or the one that holds on a day; raises `NotFoundError` where there is none."""
    spec_of(table)
    found = [one for one in _rows(codes, table, code) if on is None or one.holds(on)]
    if not found:
        raise NotFoundError(CU0624.at("", table=table, code=code[:40]))
    return found


def code_page(
    codes: Codes, table: str, *, query: str = "", on: date | None = None, after: str = "", limit: int = 100
) -> Page:
    """Codes of a table after a code, those whose digits begin with the query or whose name contains it.

    A code's periods are never parted: `limit` (at most 500) counts codes.
    """
    spec_of(table)
    wanted = query.casefold()
    found = (
        one
        for one in _rows(codes, table)
        if one.code > after and (on is None or one.holds(on)) and _matches(one, wanted)
    )
    return _page(found, max(1, min(limit, MAX_PAGE)))


def _page(found: Iterator[Entry], limit: int) -> Page:
    items: list[Entry] = []
    codes: set[str] = set()
    for one in found:
        if one.code not in codes and len(codes) == limit:
            return Page(items, items[-1].code)
        codes.add(one.code)
        items.append(one)
    return Page(items, None)


def _matches(one: Entry, wanted: str) -> bool:
    return not wanted or one.code.startswith(wanted.upper()) or wanted in f"{one.name_zh} {one.name_en}".casefold()


def _rows(codes: Codes, table: str, code: str | None = None) -> Iterator[Entry]:
    rows: Iterator[Entry] = (as_entry(one) for one in codes.hs_rows()) if table == HS else codes.entries(table)

    return rows if code is None else (one for one in rows if one.code == code)


def as_entry(one: HsCode) -> Entry:
    """A full code in the shape of any other entry, its units and marks as extra columns."""
    extra: dict[str, str | bool] = {"unit1": one.unit1, "unit2": one.unit2}
    extra |= {
        "licence": one.licence,
        "export_duty": one.export_duty,
        "refund_cancelled": one.refund_cancelled,
        "verified": one.verified,
    }
    return Entry(one.code, one.name_zh, one.name_en, extra, one.start, one.end, one.source)
