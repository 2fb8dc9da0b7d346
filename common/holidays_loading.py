"""Loading the official calendar of a year: columns `day`, `kind`, and if wanted `year`, `name_zh`, `name_en`, `source`.

The arrangement of a year is one document, so a file replaces the years it names as wholes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from common.csv_files import CU0605, CU0610, Row, check_source, digest, read_rows, refuse
from common.db import copy_rows, lock_keys
from common.findings import Finding, Text, rule
from common.holidays import HOLIDAY, NAME, WORKDAY, CalendarDay
from common.reference import LoadedBy, LoadResult, record_load

_BASIS = "国务院办公厅年度节假日安排通知"

CU0640 = rule(
    "CU0640",
    title=("日期重复", "A day stands twice"),
    say=(
        "第{row}行：{day}与第{other}行重复。请只保留一行。",
        "Row {row}: {day} stands in row {other} already. Keep one.",
    ),
    basis=_BASIS,
)
CU0641 = rule(
    "CU0641",
    title=("调休上班日须是周六或周日", "Only a weekend day is made up"),
    say=(
        "第{row}行：{day}本来就是工作日，不用登记为上班。请核对日期。",
        "Row {row}: {day} is a working day anyway and needs no row. Check the day.",
    ),
    basis=_BASIS,
)
CU0642 = rule(
    "CU0642",
    title=("年度安排不完整", "The year's arrangement is not complete"),
    say=(
        "{year}年的安排缺少{missing}。请上传该年度的完整安排。",
        "The arrangement of {year} lacks {missing}. Load the whole arrangement of the year.",
    ),
    basis=_BASIS,
)

_KINDS = {HOLIDAY: HOLIDAY, WORKDAY: WORKDAY, "休": HOLIDAY, "班": WORKDAY}
_FIXED = ((1, 1), (5, 1), (10, 1))
"""New Year's Day, Labour Day and National Day are days off in every year's arrangement."""


@dataclass(frozen=True, slots=True)
class _Day:
    """One day of a file."""

    day: date
    kind: str
    year: int
    name_zh: str
    name_en: str
    source: str


def load_calendar(session: Session, raw: bytes, *, source: str, person: str, at: datetime) -> LoadResult:
    """Load the arrangement of one year or several, all or nothing; raises `DomainError` with every row's findings.

    Each day is `holiday` (休) or, for a Saturday or Sunday on which work is made up, `workday` (班). `year` is the
    year whose arrangement it is, where that is not the day's own.
    """
    check_source(source)
    lock_keys(session, [NAME])
    days = _parse(raw, source)
    by = LoadedBy(source, digest(raw), person, at)
    years = {one.year for one in days}
    query = select(CalendarDay).where(CalendarDay.year.in_(years) | CalendarDay.day.in_({one.day for one in days}))
    held = {row.day: _as_day(row) for row in session.scalars(query)}
    result = _count(held, days)
    if result.added or result.changed or result.removed:
        _replace(session, held, days, by)
    record_load(session, NAME, by, result)
    return result


def _count(held: dict[date, _Day], days: Sequence[_Day]) -> LoadResult:
    same = sum(held.get(one.day) == one for one in days)
    known = sum(one.day in held for one in days)
    return LoadResult(added=len(days) - known, changed=known - same, removed=len(held) - known, same=same)


def _replace(session: Session, held: Collection[date], days: Sequence[_Day], by: LoadedBy) -> None:
    if held:
        session.execute(
            delete(CalendarDay).where(CalendarDay.day.in_(held)).execution_options(synchronize_session=False)
        )
        session.expire_all()
    rows = ((d.day, d.kind, d.year, d.name_zh, d.name_en, d.source, by.at, by.person) for d in days)
    columns = ("day", "kind", "year", "name_zh", "name_en", "source", "loaded_at", "loaded_by")
    copy_rows(session, "calendar_day", columns, rows)


def _as_day(row: CalendarDay) -> _Day:
    return _Day(row.day, row.kind, row.year, row.name_zh, row.name_en, row.source)


def _parse(raw: bytes, source: str) -> list[_Day]:
    rows, findings = read_rows(raw, ["day", "kind"], ["year", "name_zh", "name_en", "source"])
    first: dict[date, int] = {}
    days = []
    for row in rows:
        one = _day(row, source, findings)
        if one is None:
            continue
        if one.day in first:
            findings.append(CU0640.at(row.at("day"), row=row.number, day=one.day, other=first[one.day]))
        if one.kind == WORKDAY and one.day.weekday() < 5:
            findings.append(CU0641.at(row.at("day"), row=row.number, day=one.day))
        first.setdefault(one.day, row.number)
        days.append(one)
    refuse(findings or _missing(days))
    return days


def _day(row: Row, source: str, findings: list[Finding]) -> _Day | None:
    before = len(findings)
    day = row.day("day", findings)
    kind = _KINDS.get(row.get("kind"))
    year = row.get("year") or str(day.year if day else "")
    stated = row.get("source") or source
    if not row.get("day"):
        _misfit(row, "day", Text("年-月-日，例如2027-01-01", "a day, such as 2027-01-01"), findings)
    if kind is None:
        _misfit(row, "kind", Text("holiday（休）或workday（班）", "holiday or workday"), findings)
    if day and not (year.isascii() and year.isdecimal() and abs(int(year[:6]) - day.year) <= 1):
        _misfit(row, "year", Text("该安排的年份", "the year whose arrangement it is"), findings)
    if not stated:
        findings.append(CU0610.at(row.at("source"), row=row.number))
    for column in ("name_zh", "name_en"):
        if len(row.get(column)) > 60:
            _misfit(row, column, Text("不超过60字", "at most 60 characters"), findings)
    if len(findings) > before or day is None or kind is None:
        return None
    return _Day(day, kind, int(year), row.get("name_zh"), row.get("name_en"), stated)


def _missing(days: Sequence[_Day]) -> list[Finding]:
    off = {one.day for one in days if one.kind == HOLIDAY}
    findings = []
    for year in sorted({one.year for one in days}):
        lacking = [day.isoformat() for month, number in _FIXED if (day := date(year, month, number)) not in off]
        if lacking:
            findings.append(CU0642.at("", year=year, missing=", ".join(lacking)))
    return findings


def _misfit(row: Row, column: str, form: Text, findings: list[Finding]) -> None:
    value = row.get(column)[:40]
    findings.append(CU0605.at(row.at(column), row=row.number, column=column, value=value, form=form))
