"""Summary results (汇总结果单, CEB792): for each declaration, which checklist line went into which of its lines.

Written from what is stored whenever they are asked for. A long list is split over several messages that say how many
there are; each is the same bytes whenever it is read, until customs' later answer changes the declaration's state or
an amended declaration is restated.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from common.clock import china_day
from common.law.zones import zone_parameter
from common.money import plain
from customs.messages.responses import return_time
from customs.messages.writing import NewDocument, outgoing_xml
from customs.summary.merging import FIRST_STATE
from customs.tables import Declaration, DeclarationSource, SummaryApplication

TYPE = "CEB792"

_LINES = text(
    "SELECT s.line_no, s.gnum, c.invt_no, c.logistics_no, l.gcode FROM declaration_source AS s "
    "JOIN checklist AS c ON c.id = s.checklist_id "
    "JOIN declaration_line AS l ON l.declaration_id = s.declaration_id AND l.line_no = s.line_no "
    "WHERE s.declaration_id = :id AND (s.live OR :cancelled) ORDER BY s.line_no, s.checklist_id, s.gnum "
    "OFFSET :offset LIMIT :size"
)


def result_parts(session: Session, one: Declaration) -> int:
    """In how many messages the declaration's result is sent."""
    query = select(func.count()).select_from(DeclarationSource).where(DeclarationSource.declaration_id == one.id)
    lines = session.scalar(query if one.cancelled_at else query.where(DeclarationSource.live))
    size = _size(session, one)
    return max(1, -(-int(lines or 0) // size))


def result_head(application: SummaryApplication, one: Declaration, part: int, parts: int) -> dict[str, str]:
    """The head of one message of the result, element by element."""
    numbers = {"decTmpNo": one.dec_tmp_no, "decPreNo": one.dec_pre_no, "entryId": one.entry_id}
    return {
        "guid": result_guid(one.id, part),
        "customsCode": one.customs_code,
        "sumNo": application.sum_no or "",
        "opDate": return_time(one.state_at or one.made_at),
        "declSeqNo": one.decl_seq_no,
        **{element: number for element, number in numbers.items() if number},
        "decState": one.dec_state or FIRST_STATE,
        "agentCode": application.agent_code,
        "agentName": application.agent_name,
        "ebcCode": application.ebc_code,
        "ebcName": application.ebc_name,
        "declAgentCode": application.decl_agent_code,
        "declAgentName": application.decl_agent_name,
        "grossWeight": plain(one.gross_weight),
        "netWeight": plain(one.net_weight),
        "msgCount": str(parts),
        "msgSeqNo": str(part),
    }


def result_xml(session: Session, application: SummaryApplication, one: Declaration, part: int) -> bytes | None:
    """One message of the result, counted from 1; None where there is no such part."""
    parts = result_parts(session, one)
    if not 1 <= part <= parts:
        return None
    size = _size(session, one)
    rows = session.execute(
        _LINES, {"id": one.id, "cancelled": one.cancelled_at is not None, "offset": (part - 1) * size, "size": size}
    )
    lines: list[Mapping[str, str]] = [
        {
            "invtNo": row.invt_no or "",
            "logisticsNo": row.logistics_no,
            "gseqno": str(row.line_no),
            "gnum": str(row.gnum),
            "gcode": row.gcode,
        }
        for row in rows
    ]
    document = NewDocument(result_head(application, one, part, parts), lines)
    return outgoing_xml(TYPE, [document], result_guid(one.id, part + parts))


def result_guid(declaration_id: int, part: int) -> str:
    """The number of a message, or of its document: the same whenever it is read again."""
    raw = f"{declaration_id:020d}{part:012d}"
    return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"


def _size(session: Session, one: Declaration) -> int:
    return zone_parameter(session, one.zone_code, "customs.summary.result_lines", china_day(one.made_at)).integer
