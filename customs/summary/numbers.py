"""Numbers that are given to summaries here: sumNo (汇总申请编号) and declSeqNo (汇总统一编号), 18 characters each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.clock import china_day
from customs.messages.fields import MESSAGES

_SUM, _DECLARATION = "H", "B"
"""The letter after office and year: 汇总 (H), 报关单 (B); a checklist's number has E or I there."""


def sum_nos(session: Session, offices: Sequence[str], at: datetime) -> list[str]:
    """Fresh summary numbers of these offices, in order: office, year, letter, serial."""
    return _numbers(session, "sum_no_serial", _SUM, offices, at, MESSAGES["CEB792"].head_by_name["sumNo"].most)


def decl_seq_nos(session: Session, offices: Sequence[str], at: datetime) -> list[str]:
    """Fresh serial numbers of declarations of these offices, in order: office, year, letter, serial."""
    most = MESSAGES["CEB792"].head_by_name["declSeqNo"].most
    return _numbers(session, "decl_seq_no_serial", _DECLARATION, offices, at, most)


def _numbers(
    session: Session, sequence: str, letter: str, offices: Sequence[str], at: datetime, length: int
) -> list[str]:
    year = china_day(at).year
    serials: Iterable[int] = session.execute(
        text("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :n)"),
        {"sequence": sequence, "n": len(offices)},
    ).scalars()
    heads = [f"{office}{year}{letter}" for office in offices]
    return [f"{head}{serial:0{length - len(head)}d}" for head, serial in zip(heads, serials, strict=True)]
