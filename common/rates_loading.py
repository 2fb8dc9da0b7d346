"""Loading exchange rates from a CSV file: columns `currency`, `period`, `rate`, and if wanted `per` and `source`.

`per` says for how many units of the currency the rate is quoted (official tables quote 100 yen). A file adds and
corrects rates by currency and period; what it does not name stays. A real rate takes a sample's place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pycountry
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from common.csv_files import CU0605, CU0610, Row, check_source, digest, read_rows, refuse
from common.currencies import alpha
from common.db import copy_rows, lock_keys
from common.findings import DomainError, Finding, NotFoundError, Text, rule
from common.money import parse_decimal
from common.rates import BASE, RATE_TABLES, AnyRate, RateKind, load_name
from common.reference import LoadedBy, LoadResult, record_load

_BASIS = "平台汇率表约定：计征汇率、折算率、中间价分表保存"

CU0630 = rule(
    "CU0630",
    title=("没有这种汇率", "No such kind of rate"),
    say=(
        "没有汇率种类“{kind}”。请用customs（计征汇率）、safe（各种货币对美元折算率）或tax（人民币汇率中间价）。",
        "There is no kind of rate “{kind}”. Use customs (customs exchange rate), safe (SAFE conversion rate) "
        "or tax (central parity rate).",
    ),
    basis=_BASIS,
)
CU0631 = rule(
    "CU0631",
    title=("币制不符", "The currency does not fit"),
    say=(
        "第{row}行：“{currency}”不能有这种汇率。请填写3位货币代码，{base}自身不填。",
        "Row {row}: “{currency}” cannot have a rate of this kind. Enter a three-letter code other than {base}.",
    ),
    basis=_BASIS,
)
CU0632 = rule(
    "CU0632",
    title=("同一期间有两个汇率", "Two rates for one period"),
    say=(
        "第{row}行：{currency}在{period}的汇率与第{other}行重复。请只保留一行。",
        "Row {row}: the rate of {currency} for {period} stands in row {other} already. Keep one of them.",
    ),
    basis=_BASIS,
)
CU0633 = rule(
    "CU0633",
    title=("样例汇率只能用于演示", "Sample rates are for the demo only"),
    say=(
        "样例汇率只能在演示环境加载。请加载官方公布的汇率，并注明来源。",
        "Sample rates can be loaded in the demo only. Load the published rates and name their source.",
    ),
    basis=_BASIS,
)

_PERIODS = {
    RateKind.CUSTOMS: Text("年-月，例如2026-01", "a month, such as 2026-01"),
    RateKind.SAFE: Text("年-月，例如2026-01", "a month, such as 2026-01"),
    RateKind.TAX: Text("年-月-日，例如2026-01-02", "a day, such as 2026-01-02"),
}
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PER = {"": Decimal(1), "1": Decimal(1), "100": Decimal(100), "1000": Decimal(1000), "10000": Decimal(10000)}
_LARGEST, _SMALLEST = Decimal(10) ** 8, Decimal(10) ** -10


@dataclass(frozen=True, slots=True)
class _New:
    """A rate as the file gives it, for one unit of the currency."""

    row: int
    rate: Decimal
    source: str


def rate_kind(name: str) -> RateKind:
    """The kind of that name; raises `NotFoundError` for any other."""
    try:
        return RateKind(name)
    except ValueError as error:
        raise NotFoundError(CU0630.at("", kind=name[:40])) from error


def load_rates(
    session: Session,
    kind: RateKind,
    raw: bytes,
    *,
    source: str,
    person: str,
    at: datetime,
    sample: bool = False,
    demo: bool = False,
) -> LoadResult:
    """Load a file of rates of one kind, all of it or nothing; loading it again changes nothing.

    `source` names the publication for rows that do not name their own. `sample` marks the rates as made up, which is
    refused unless `demo`. Raises `DomainError` with the findings of every row.
    """
    if sample and not demo:
        raise DomainError(CU0633.at(""))
    check_source(source)
    lock_keys(session, [load_name(kind)])
    new = _parse(kind, raw, source)
    by = LoadedBy(source, digest(raw), person, at)
    result = _apply(session, kind, new, by, sample)
    record_load(session, load_name(kind), by, result)
    return result


def _apply(
    session: Session, kind: RateKind, new: Mapping[tuple[str, date], _New], by: LoadedBy, sample: bool
) -> LoadResult:
    table = RATE_TABLES[kind]
    query = select(table).where(table.period.in_({period for _, period in new}))
    rows: Iterable[AnyRate] = session.scalars(query)
    held = {(one.currency, one.period): one for one in rows}
    fresh = {
        key: one
        for key, one in new.items()
        if not (old := held.get(key)) or (old.rate, old.source, old.is_sample) != (one.rate, one.source, sample)
    }
    changed = [held[key].id for key in fresh if key in held]
    if changed:
        session.execute(delete(table).where(table.id.in_(changed)).execution_options(synchronize_session=False))
        session.expire_all()
    columns = ("currency", "period", "rate", "source", "is_sample", "loaded_at", "loaded_by")
    written = ((*key, one.rate, one.source, sample, by.at, by.person) for key, one in fresh.items())
    copy_rows(session, table.__tablename__, columns, written)
    return LoadResult(added=len(fresh) - len(changed), changed=len(changed), same=len(new) - len(fresh))


def _parse(kind: RateKind, raw: bytes, source: str) -> dict[tuple[str, date], _New]:
    rows, findings = read_rows(raw, ["currency", "period", "rate"], ["per", "source"])
    new: dict[tuple[str, date], _New] = {}
    for row in rows:
        found: list[Finding] = []
        currency, period, rate = _currency(kind, row, found), _period(kind, row, found), _rate(row, found)
        stated = row.get("source") or source
        if not stated:
            found.append(CU0610.at(row.at("source"), row=row.number))
        if currency and period and (double := new.get((currency, period))):
            facts = {"currency": currency, "period": row.get("period"), "other": double.row}
            found.append(CU0632.at(row.at("currency"), row=row.number, **facts))
        elif currency and period and rate:
            new[currency, period] = _New(row.number, rate, stated)
        findings += found
    refuse(findings)
    return new


def _currency(kind: RateKind, row: Row, findings: list[Finding]) -> str | None:
    code = alpha(row.get("currency"))
    if code != BASE[kind] and pycountry.currencies.get(alpha_3=code):
        return code
    findings.append(CU0631.at(row.at("currency"), row=row.number, currency=row.get("currency")[:40], base=BASE[kind]))
    return None


def _period(kind: RateKind, row: Row, findings: list[Finding]) -> date | None:
    written = row.get("period")
    by_day = kind is RateKind.TAX
    try:
        if (_DAY if by_day else _MONTH).fullmatch(written):
            return date.fromisoformat(written if by_day else f"{written}-01")
    except ValueError:
        pass
    _misfit(row, "period", _PERIODS[kind], findings)
    return None


def _rate(row: Row, findings: list[Finding]) -> Decimal | None:
    per = _PER.get(row.get("per"))
    if per is None:
        _misfit(row, "per", Text("1、100、1000或10000", "1, 100, 1000 or 10000"), findings)
        return None
    quoted = parse_decimal(row.get("rate"))
    rate = quoted / per if quoted is not None else None
    if rate is None or not _SMALLEST <= rate < _LARGEST or rate != round(rate, 10):
        _misfit(
            row, "rate", Text("大于0的数，小数点后不超过10位", "a number above 0 with at most ten decimals"), findings
        )
        return None
    return rate


def _misfit(row: Row, column: str, form: Text, findings: list[Finding]) -> None:
    value = row.get(column)[:40]
    findings.append(CU0605.at(row.at(column), row=row.number, column=column, value=value, form=form))
