"""Closing (结关): each line of a closed checklist gets its statistics row, once, in the transaction that closes it.

Rows are never changed. A correction takes the live row back (`sign` -1, the same figures) and writes the line as it
stands now; both keep the statistics day of the closing, and say by `recorded_at` and `ref` when and why they came.
A declaration that holds the line must have been amended by customs; it is restated in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from common.clock import china_day
from common.db import copy_rows, new_ids
from common.partitions import ensure_month
from common.rates import Rates, customs_rates
from customs.rules.shares import share_out
from customs.summary.restating import hold, restate

CLOSED, REVERSED, CORRECTED = "closed", "reversed", "corrected"

COLUMNS = (
    "id", "checklist_id", "gnum", "sign", "cause", "ref", "recorded_at", "closed_on", "zone_code", "customs_code",
    "flag", "trade_mode", "consignor_id", "declarant_id", "owner_code", "owner_name", "traf_mode", "country",
    "port_code", "destination", "gcode", "gname", "item_name", "currency", "unit", "unit1", "unit2", "qty", "qty1",
    "qty2", "amount", "value_cny", "gross_weight", "net_weight",
)  # fmt: skip
"""The columns of `closed_line`, in the order in which rows are copied in."""

_LINES = text(
    "SELECT c.id AS checklist_id, l.gnum, c.statistics_on AS closed_on, c.app_time, c.zone_code, c.customs_code, "
    "c.flag, c.trade_mode, c.consignor_id, c.declarant_id, c.owner_code, c.owner_name, c.traf_mode, c.country, "
    "c.port_code, l.country AS destination, l.gcode, l.gname, l.item_name, l.currency, l.unit, l.unit1, l.unit2, "
    "l.qty, l.qty1, l.qty2, l.total_price AS amount, c.gross_weight AS whole_gross, c.net_weight AS whole_net "
    "FROM checklist AS c JOIN checklist_line AS l ON l.checklist_id = c.id "
    "WHERE c.id = ANY(CAST(:ids AS bigint[])) ORDER BY c.id, l.gnum"
)
_LIVE = text(
    "SELECT * FROM (SELECT DISTINCT ON (gnum) *, sum(sign) OVER (PARTITION BY gnum) AS together FROM closed_line "
    "WHERE checklist_id = :id ORDER BY gnum, sign DESC, id DESC) AS newest WHERE together = 1 ORDER BY gnum"
)


def write_closed_lines(session: Session, checklist_ids: Iterable[int], at: datetime) -> int:
    """Write the statistics rows of checklists that were closed at `at`; how many lines that were.

    The checklists must stand at 899 with their statistics day, and none may have live rows (one whose closing was taken
    back may close again): `customs.moves.walk` calls this once, at the only move that closes.
    """
    return _write(session, checklist_ids, cause=CLOSED, ref=None, at=at)


def reverse_lines(session: Session, checklist_id: int, *, ref: int, at: datetime) -> int:
    """Take back the live rows of a checklist whose closing was proven wrong; how many that were.

    `ref` is the amendment that ordered it. Rows already taken back stay as they are, so a repeat does nothing. The
    checklist itself must leave 899, else the proof reports its lines as lacking. Raises `ConflictError` where the lines
    stand in a declaration that customs has not amended.
    """
    hold(session, checklist_id)
    taken_back = _take_back(session, checklist_id, ref=ref, at=at)
    restate(session, checklist_id, ref=ref, at=at)
    return taken_back


def _take_back(session: Session, checklist_id: int, *, ref: int, at: datetime) -> int:
    live: Sequence[RowMapping] = session.execute(_LIVE, {"id": checklist_id}).mappings().all()
    changed = {"sign": -1, "cause": REVERSED, "ref": ref, "recorded_at": at}
    return _copy(session, [dict(row) | changed for row in live], at)


def correct_lines(session: Session, checklist_id: int, *, ref: int, at: datetime) -> int:
    """Take back the live rows of a checklist and write its lines as they stand now; how many were written.

    `ref` is the amendment behind it. The statistics day stays the day of closing. Raises as `reverse_lines`.
    """
    hold(session, checklist_id)
    _take_back(session, checklist_id, ref=ref, at=at)
    written = _write(session, [checklist_id], cause=CORRECTED, ref=ref, at=at)
    restate(session, checklist_id, ref=ref, at=at)
    return written


def _write(session: Session, checklist_ids: Iterable[int], *, cause: str, ref: int | None, at: datetime) -> int:
    ids = sorted(set(checklist_ids))
    if not ids:
        return 0
    found: Sequence[RowMapping] = session.execute(_LINES, {"ids": ids}).mappings().all()
    fixed = {"sign": 1, "cause": cause, "ref": ref, "recorded_at": at}
    rates = customs_rates(session)
    rows = [row | fixed for row in _figured(found, rates)]
    # the lines of one consignor stand together: its summary then reads a fraction of the pages
    return _copy(session, sorted(rows, key=itemgetter("consignor_id")), at)


def _figured(found: Sequence[RowMapping], rates: Rates) -> Iterator[dict[str, Any]]:
    """The lines with their value in yuan and their shares of the checklist's weights."""
    for _, group in groupby(found, key=lambda row: row["checklist_id"]):
        lines = list(group)
        amounts = [line["amount"] for line in lines]
        gross = share_out(lines[0]["whole_gross"], amounts)
        net = share_out(lines[0]["whole_net"], amounts)
        for line, gross_weight, net_weight in zip(lines, gross, net, strict=True):
            rate = rates.rate(line["currency"], china_day(line["app_time"]))
            yield dict(line) | {
                "value_cny": _value(line["amount"], rate),
                "gross_weight": gross_weight,
                "net_weight": net_weight,
            }


def _value(amount: Decimal, rate: Decimal | None) -> Decimal | None:
    return None if rate is None else amount * rate


def _copy(session: Session, rows: list[dict[str, Any]], at: datetime) -> int:
    if not rows:
        return 0
    day = china_day(at)
    ensure_month(session, day)
    ids = new_ids(session, len(rows), day)
    for row, id in zip(rows, ids, strict=True):
        row["id"] = id
    copy_rows(session, "closed_line", COLUMNS, ([row[column] for column in COLUMNS] for row in rows))
    return len(rows)
