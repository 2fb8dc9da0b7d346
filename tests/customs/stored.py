"""A stored checklist for tests of what comes after intake."""

from datetime import date, datetime
from decimal import Decimal

from common.clock import CHINA
from customs.tables import Checklist, ChecklistLine, SaleOrder, SaleOrderLine, Waybill

AT = datetime(2026, 11, 24, 10, 0, tzinfo=CHINA)
ZONE, OTHER_ZONE = "440200", "441600"
SELLER, AGENT, STRANGER = 101, 102, 103


def stored_checklist(session, number, **changes):
    """Add a checklist of zone 440200 at document review (300) with one line; gives the row."""
    id = 202611 * 10**10 + number
    fields = {
        "id": id,
        "message_id": 1,
        "guid": f"guid-{number}",
        "zone_code": ZONE,
        "sender_id": AGENT,
        "received_at": AT,
        "app_time": AT,
        "status": "300",
        "pre_no": f"B20261124{number:09d}",
        "revision": 1,
        "customs_code": "5190",
        "ebp_code": "none",
        "ebp_name": "无",
        "order_no": f"order-{number}",
        "logistics_code": "L",
        "logistics_name": "物流",
        "logistics_no": f"way-{number}",
        "cop_no": f"cop-{number}",
        "port_code": "5190",
        "ie_date": date(2026, 11, 24),
        "flag": "A",
        "agent_code": "A",
        "agent_name": "代理",
        "ebc_code": "E",
        "ebc_name": "卖家",
        "owner_code": "NO",
        "owner_name": "卖家",
        "trade_mode": "9610",
        "traf_mode": "5",
        "country": "502",
        "pod": "502",
        "freight": Decimal(0),
        "f_currency": "142",
        "f_flag": "3",
        "insured_fee": Decimal(0),
        "i_currency": "142",
        "i_flag": "3",
        "wrap_type": "2",
        "pack_no": 1,
        "gross_weight": Decimal("0.6"),
        "net_weight": Decimal("0.5"),
        "consignor_id": SELLER,
        "declarant_id": AGENT,
        "carrier_id": 9,
        "currency": "142",
        "total_price": Decimal(150),
        "value_cny": Decimal(150),
        "tier": "medium",
        "reason_class": "papers_check",
        "stored_at": AT,
        "decides": "here",
        "waits_for": [],
        "findings": [],
    } | changes
    row = Checklist(**fields)
    session.add(row)
    session.add(
        ChecklistLine(
            checklist_id=id,
            gnum=1,
            item_no="1",
            gcode="6109100021",
            gname="T恤",
            gmodel="棉",
            bar_code="无",
            country="502",
            currency="142",
            qty=Decimal(5),
            qty1=Decimal(5),
            unit="011",
            unit1="011",
            price=Decimal(30),
            total_price=fields["total_price"],
        )
    )
    session.flush()
    return row


def order_and_waybill(session, row, at):
    """An order that agrees with the checklist and a waybill that is heavier."""
    common = {
        "message_id": 1, "zone_code": ZONE, "sender_id": SELLER, "received_at": at, "app_time": at, "status": "120",
        "pre_no": "D20261124000000001", "revision": 1,
    }  # fmt: skip
    order = SaleOrder(
        id=row.id + 10**6, guid="o", order_type="E", order_no=row.order_no, platform_id=None, ebp_code="none",
        ebp_name="无", consignor_id=SELLER, ebc_code="E", ebc_name=row.ebc_name, goods_value=Decimal(150),
        freight=Decimal(0), currency="142", **common,
    )  # fmt: skip
    line = SaleOrderLine(
        order_id=order.id, gnum=1, item_no="1", item_name="Cotton T-shirt", unit="011", currency="142",
        qty=Decimal(5), price=Decimal(30), total_price=Decimal(150),
    )  # fmt: skip
    waybill = Waybill(
        id=row.id + 2 * 10**6, guid="w", carrier_id=9, logistics_code="L", logistics_name="物流",
        logistics_no=row.logistics_no, freight=Decimal(0), insured_fee=Decimal(0), currency="142",
        gross_weight=Decimal("0.9"), pack_no=1, goods_info="T-shirts", **common,
    )  # fmt: skip
    session.add_all([order, line, waybill])
    row.order_id, row.waybill_id = order.id, waybill.id
    session.flush()
