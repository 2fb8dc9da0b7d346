"""What the decisions rest on besides the facts: the law, the working-day calendar, the code tables, the zones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.what_if.fields import Knows
from common.law import Law, law
from common.workdays import WorkCalendar
from common.workdays_loading import work_calendar
from credit.zones import all_zones
from customs.codes import Codes, codes_snapshot

LETTERS = {"country": ("alpha3", "alpha2"), "currency": ("alpha3",)}
"""Tables whose codes may also be given in letters, and the columns that hold them."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The law, the official working days, and whether a code table holds a code.

    The calendar is a function, so that only a decision that counts working days reads it.
    """

    law: Law
    calendar: Callable[[], WorkCalendar]
    knows: Knows


def sources(session: Session) -> Sources:
    """The sources as this session sees them."""
    return Sources(law(), lambda: work_calendar(session), known_codes(session))


def known_codes(session: Session) -> Knows:
    """Whether a code stands in a code table, among the zones (`zone`) or the customs districts (`district`)."""
    tables: dict[str, frozenset[str]] = {}

    def knows(table: str, code: str) -> bool:
        if table not in tables:
            tables[table] = _held(session, table)
        return code in tables[table]

    return knows


def _held(session: Session, table: str) -> frozenset[str]:
    if table == "zone":
        return frozenset(one.code for one in all_zones(session))
    if table == "district":
        return districts(law())
    return table_codes(codes_snapshot(session), table)


def districts(book: Law) -> frozenset[str]:
    """First two digits of every customs district."""
    parameter = book.parameter("customs.districts")
    return frozenset(code for value in parameter.values for code in value.codes) if parameter else frozenset()


def table_codes(codes: Codes, table: str) -> frozenset[str]:
    """All codes of a table, in digits and in letters."""
    found: set[str] = set()
    for one in codes.entries(table):
        found.add(one.code)
        for column in LETTERS.get(table, ()):
            found.update(str(one.extra.get(column) or "").split())
    return frozenset(found)
