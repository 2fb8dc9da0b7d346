"""What tests of relay mode share: papers of a relay office, customs' answers, the connector's pass."""

from datetime import timedelta
from decimal import Decimal
from functools import cache

from lxml import etree
from sqlalchemy import select

from common.events import Event
from credit.tables import Subject
from credit.zones import OfficeSetting, set_office
from customs.messages.reading import read_xml
from customs.messages.responses import response_xml, return_time
from customs.messages.schema import message_schema
from customs.relay import fetch, hand_over, hand_over_papers, receive, report_sent
from customs.tables import ChecklistKey, Parcel, Sale, SaleOrder, SaleOrderLine, Waybill
from tests.customs.batches import batch, firms
from tests.customs.stored import AT, ZONE, stored_checklist

CEB = "http://www.chinaport.gov.cn/ceb"
HERE = {ZONE}
LATER = AT + timedelta(hours=1)
INVT = "51902026E000000777"


def paper(known, number, **more):
    fields = {
        "message_id": 1,
        "zone_code": ZONE,
        "sender_id": known.seller.id,
        "received_at": AT,
        "app_time": AT,
        "status": "2",
        "pre_no": f"X20261124{number:09d}",
        "revision": 1,
    }
    return fields | more


def order(session, known, number, **more):
    row = SaleOrder(
        id=202611 * 10**10 + 1000 + number,
        guid=f"{number:036d}",
        order_type="E",
        order_no=f"order-{number}",
        ebp_code="无",
        ebp_name="境外平台",
        consignor_id=known.seller.id,
        ebc_code=known.seller.customs_code,
        ebc_name=known.seller.name,
        goods_value=Decimal(150),
        freight=Decimal(0),
        currency="142",
        **paper(known, number, **more),
    )
    session.add(row)
    session.add(
        SaleOrderLine(
            order_id=row.id,
            gnum=1,
            item_no="1",
            item_name="T恤",
            unit="011",
            currency="142",
            qty=Decimal(5),
            price=Decimal(30),
            total_price=Decimal(150),
        )
    )
    session.add(Sale(platform=f"none:{known.seller.id}", order_no=row.order_no, order_id=row.id))
    return row


def waybill(session, known, number):
    row = Waybill(
        id=202611 * 10**10 + 2000 + number,
        guid=f"{number:036d}",
        carrier_id=known.carrier.id,
        logistics_code=known.carrier.customs_code,
        logistics_name=known.carrier.name,
        logistics_no=f"way-{number}",
        freight=Decimal(0),
        insured_fee=Decimal(0),
        currency="142",
        gross_weight=Decimal("0.6"),
        pack_no=1,
        goods_info="T恤",
        **paper(known, number, sender_id=known.carrier.id),
    )
    session.add(row)
    session.add(Parcel(carrier_id=known.carrier.id, logistics_no=row.logistics_no, taken_at=AT, waybill_id=row.id))
    return row


def relayed(session, known, number, **changes):
    """A checklist of a relay office, complete, with its order and waybill."""
    sale, way = order(session, known, number), waybill(session, known, number)
    row = stored_checklist(
        session,
        number,
        **{
            "status": "2",
            "decides": "relay",
            "tier": "low",
            "stored_at": None,
            "ebp_code": "无",
            "order_id": sale.id,
            "waybill_id": way.id,
            "consignor_id": known.seller.id,
            "declarant_id": known.declarant.id,
            "sender_id": known.declarant.id,
            "carrier_id": known.carrier.id,
            "agent_code": known.declarant.customs_code,
            "ebc_code": known.seller.customs_code,
            "logistics_code": known.carrier.customs_code,
            "guid": f"{number:036d}",
        }
        | changes,
    )
    session.add(ChecklistKey(declarant_id=row.declarant_id, cop_no=row.cop_no, checklist_id=row.id))
    session.flush()
    return row


def response(row, status, at, *, info="[Code:2600;Desc:放行]", prefix="ceb", **elements):
    """A CEB604 as customs sends it; elements set to None are left out."""
    fields = {
        "guid": f"{status:>036}".replace(" ", "0")[:36],
        "agentCode": row.agent_code,
        "copNo": row.cop_no,
        "preNo": None,
        "invtNo": None,
        "returnStatus": status,
        "returnTime": at if isinstance(at, str) else return_time(at),
        "returnInfo": info,
    } | elements
    body = "".join(f"<{prefix}:{name}>{value}</{prefix}:{name}>" for name, value in fields.items() if value is not None)
    xml = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><{prefix}:CEB604Message xmlns:{prefix}="{CEB}" '
        f'guid="{"A" * 36}" version="1.0"><{prefix}:InventoryReturn>{body}</{prefix}:InventoryReturn>'
        f"</{prefix}:CEB604Message>"
    )
    return (xml.replace(f"{prefix}:", "").replace(f"xmlns:{prefix}", "xmlns") if not prefix else xml).encode()


def take(session, raw, at=None, zones=HERE):
    return receive(session, zones, raw, actor="account:5", at=at or LATER + timedelta(hours=12))


def moves_of(session, row):
    events = session.scalars(
        select(Event).where(Event.subject_id == row.id, Event.kind == "checklist.moved").order_by(Event.id)
    )
    return [(event.state, event.source) for event in events]


def sent(session, row):
    """Hand a checklist over and report everything sent; it stands at 3."""
    hand_over(session, [row.id], AT)
    for one in fetch(session, HERE, at=AT):
        report_sent(session, HERE, one.id, failure=None, actor="account:5", at=AT)
    session.refresh(row)
    assert row.status == "3"
    return row


def exchanged(session):
    """Registered firms, those that file with an exchange number."""
    found = firms(session)
    for number, firm in enumerate((found.seller, found.declarant, found.carrier, found.operator), 1):
        session.get(Subject, firm.id).dxp_id = f"DXPENT{number:010d}"
    return found


def relay_office(session, office="5190", *, mode="relay"):
    """Let customs' own system decide at an office."""
    set_office(session, OfficeSetting(ZONE, office, AT.date(), mode=mode, early_declaration=True), by="t", at=AT)


def filed(session, known, handler, type, *documents, sender, at=LATER):
    """Take documents in as the road does, handed over with it; gives them."""
    made = batch(session, known, type, *documents, sender=sender, at=at)
    for one in made.filed:  # lines of their own, where a paper lists more than waybills
        one.doc.lines = one.doc.extras.get("lines", one.doc.lines)
        one.doc.head["guid"] = one.head("guid").rjust(36, "0")
    handler.take(made)
    made.flush()
    hand_over_papers(session, made.outgoing, at)
    session.expire_all()
    return made.filed


def answer(type, status, at, info="海关回执", **elements):
    """One response of customs' own system as it sends it."""
    fields = {"guid": "G" * 36, "preNo": "P" * 18, "returnStatus": status, "returnInfo": info}
    return response_xml(type, [fields | {"returnTime": return_time(at)} | elements])


@cache
def schema(type):
    """The schema of a message type, as customs' exchange checks what it is sent."""
    return etree.XMLSchema(etree.fromstring(message_schema(type).encode()))


def waiting(session, at=LATER):
    """What the connector fetches, valid under the schema: type, appType and the whole document of each message."""
    rows = fetch(session, HERE, at=at)
    for row in rows:
        schema(row.kind).assertValid(etree.fromstring(row.payload))
    return [(row, document.head["appType"], document) for row in rows for document in read_xml(row.payload).documents]


def send(session, *rows, failure=None, at=LATER):
    """Report messages as sent, or not."""
    for row in rows:
        report_sent(session, HERE, row.id, failure=failure, actor="account:5", at=at)


def events_of(session, id, subject_type):
    """(kind, state, source) of a paper's events."""
    found = select(Event).where(Event.subject_id == id, Event.subject_type == subject_type).order_by(Event.id)
    return [(event.kind, event.state, event.source) for event in session.scalars(found)]
