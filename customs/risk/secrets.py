"""The secrets of the day behind the random draws."""

from __future__ import annotations

import secrets as random_source
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from common.clock import china_day
from common.findings import NotAllowedError, NotFoundError, rule
from customs.tables import DailySecret

_BYTES = 32

CU3041 = rule(
    "CU3041",
    title=("当日密钥尚不公开", "The day is not over"),
    say=(
        "{day}尚未结束，当日随机抽取密钥不能查看。请在次日再查。",
        "The secret of {day} can be read once that day has ended; ask again the next day.",
    ),
    basis="平台随机抽取规则",
)
CU3042 = rule(
    "CU3042",
    title=("当日没有随机抽取", "No draw on that day"),
    say=("{day}没有随机抽取，因而没有密钥。", "Nothing was drawn on {day}, so there is no secret."),
    basis="平台随机抽取规则",
)


def secrets_of(session: Session, days: Collection[date], at: datetime) -> dict[date, bytes]:
    """The secrets of the days, made where they are first needed; one of two makers wins, both use its secret."""
    wanted = set(days)
    found = _read(session, wanted)
    missing = sorted(wanted - found.keys())
    if missing:
        rows = [{"day": day, "secret": random_source.token_bytes(_BYTES), "created_at": at} for day in missing]
        session.execute(insert(DailySecret).values(rows).on_conflict_do_nothing())
        found = _read(session, wanted)
    return found


def _read(session: Session, days: set[date]) -> dict[date, bytes]:
    rows = session.execute(select(DailySecret.day, DailySecret.secret).where(DailySecret.day.in_(days)))
    return {day: secret for day, secret in rows}


def revealed_secret(session: Session, day: date, at: datetime) -> bytes:
    """The secret of a day that has ended, for the auditor.

    Raises `NotAllowedError` while the day lasts and `NotFoundError` where nothing was drawn.
    """
    if day >= china_day(at):
        raise NotAllowedError(CU3041.at("/day", day=day.isoformat()))
    found = session.get(DailySecret, day)
    if found is None:
        raise NotFoundError(CU3042.at("/day", day=day.isoformat()))
    return found.secret
