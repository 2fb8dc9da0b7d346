"""One run of the summary over a whole month: an application for each office, firm and declaring unit."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from bench.months import Month
from common.clock import CHINA
from common.db import new_ids, transaction
from common.partitions import next_month
from customs.summary import conclude
from customs.tables import SummaryApplication

_WHO = text(
    "SELECT DISTINCT zone_code, customs_code, consignor_id, declarant_id FROM closed_line "
    "WHERE flag = 'B' AND consignor_id = ANY(CAST(:firms AS bigint[])) ORDER BY 1, 2, 3, 4"
)


def apply_for(factory: sessionmaker[Session], month: Month) -> list[int]:
    """Write the applications as intake writes them; they wait at 申报中 (2) to be concluded."""
    start = datetime.combine(month.first, time(), CHINA)
    end = datetime.combine(next_month(month.first), time(), CHINA) - timedelta(seconds=1)
    at = end + timedelta(days=2)
    with transaction(factory) as session:
        rows = session.execute(_WHO, {"firms": list(month.firms)}).all()
        ids = new_ids(session, len(rows), month.first)
        session.add_all(
            SummaryApplication(
                id=id,
                message_id=id,
                guid=f"bench-{id}",
                zone_code=row.zone_code,
                sender_id=row.declarant_id,
                received_at=at,
                app_time=at,
                status="2",
                pre_no=f"H{id}",
                revision=1,
                customs_code=row.customs_code,
                cop_no=f"S{id}",
                declarant_id=row.declarant_id,
                agent_code=f"F{row.declarant_id}",
                agent_name=f"F{row.declarant_id}",
                consignor_id=row.consignor_id,
                ebc_code=f"F{row.consignor_id}",
                ebc_name=f"F{row.consignor_id}",
                decl_agent_id=row.declarant_id,
                decl_agent_code=f"F{row.declarant_id}",
                decl_agent_name=f"F{row.declarant_id}",
                start_time=start,
                end_time=end,
                summary_flag="1",
                item_name_flag=" ",
                msg_count=1,
                origin="party",
            )
            for id, row in zip(ids, rows, strict=True)
        )
    return ids


def conclude_all(factory: sessionmaker[Session], applications: list[int], at: datetime) -> int:
    """Conclude the applications in one transaction, committed; how many declarations were made."""
    with transaction(factory) as session:
        return len(conclude(session, applications, at=at).made)
