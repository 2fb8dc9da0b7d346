"""Closed lines, applications and extra facts for tests of what comes after closing."""

from datetime import date, datetime
from decimal import Decimal

from common.clock import CHINA
from common.db import copy_rows
from customs.closing import COLUMNS
from customs.tables import SummaryApplication, SummaryApplicationPart

AT = datetime(2026, 9, 2, 10, 0, tzinfo=CHINA)
MONTH = 202608 * 10**10
SELLER, AGENT = 101, 102
LINE = {
    "gnum": 1,
    "sign": 1,
    "cause": "closed",
    "ref": None,
    "recorded_at": datetime(2026, 8, 5, 12, 0, tzinfo=CHINA),
    "closed_on": date(2026, 8, 5),
    "zone_code": "440200",
    "customs_code": "5190",
    "flag": "B",
    "trade_mode": "9610",
    "consignor_id": SELLER,
    "declarant_id": AGENT,
    "owner_code": "440296M001",
    "owner_name": "生产厂",
    "traf_mode": "5",
    "country": "502",
    "port_code": "5190",
    "destination": "502",
    "gcode": "6109100021",
    "gname": "棉制T恤",
    "item_name": "T恤",
    "currency": "142",
    "unit": "011",
    "unit1": "011",
    "unit2": "035",
    "qty": Decimal(2),
    "qty1": Decimal(2),
    "qty2": Decimal("0.4"),
    "amount": Decimal(31),
    "value_cny": Decimal(31),
    "gross_weight": Decimal("0.5"),
    "net_weight": Decimal("0.4"),
}


def close_lines(session, rows):
    """Write closed lines; each names its checklist (a small number) and what differs from an ordinary line."""
    full = []
    for serial, row in enumerate(rows, 1):
        checklist = MONTH + row.pop("checklist")
        full.append(LINE | {"id": MONTH + serial, "checklist_id": checklist} | row)
    copy_rows(session, "closed_line", COLUMNS, [[row[column] for column in COLUMNS] for row in full])
    return full


def application(session, number, **changes):
    """Add an application over the whole of August 2026 (or the numbers given as `invt_nos`); gives the row."""
    invt_nos = changes.pop("invt_nos", None)
    fields = {
        "id": 202609 * 10**10 + number,
        "message_id": 1,
        "guid": f"guid-{number}",
        "zone_code": "440200",
        "sender_id": AGENT,
        "received_at": AT,
        "app_time": AT,
        "status": "2",
        "pre_no": f"H20260902{number:09d}",
        "revision": 1,
        "customs_code": "5190",
        "cop_no": f"sum-{number}",
        "declarant_id": AGENT,
        "agent_code": "440296M102",
        "agent_name": "代理",
        "consignor_id": SELLER,
        "ebc_code": "440296M101",
        "ebc_name": "卖家",
        "decl_agent_id": AGENT,
        "decl_agent_code": "440296M102",
        "decl_agent_name": "代理",
        "start_time": None if invt_nos else datetime(2026, 8, 1, tzinfo=CHINA),
        "end_time": None if invt_nos else datetime(2026, 8, 31, 23, 59, 59, tzinfo=CHINA),
        "summary_flag": "1",
        "item_name_flag": " ",
        "msg_count": 1,
        "origin": "party",
    } | changes
    row = SummaryApplication(**fields)
    session.add(row)
    if invt_nos:
        part = {"application_id": row.id, "msg_seq_no": 1, "message_id": 1, "received_at": AT, "invt_nos": invt_nos}
        session.add(SummaryApplicationPart(**part))
    session.flush()
    return row
