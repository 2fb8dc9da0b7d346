"""The summary of a whole month on the road: one CEB701 for each office and firm, worked on by the product's workers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing import get_context

from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from app.supervise.programs import WORKERS
from bench.firms import Firm
from bench.months import Month
from common.db import make_engine, session_factory, transaction
from common.partitions import next_month
from customs.intake.inbox import JSON, PROCESSED, Incoming, receive
from customs.intake.process import process_message
from customs.tables import Message

_STAMP = "%Y%m%d%H%M%S"
_OFFICES = text(
    "SELECT DISTINCT consignor_id, customs_code FROM closed_line "
    "WHERE flag = 'B' AND consignor_id = ANY(CAST(:firms AS bigint[])) ORDER BY 1, 2"
)


def apply_for(factory: sessionmaker[Session], month: Month, at: datetime) -> list[int]:
    """Send the applications into the inbox, committed; their messages' ids."""
    firms = {firm.consignor.id: firm for firm in month.firms}
    with transaction(factory) as session:
        rows = session.execute(_OFFICES, {"firms": sorted(firms)}).all()
        return [_send(session, firms[row.consignor_id], row.customs_code, month, at) for row in rows]


def _send(session: Session, firm: Firm, office: str, month: Month, at: datetime) -> int:
    last = next_month(month.first) - timedelta(days=1)
    head = {
        "appType": "1", "appTime": at.strftime(_STAMP), "appStatus": "2", "customsCode": office,
        "copNo": f"S{firm.consignor.id}-{office}", "agentCode": firm.declarant.code, "agentName": firm.declarant.name,
        "ebcCode": firm.consignor.code, "ebcName": firm.consignor.name, "declAgentCode": firm.declarant.code,
        "declAgentName": firm.declarant.name, "startTime": f"{month.first:%Y%m%d}000000",
        "endTime": f"{last:%Y%m%d}235959", "summaryFlag": "1", "itemNameFlag": " ", "msgCount": "1", "msgSeqNo": "1",
    }  # fmt: skip
    raw = json.dumps({"type": "CEB701", "documents": [{"head": head}]}, ensure_ascii=False).encode()
    return receive(session, Incoming(raw, JSON, firm.declarant.id, 0, firm.zone_code), at).id


def refused(factory: sessionmaker[Session], messages: Sequence[int]) -> list[str]:
    """What of the messages was not taken in."""
    with factory() as session:
        rows = session.scalars(select(Message).where(Message.id.in_(messages)).order_by(Message.id)).all()
    return [
        f"message {one.id} is {one.state}: {str(one.documents or one.envelope)[:300]}"
        for one in rows
        if (one.state, one.accepted) != (PROCESSED, 1)
    ]


class Workers:
    """As many processes as the product has workers, each with a connection of its own."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def work(self, messages: Sequence[int], at: datetime) -> None:
        """Process messages as they come free; raises what a worker raised."""
        list(self._pool.map(_work, messages, [at] * len(messages)))


@contextmanager
def workers(url: str) -> Iterator[Workers]:
    """The workers, ready: every process has its modules loaded, and its connection open."""
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"), initializer=_begin, initargs=(url,)) as pool:
        list(pool.map(_ready, range(WORKERS * 8)))
        yield Workers(pool)


_factory: list[sessionmaker[Session]] = []


def _begin(url: str) -> None:
    _factory.append(session_factory(make_engine(url, pool_size=1, max_overflow=1)))


def _ready(_: int) -> None:
    with transaction(_factory[0]) as session:
        session.execute(text("SELECT pg_sleep(0.2)"))


def _work(message: int, at: datetime) -> None:
    process_message(_factory[0], message, at)
