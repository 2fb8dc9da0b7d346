"""Numbers that are given to summaries here: sumNo (汇总申请编号) and declSeqNo (汇总统一编号), 18 characters each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.clock import china_day
from customs.messages.fields import MESSAGES

_SUM, _DECLARATION = "H", "B"
"""The letter after office and year: 汇总 (H), 报关单 (B); a checklist's number has E or I there."""


def sum_no(session: Session, office: str, at: datetime) -> str:
    """A fresh summary number of an office: office, year, letter, serial."""
    return _numbers(session, "sum_no_serial", _SUM, office, 1, at, MESSAGES["CEB792"].head_by_name["sumNo"].most)[0]


def decl_seq_nos(session: Session, office: str, count: int, at: datetime) -> list[str]:
    """Fresh serial numbers of an office's declarations, in order: office, year, letter, serial."""
    most = MESSAGES["CEB792"].head_by_name["declSeqNo"].most
    return _numbers(session, "decl_seq_no_serial", _DECLARATION, office, count, at, most)


def _numbers(
    session: Session, sequence: str, letter: str, office: str, count: int, at: datetime, length: int
) -> list[str]:
    serials: Iterable[int] = session.execute(
        text("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :count)"),
        {"sequence": sequence, "count": count},
    ).scalars()
    head = f"{office}{china_day(at).year}{letter}"
    return [f"{head}{serial:0{length - len(head)}d}" for serial in serials]
